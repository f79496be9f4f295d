"""Which files of a tree lint looks at, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptctl.model.config import Config
from promptctl.text.paths import sort_files

ORDER = ("prompt", "judge", "golden")


def kinds(paths: Sequence[str], config: Config) -> Mapping[str, str]:
    """The files to lint, and what each is: "prompt", "judge" or "golden", in that order."""
    found = sort_files(config, paths).kinds
    return {path: what for kind in ORDER for path, what in found.items() if what == kind}
