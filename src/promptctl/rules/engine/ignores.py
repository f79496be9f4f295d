"""Comments that silence a rule on their line: `# promptctl: ignore PL101`, with as many codes as there are, and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from promptctl.model.prompt import Json
from promptctl.model.source import NodePath, Span
from promptctl.text.yaml import Document

MARK = "promptctl:"
_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*promptctl:\s*ignore\b:?[ \t]*([^\r\n]*)", re.MULTILINE)
_CODE = re.compile(r"([A-Za-z]{1,4}\d{1,5})(?:[,\s]+|$)")


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that ignores rules on the lines first..last: its own, and a text of several lines that begins or ends there.

    codes: as written, in capitals. rest: what follows them, the reason. unused, unknown: those of the codes that
    silenced nothing though their rule was asked, and those no rule has; known once everything has been judged.
    """

    path: str
    span: Span
    codes: tuple[str, ...]
    rest: str = ""
    first: int = 0
    last: int = 0
    unused: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def ignores_in(path: str, text: str, document: Document) -> tuple[Ignore, ...]:
    """The ignores of a YAML file. What looks like one inside of a text (a prompt about promptctl) is none."""
    comments = list(_COMMENT.finditer(text))
    if not comments:
        return ()
    leaves = [span for at in _leaves(document.value, ()) if (span := document.where(at)) is not None]
    found = (_ignore(path, text, comment, leaves) for comment in comments)
    return tuple(one for one in found if one is not None)


def _ignore(path: str, text: str, comment: re.Match[str], leaves: list[Span]) -> Ignore | None:
    start = text.rfind("\n", 0, comment.start()) + 1
    line = text.count("\n", 0, comment.start()) + 1
    column = comment.start() - start + 1
    first = last = line
    for span in leaves:
        end = _last_line(span)
        block = text_at(text, span) in {"|", ">"}
        if _inside(span, end, line, column, block=block):
            return None
        if line in (span.line, end):
            first, last = min(first, span.line), max(last, end)
    codes, rest = _codes(comment.group(1))
    end_column = column + len(comment.group().rstrip())
    return Ignore(path, Span(line, column, line, end_column), codes, rest, first, last)


def _codes(said: str) -> tuple[tuple[str, ...], str]:
    codes, position = [], 0
    while found := _CODE.match(said, position):
        codes.append(found.group(1).upper())
        position = found.end()
    return tuple(codes), said[position:].strip()


def _inside(span: Span, end: int, line: int, column: int, *, block: bool) -> bool:
    """Whether a place lies in a scalar's text. The header line of a block scalar is YAML, and may hold a comment."""
    if block:
        return span.line < line <= end
    if not span.line <= line <= end:
        return False
    after_start = line > span.line or column >= span.column
    before_end = line < end or column < (span.end_column or column)
    return after_start and before_end


def _last_line(span: Span) -> int:
    end = span.end_line or span.line
    return end - 1 if span.end_column == 1 and end > span.line else end


def text_at(text: str, span: Span) -> str:
    """The character at the beginning of `span`."""
    start = 0
    for _ in range(span.line - 1):
        start = text.find("\n", start) + 1
    return text[start + span.column - 1 : start + span.column]


def _leaves(value: Json, at: NodePath) -> Iterator[NodePath]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*at, index))
    else:
        yield at
