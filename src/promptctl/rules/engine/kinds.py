"""Which files of a tree are prompts, judges and golden sets, by the configuration's entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from promptctl.model.config import Config
from promptctl.rules.engine.settings import matches

_YAML = frozenset({".yaml", ".yml"})
_TABLES = frozenset({".jsonl", ".csv"})


def kinds(paths: Sequence[str], config: Config) -> Mapping[str, str]:
    """The files to lint, and what each is: "prompt", "judge" or "golden". Prompts come first, golden sets last.

    An entry of the configuration is a file, a folder or a glob. Of a file named by several, the judge entry wins, then
    the golden one, as the narrower.
    """
    found: dict[str, str] = {}
    for kind, entries, suffixes in (
        ("prompt", config.prompts, _YAML),
        ("golden", config.golden, _YAML | _TABLES),
        ("judge", config.judges, _YAML),
    ):
        for path in paths:
            suffix = PurePosixPath(path).suffix.lower()
            if (suffix in suffixes and any(matches(entry, path) for entry in entries)) or path in entries:
                found[path] = kind
    order = ("prompt", "judge", "golden")
    return {path: kind for wanted in order for path, kind in found.items() if kind == wanted}
