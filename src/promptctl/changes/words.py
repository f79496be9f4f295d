"""Two texts, compared word by word: lines are aligned first, then the words inside of those that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, GONE, NEW = "=", "-", "+"
MOST_PAIRS = 4_000_000
"""Words of one side times words of the other in one place that differs; beyond, the place is shown as replaced."""

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. kind: "=" in both, "-" only before, "+" only after."""

    kind: str
    text: str


def word_changes(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces that make up both texts: joined without "+" they are `before`, without "-" they are `after`."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left, right = "".join(old[a:b]), "".join(new[c:d])
        pieces += [Piece(SAME, left)] if tag == "equal" else _inside(left, right)
    return _joined(pieces)


def _inside(before: str, after: str) -> Iterator[Piece]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) * len(new) > MOST_PAIRS:
        yield from (Piece(GONE, before), Piece(NEW, after))
        return
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece(SAME, "".join(old[a:b]))
        else:
            yield from (Piece(GONE, "".join(old[a:b])), Piece(NEW, "".join(new[c:d])))


def _joined(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Without empty pieces, neighbours of a kind as one, and of a place that differs first what is gone."""
    out: list[Piece] = []
    waiting = {GONE: "", NEW: ""}
    for one in (*pieces, None):
        if one is not None and not one.text:
            continue
        if one is not None and one.kind in waiting:
            waiting[one.kind] += one.text
            continue
        out += [Piece(kind, text) for kind, text in waiting.items() if text]
        waiting = {GONE: "", NEW: ""}
        if one is not None and out and out[-1].kind == SAME:
            out[-1] = Piece(SAME, out[-1].text + one.text)
        elif one is not None:
            out.append(one)
    return tuple(out)
