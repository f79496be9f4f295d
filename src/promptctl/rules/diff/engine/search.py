"""Finding words in files without reading them: the search is handed in, and where to search follows from the configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from promptctl.model.config import Config

Lines = Callable[[Sequence[str], Sequence[str]], Iterable[tuple[str, str]]]
"""(words, folders) to (path, line) for every line of an unchanged file in which one of the words is."""

_GLOB = frozenset("*?[")


def folders_of(config: Config) -> tuple[str, ...]:
    """The folders and files that hold prompts, judges and golden sets; "" for the root."""
    return tuple(dict.fromkeys(_fixed(entry) for entry in (*config.prompts, *config.judges, *config.golden)))


def prompt_folders(config: Config) -> tuple[str, ...]:
    """The folders and files that hold prompts."""
    return tuple(dict.fromkeys(_fixed(entry) for entry in config.prompts))


def _fixed(entry: str) -> str:
    parts = []
    for part in entry.strip("/").removeprefix("./").split("/"):
        if _GLOB & set(part):
            break
        parts.append(part)
    found = "/".join(parts)
    return "" if found == "." else found
