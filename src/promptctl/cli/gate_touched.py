"""Which changed files a prompt may depend on at all: the fast way to know that nothing is affected."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from promptctl.adapters.sides import Sides
from promptctl.model.config import Config
from promptctl.model.errors import InputError
from promptctl.text.paths import sort_files
from promptctl.text.project import CONFIG_FILE

_MOST_WORDS = 200


def touched_paths(sides: Sides, configs: Sequence[Config]) -> frozenset[str]:
    """The changed paths that a prompt, a golden set or a judge may depend on; empty where nothing can be affected.

    Beside the project's own files only those count that some file mentions by name. What is only recorded is evidence,
    not a cause.
    """
    recordings = {config.recordings.strip("/") for config in configs}
    changed = {path for path in sides.changed if not any(path.startswith(f"{folder}/") for folder in recordings)}
    own = {CONFIG_FILE}
    for config in configs:
        own |= set(sort_files(config, sorted(changed)).kinds)
    others = changed - own
    if len(others) > _MOST_WORDS:
        return frozenset(changed)
    texts = _mentions(sides, others, changed) if others else {}
    return frozenset((changed & own) | {path for path in others if _mentioned(path, texts)})


def _word(path: str) -> str:
    """How another file would mention this one: by its name, a Python module without its ending."""
    name = path.rpartition("/")[2]
    return name.removesuffix(".py") or name


def _mentions(sides: Sides, others: Collection[str], changed: Collection[str]) -> Mapping[str, bytes]:
    """The texts in which a changed file may be mentioned: lines of unchanged files, and changed ones whole, by path."""
    words = sorted({_word(path) for path in others if _plain(_word(path))})
    found: dict[str, bytes] = {}
    for path, line in sides.lines(words, ()):
        if not path.lower().endswith(".md"):
            found[path] = found.get(path, b"") + line.encode() + b"\n"
    for path in changed:
        for tree in (sides.base, sides.head):
            with suppress(InputError):
                found[path] = found.get(path, b"") + tree.read(path).data
    return found


def _plain(word: str) -> bool:
    """Whether a word is spelled the same in every file: others may be escaped, and count as mentioned."""
    return word.isascii() and word.isprintable()


def _mentioned(path: str, texts: Mapping[str, bytes]) -> bool:
    word = _word(path)
    whole_word = re.compile(rb"(?<!\w)" + re.escape(word.encode()) + rb"(?!\w)")
    return not _plain(word) or any(whole_word.search(text) for other, text in texts.items() if other != path)
