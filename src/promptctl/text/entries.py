"""The entries of a YAML text: where each begins and ends, and how to write one elsewhere."""

from __future__ import annotations

import json
import re

from promptctl.model.prompt import Json
from promptctl.model.source import Blob, NodePath
from promptctl.text.decode import decode
from promptctl.text.yaml import Document

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")


class NoEditError(Exception):
    """The text is written in a way that has no safe edit."""


class Written:
    """A document's text, and from where to where its entries go."""

    def __init__(self, blob: Blob, document: Document) -> None:
        self.text = decode(blob)
        self.document = document
        self._starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", self.text))]

    def value_span(self, path: NodePath) -> tuple[int, int]:
        """From where to where the value at `path` goes, as offsets. Raises NoEditError where there is none."""
        span = self.document.where(path)
        if span is None or span.end_line is None or span.end_column is None:
            raise NoEditError
        return self._offset(span.line, span.column), self._offset(span.end_line, span.end_column)

    def _offset(self, line: int, column: int) -> int:
        """The offset of a place; without a line break at its end a text ends where libyaml sees one line more."""
        return self._starts[line - 1] + column - 1 if line <= len(self._starts) else len(self.text)

    def is_flow(self, path: NodePath) -> bool:
        """Whether the collection at `path` is written in brackets."""
        start, _ = self.value_span(path)
        return self.text[start : start + 1] in ("{", "[")

    def flow_top(self, path: NodePath) -> NodePath | None:
        """The outermost collection in brackets that holds the node at `path`; None where it stands on its own lines."""
        return next((path[:length] for length in range(len(path)) if self.is_flow(path[:length])), None)

    def entry(self, path: NodePath) -> tuple[int, int]:
        """From its key or dash to the end of its last line: an entry of a collection that is written on lines."""
        start, end = self.value_span(path)
        if isinstance(path[-1], str):
            key = self.document.where_key(path)
            if key is None:
                raise NoEditError
            start = self._starts[key.line - 1] + key.column - 1
        else:
            start = self.text.rfind("-", 0, start)
            if start < 0 or self.text[self.line_start(start) : start].strip(" -?:"):
                raise NoEditError
        written = self.text[start:end]
        if written.rpartition("\n")[2].strip() or "\n" not in written:
            stop = self.text.find("\n", max(start, end - 1 if written.endswith("\n") else end))
            written = self.text[start : len(self.text) if stop < 0 else stop]
        return start, start + len(_without_tail(written, self.column(start)))

    def line_start(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self.text.rfind("\n", 0, offset) + 1

    def column(self, offset: int) -> int:
        """How many characters of its line stand before an offset."""
        return offset - self.line_start(offset)

    def begins_line(self, offset: int) -> bool:
        """Whether only blanks stand before an offset on its line."""
        return not self.text[self.line_start(offset) : offset].strip()


def _without_tail(written: str, column: int) -> str:
    """An entry without the blank lines and the comments after it that belong to what follows."""
    lines = written.split("\n")
    while len(lines) > 1:
        last = lines[-1].strip()
        indent = len(lines[-1]) - len(lines[-1].lstrip(" "))
        if last and not (last.startswith("#") and indent <= column):
            break
        lines.pop()
    return "\n".join(lines).rstrip("\r")


def moved(line: str, by: int) -> str:
    """A line further right by so many columns, or left. Raises NoEditError where there is text in the way."""
    if not line.strip():
        return line
    if by >= 0:
        return " " * by + line
    if line[:-by].strip():
        raise NoEditError
    return line[-by:]


def inline_key(key: str) -> str:
    """A mapping's key as YAML text."""
    return key if _BARE.match(key) else json.dumps(key, ensure_ascii=False)


def inline(value: Json) -> str:
    """A JSON value as YAML on one line: JSON, but for keys and the blanks after them."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inline_key(key)}: {inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item) for item in value) + "]"
    if isinstance(value, str) and _BARE.match(value) and value.lower() not in ("null", "true", "false", "yes", "no",
                                                                              "on", "off", "y", "n"):  # fmt: skip
        return value
    return json.dumps(value, ensure_ascii=False)
