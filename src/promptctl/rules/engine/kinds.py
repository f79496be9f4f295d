"""Which files of a tree are prompts, judges and golden sets, by the configuration's entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptctl.model.config import Config
from promptctl.text.golden import SUFFIXES as GOLDEN_SUFFIXES
from promptctl.text.paths import matching
from promptctl.text.project import CONFIG_FILE, PROMPT_SUFFIXES

ORDER = ("prompt", "judge", "golden")


def kinds(paths: Sequence[str], config: Config) -> Mapping[str, str]:
    """The files to lint, and what each is: "prompt", "judge" or "golden", in that order.

    Of the entries that mean a file, the longest decides, as it does for every other command.
    """
    claims: dict[str, tuple[int, str]] = {}
    entries_of = (
        ("prompt", config.prompts, PROMPT_SUFFIXES),
        ("golden", config.golden, GOLDEN_SUFFIXES),
        ("judge", config.judges, PROMPT_SUFFIXES),
    )
    for kind, entries, suffixes in entries_of:
        for entry in entries:
            claim = (len(entry.strip("./")), kind)
            for path in matching(entry, paths, suffixes):
                if path != CONFIG_FILE and (path not in claims or claim[0] > claims[path][0]):
                    claims[path] = claim
    return {path: claims[path][1] for kind in ORDER for path in sorted(claims) if claims[path][1] == kind}
