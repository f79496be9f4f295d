"""Whether a place in a message stands inside of something that marks where data begins and ends."""

from __future__ import annotations

import re

HOLE = "\ue000"
"""Stands for what a template writes out; a character of the private use area, which no prompt means."""

_OPENING = re.compile(r"<([A-Za-z][\w.:-]*)(?:\s[^<>]*)?(?<!/)>|\[([A-Za-z][\w-]*)\]")
_FENCES = ("```", "~~~", '"""', "'''", "---", "===", "***", "###", "<<<", "+++")
_PAIRS = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "<": ">",
          "[": "]", "(": ")", "{": "}", "\u201e": "\u201c"}  # fmt: skip
_HEADING = re.compile(r"#{1,6}\s|.*:\Z|\*\*.+\*\*\Z|[=*_-]{2,}.*[=*_-]{2,}\Z|[^a-z]*[A-Z][^a-z]*\Z")


def delimited(flat: str, hole: int) -> bool:
    """Whether the hole at `hole` of a message has a tag or a fence around it, quotes at it, or a heading above it."""
    before, after = flat[:hole], flat[hole + 1 :]
    return _in_tag(before, after) or _in_fence(before, after) or _quoted(before, after) or _headed(before)


def _in_tag(before: str, after: str) -> bool:
    for found in _OPENING.finditer(before):
        name, closing = (found[1], f"</{found[1]}>") if found[1] else (found[2], f"[/{found[2]}]")
        if name and closing in after and closing not in before[found.end() :]:
            return True
    return False


def _in_fence(before: str, after: str) -> bool:
    for mark in _FENCES:
        opened = re.findall(rf"^[ \t]*{re.escape(mark)}", before, re.MULTILINE)
        closed = re.search(rf"{re.escape(mark)}", after)
        if len(opened) % 2 and closed:
            return True
        if mark in ('"""', "'''", "```") and before.count(mark) % 2 and closed:
            return True
    return before.count("<<<") > before.count(">>>") and ">>>" in after


def _quoted(before: str, after: str) -> bool:
    return bool(before) and bool(after) and _PAIRS.get(before[-1]) == after[0]


def _headed(before: str) -> bool:
    """Whether the hole begins a line (or follows other holes only) and the line above it is a heading."""
    lines = before.split("\n")
    if lines.pop().strip(" \t-*" + HOLE):
        return False
    above = [line.strip() for line in lines if line.strip(" \t" + HOLE)]
    return bool(above) and _HEADING.match(above[-1]) is not None
