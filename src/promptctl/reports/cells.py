"""How wide text is on a terminal, and how to fit it: cells, not characters.

East Asian wide and fullwidth characters take two cells (Unicode Standard Annex 11), combining marks none; an emoji
sequence is one picture of two cells and is never split.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from promptctl.reports.escape import visible

_JOINER = "\u200d"
_EMOJI_STYLE = "\ufe0f"
_TAB = "    "
EXCERPT_CHARACTERS = 20_000


@lru_cache(maxsize=4096)
def _cells_of(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def _is_tail(character: str) -> bool:
    return _cells_of(character) == 0 or "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def clusters(text: str) -> Iterator[str]:
    """The pieces of `text` that must not be split: a character with its marks, an emoji sequence, a flag."""
    start, index = 0, 0
    while start < len(text):
        index = start + 1
        if _is_flag_half(text[start]) and index < len(text) and _is_flag_half(text[index]):
            index += 1
        while index < len(text) and (_is_tail(text[index]) or text[index - 1] == _JOINER):
            index += 1
        yield text[start:index]
        start = index


def width(text: str) -> int:
    """The cells `text` takes on a terminal; `text` is one visible line."""
    return len(text) if text.isascii() else sum(map(_cluster_width, clusters(text)))


def _cluster_width(cluster: str) -> int:
    if len(cluster) == 1:
        return _cells_of(cluster)
    if _EMOJI_STYLE in cluster or _JOINER in cluster or _is_flag_half(cluster[0]):
        return 2 if any(_cells_of(character) for character in cluster) else 0
    return max(map(_cells_of, cluster))


def clip(text: str, cells: int) -> str:
    """`text` in at most `cells` cells, an ellipsis last where something was cut off."""
    if width(text) <= cells:
        return text
    taken, room = [], cells - 1
    for cluster in clusters(text):
        room -= _cluster_width(cluster)
        if room < 0:
            break
        taken.append(cluster)
    return "".join(taken).rstrip() + "…" if cells > 0 else ""


def pad(text: str, cells: int, *, right: bool = False) -> str:
    """`text` filled with spaces to `cells` cells, on its left where `right`."""
    fill = " " * max(0, cells - width(text))
    return fill + text if right else text + fill


def wrap(text: str, cells: int | None) -> tuple[str, ...]:
    """One line as lines of at most `cells` cells, broken at spaces, a word only where it must be; None: as it is."""
    if cells is None or width(text) <= cells:
        return (text,)
    lines: list[str] = []
    current = ""
    for word in re.findall(r"\s*\S+|\s+$", text):
        if width(current) + width(word) <= cells:
            current += word
            continue
        if current.strip():
            lines.append(current.rstrip())
            word = word.lstrip()
        *full, current = _chopped(word, cells)
        lines.extend(full)
    if current.strip():
        lines.append(current.rstrip())
    return tuple(lines) or ("",)


def _chopped(word: str, cells: int) -> list[str]:
    """A word in pieces of at most `cells` cells; a picture wider than that stands alone."""
    if width(word) <= cells:
        return [word]
    pieces, current, used = [], "", 0
    for cluster in clusters(word):
        size = _cluster_width(cluster)
        if current and used + size > cells:
            pieces.append(current)
            current, used = "", 0
        current += cluster
        used += size
    return [*pieces, current]


def excerpt(text: str, *, width: int | None, lines: int | None) -> tuple[str, ...]:
    """A readable piece of untrusted text: visible lines of at most `width` cells, at most `lines` of them.

    Head and tail are kept and what is left out between them is counted; None means no limit, but never more than
    `EXCERPT_CHARACTERS` characters. An answer that is empty or blank says so.
    """
    if not text.strip():
        return ("(empty)" if not text else f"(only white space: {text[:20]!r})",)
    head, tail, missing = _cut(text)
    shown = _lines(head, width)
    end = _lines(tail, width) if missing else []
    if lines is not None and len(shown) + len(end) + bool(missing) > lines:
        all_lines = shown + end
        first = max(1, (lines - 1) * 2 // 3)
        last = max(0, lines - 1 - first)
        left_out = all_lines[first : len(all_lines) - last]
        missing += sum(len(one) for one in left_out)
        shown, end = all_lines[:first], all_lines[len(all_lines) - last :]
    return (*shown, f"… {missing:,} more characters …", *end) if missing else tuple(shown)


def _cut(text: str) -> tuple[str, str, int]:
    if len(text) <= EXCERPT_CHARACTERS:
        return text, "", 0
    tail = EXCERPT_CHARACTERS // 4
    head = EXCERPT_CHARACTERS - tail
    return text[:head], text[-tail:], len(text) - EXCERPT_CHARACTERS


def _lines(text: str, cells: int | None) -> list[str]:
    written = visible(text).strip("\n").replace("\t", _TAB).split("\n")
    return [piece for one in written for piece in wrap(one.rstrip(), cells)]
