"""Edits of YAML text by place, so that comments, quoting, order and line ends stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from promptctl.model.source import NodePath, Span

_PLAIN_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./+-]*(?:[:@][A-Za-z0-9_./+-]+)*\Z")
_NOT_TEXT = re.compile(r"[-+.]?[0-9][0-9_.eE+-]*\Z|0x|0o|true\Z|false\Z|null\Z|yes\Z|no\Z|on\Z|off\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fix:
    """The one right answer to a hit: give the scalar at `at` a new value, or, with `key`, put `key: value` first into
    the mapping at `at`. Values are text. after: a key of that mapping behind which the new one goes instead."""

    at: NodePath
    value: str
    key: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` up to `end` (offsets into the text) by `text`."""

    start: int
    end: int
    text: str


def edit_of(fix: Fix, text: str, place: Span | None) -> Edit | None:
    """The edit that does `fix` in `text`; `place` is the span of the node at `fix.at` (with `after`: of that value).

    None where the text at that place is written in a way that has no safe edit (a block scalar, an alias, a tag).
    """
    if place is None or place.end_line is None or place.end_column is None:
        return None
    starts = _line_starts(text)
    start = starts[place.line - 1] + place.column - 1
    end = starts[place.end_line - 1] + place.end_column - 1
    if fix.key is None:
        return _replace(text, start, end, fix.value)
    return _add(fix, text, start, place)


def apply(text: str, edits: Iterable[Edit]) -> tuple[str, int]:
    """`text` with the edits done, and how many were; of two that overlap, the first in the text is done."""
    kept: list[Edit] = []
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end, one.text)):
        if not kept or edit.start > kept[-1].end or (edit.start == kept[-1].end and edit.start != edit.end):
            kept.append(edit)
    for edit in reversed(kept):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text, len(kept)


def _replace(text: str, start: int, end: int, value: str) -> Edit | None:
    old = text[start:end]
    if old[:1] in {"|", ">", "&", "*", "!"} or "\n" in old:
        return None
    if old[:1] == "'":
        return Edit(start, end, "'" + value.replace("'", "''") + "'")
    if old[:1] == '"':
        return Edit(start, end, json.dumps(value, ensure_ascii=False))
    return Edit(start, end, _scalar(value))


def _add(fix: Fix, text: str, start: int, place: Span) -> Edit | None:
    pair = f"{fix.key}: {_scalar(fix.value)}"
    newline = "\r\n" if "\r\n" in text else "\n"
    if fix.after is not None:
        end = text.find("\n", start)
        line = text[text.rfind("\n", 0, start) + 1 :]
        indent = line[: len(line) - len(line.lstrip(" "))]
        if end < 0:
            return Edit(len(text), len(text), f"{newline}{indent}{pair}")
        return Edit(end + 1, end + 1, f"{indent}{pair}{newline}")
    if text[start : start + 1] == "{":
        inner = text[start + 1 :].lstrip()
        return Edit(start + 1, start + 1, pair if inner.startswith("}") else f"{pair}, ")
    if text[start : start + 1] in {"&", "*", "!"}:
        return None
    return Edit(start, start, f"{pair}{newline}{' ' * (place.column - 1)}")


def _scalar(value: str) -> str:
    """The value as YAML text: plain where every reader takes it for text, or for the version it is; else quoted."""
    if _PLAIN_SAFE.match(value) and not _NOT_TEXT.match(value):
        return value
    return value if re.fullmatch(r"\d+\.\d+\.\d+(?:[-+][\w.+-]+)?", value) else json.dumps(value, ensure_ascii=False)


def _line_starts(text: str) -> Sequence[int]:
    return [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
