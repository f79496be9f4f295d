"""A word diff as lines: `-` and `+` lines as everybody reads them, with the words that differ marked inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from promptctl.changes.words import GONE, NEW, SAME, Piece

MARKS = {GONE: ("[-", "-]"), NEW: ("{+", "+}")}
CONTEXT = 1
"""Lines shown around a place that differs."""
KEPT = 60
"""Characters of an unchanged stretch of a line that are kept beside what differs."""


def diff_lines(pieces: Sequence[Piece]) -> Iterator[str]:
    """The lines of a diff in the style of `git diff`: each begins with "-", "+", "@" or a space."""
    old, new = _lines(pieces, GONE), _lines(pieces, NEW)
    plain = [[line for line, _ in side] for side in (old, new)]
    codes = SequenceMatcher(None, plain[0], plain[1], autojunk=False).get_opcodes()
    for number, (tag, a, b, c, d) in enumerate(codes):
        if tag == "equal":
            yield from _unchanged(plain[0][a:b], first=number == 0, last=number == len(codes) - 1)
            continue
        whole = a == b or c == d
        yield from (f"-{line if whole else shown}" for line, shown in old[a:b])
        yield from (f"+{line if whole else shown}" for line, shown in new[c:d])


def _unchanged(lines: Sequence[str], *, first: bool, last: bool) -> Iterator[str]:
    head = [] if first else lines[:CONTEXT]
    tail = [] if last else lines[max(len(lines) - CONTEXT, len(head)) :]
    left_out = len(lines) - len(head) - len(tail)
    yield from (f" {_short(line)}" for line in head)
    if left_out:
        yield f"@ {left_out} unchanged line{'s' * (left_out != 1)}"
    yield from (f" {_short(line)}" for line in tail)


def _lines(pieces: Sequence[Piece], kind: str) -> list[tuple[str, str]]:
    """One side's lines, each as it is and with what is only on this side marked."""
    opening, closing = MARKS[kind]
    plain, marked = "", ""
    for piece in pieces:
        if piece.kind == SAME:
            plain += piece.text
            marked += "\n".join(_short(part) for part in piece.text.split("\n"))
        elif piece.kind == kind:
            plain += piece.text
            marked += "\n".join(f"{opening}{part}{closing}" if part else "" for part in piece.text.split("\n"))
    return list(zip(plain.split("\n"), marked.split("\n"), strict=True))


def _short(text: str) -> str:
    """A stretch without its middle, where that is long."""
    return text if len(text) <= 2 * KEPT + 5 else f"{text[:KEPT]} ... {text[-KEPT:]}"
