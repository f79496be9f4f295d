"""A merge carried out in our text: their lines where they changed something, everything else as we wrote it.

What comes out is read again and compared with the merged value. Where that is not the same, or a text is written in a
way that has no safe edit, there is no result, and git's merge of the lines has to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from promptctl.model.errors import InputError
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, NodePath
from promptctl.text.entries import NoEditError, Written, inline, inline_key, moved
from promptctl.text.merging import Conflict, Merge, Take, merge, same
from promptctl.text.yaml import Document, load

_MARK = "<=>"


@dataclass(frozen=True, slots=True)
class Merged:
    """A merged text; `conflicts` are places both sides changed, as paths like `cases.0.tags`."""

    text: str
    conflicts: tuple[str, ...]


def merged_yaml(base: Blob, ours: Blob, theirs: Blob, *, marker_size: int, textual: str | None) -> Merged | None:
    """The merge of three YAML files by key; None where they cannot be read, or our text cannot be edited.

    textual: what merging the lines gave, None where that conflicts. It keeps the comments of both sides, so it is
    taken where it says what the merge by key says.
    """
    try:
        documents = [load(blob) for blob in (base, ours, theirs)]
    except (InputError, RecursionError):
        return None
    if not all(isinstance(document.value, dict) for document in documents):
        return None
    result = merge(*(document.value for document in documents))
    if not result.conflicts and textual is not None and _says(textual, ours, result.value):
        return Merged(textual, ())
    try:
        text = _Editing(ours, theirs, documents[1], documents[2], result, marker_size).text()
    except NoEditError:
        return None
    places = tuple(".".join(map(str, one.ours or one.theirs or ())) for one in result.conflicts)
    if not result.conflicts:
        return Merged(text, ()) if _says(text, ours, result.value) else None
    readable = all(_read(chosen(text, side, marker_size), ours) is not None for side in (0, 1))
    return Merged(text, places) if readable else None


def chosen(text: str, side: int, marker_size: int) -> str:
    """`text` with every conflict decided for ours (side 0) or theirs (1)."""
    out, now = [], None
    for line in text.splitlines(keepends=True):
        sign = line[:1]
        if sign in tuple(_MARK) and re.match(re.escape(sign) + f"{{{marker_size}}}(?: |\r?\n|\\Z)", line):
            now = {"<": 0, "=": 1, ">": None}[sign]
        elif now is None or now == side:
            out.append(line)
    return "".join(out)


def _read(text: str, like: Blob) -> Json:
    try:
        return load(Blob(like.path, text.encode("utf-8", "surrogatepass"))).value
    except (InputError, UnicodeError):
        return None


def _says(text: str, like: Blob, value: Json) -> bool:
    found = _read(text, like)
    return found is not None and same(found, value)


class _Editing:
    """The edits that turn our text into the merged one."""

    def __init__(
        self, ours: Blob, theirs: Blob, our_document: Document, their_document: Document, result: Merge, marker: int
    ) -> None:
        self._ours = Written(ours, our_document)
        self._theirs = Written(theirs, their_document)
        self._result = result
        self._marker = marker
        self._newline = "\r\n" if "\r\n" in self._ours.text else "\n"
        # (start, end, order, text). At one place what stands deeper goes first, then what came first.
        self._edits: list[tuple[int, int, tuple[int, int], str]] = []

    def text(self) -> str:
        """Our text with all edits done; those inside of a conflict are left to whoever decides it."""
        for conflict in self._result.conflicts:
            self._conflict(conflict)
        closed = [(start, end) for start, end, *_ in self._edits if end > start]
        for take in self._result.takes:
            self._take(take)
        kept: list[tuple[int, int, tuple[int, int], str]] = []
        for one in sorted(self._edits):
            inside = any(start <= one[0] and one[1] <= end and (start, end) != one[:2] for start, end in closed)
            if inside or (kept and one[0] < kept[-1][1]):
                continue
            kept.append(one)
        text = self._ours.text
        for start, end, _, new in reversed(kept):
            text = text[:start] + new + text[end:]
        return text

    def _edit(self, start: int, end: int, text: str, column: int = 0) -> None:
        self._edits.append((start, end, (-column, len(self._edits)), text))

    def _take(self, take: Take) -> None:
        inside = take.ours if take.ours is not None else (*take.parent, "")
        flow = self._ours.flow_top(inside)
        if flow is not None:
            start, end = self._ours.value_span(flow)
            if not any(edit[:2] == (start, end) for edit in self._edits):
                self._edit(start, end, inline(self._result.values[flow]))
        elif take.ours is None:
            assert take.theirs is not None
            self._insert(take.parent, take.after, take.theirs)
        elif take.theirs is None:
            self._delete(take.ours)
        else:
            start, end = self._ours.entry(take.ours)
            self._edit(start, end, self._their_entry(take.theirs, self._ours.column(start), key=take.ours[-1]))

    def _insert(self, parent: NodePath, after: NodePath | None, theirs: NodePath) -> None:
        if after is not None:
            start, end = self._ours.entry(after)
            column = self._ours.column(start)
            text = self._their_entry(theirs, column, comments=True, indent_first=True)
            self._edit(end, end, self._newline + text, column)
            return
        start, _ = self._ours.entry(self._first(parent))
        column = self._ours.column(start)
        self._edit(start, start, self._their_entry(theirs, column) + self._newline + " " * column)

    def _first(self, parent: NodePath) -> NodePath:
        value = self._at(self._ours.document.value, parent)
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            raise NoEditError
        return (*parent, keys[0])

    def _delete(self, ours: NodePath) -> None:
        start, end = self._ours.entry(ours)
        if not self._ours.begins_line(start):
            raise NoEditError
        text = self._ours.text
        stop = end + len(re.match(r"\r?\n|", text[end:]).group())  # type: ignore[union-attr]
        self._edit(self._ours.line_start(start), stop, "")

    def _conflict(self, conflict: Conflict) -> None:
        ours, theirs = conflict.ours, conflict.theirs
        if ours is None:
            assert theirs is not None
            if self._added_conflict(conflict.parent, conflict.after, theirs):
                return
            ours, theirs = conflict.parent, self._result.theirs[conflict.parent]
        while ours and (self._ours.flow_top(ours) is not None or not self._ours.begins_line(self._ours.entry(ours)[0])):
            ours = ours[:-1]
            theirs = self._result.theirs[ours]
        if not ours:
            raise NoEditError
        start, end = self._ours.entry(ours)
        begin, column = self._ours.line_start(start), self._ours.column(start)
        other = "" if theirs is None else self._their_entry(theirs, column, indent_first=True)
        self._edit(begin, end, self._marked(self._ours.text[begin:end], other))

    def _added_conflict(self, parent: NodePath, after: NodePath | None, theirs: NodePath) -> bool:
        """What they changed and we removed, between markers where it would be; whether there are lines for it."""
        if self._ours.flow_top((*parent, "")) is not None:
            return False
        start, end = self._ours.entry(self._first(parent) if after is None else after)
        if after is None and not self._ours.begins_line(start):
            return False
        column = self._ours.column(start)
        text = self._marked("", self._their_entry(theirs, column, comments=True, indent_first=True))
        if after is None:
            begin = self._ours.line_start(start)
            self._edit(begin, begin, text + self._newline)
        else:
            self._edit(end, end, self._newline + text, column)
        return True

    def _marked(self, ours: str, theirs: str) -> str:
        start, middle, stop = (sign * self._marker for sign in _MARK)
        lines = [f"{start} ours", *([ours] if ours else []), middle, *([theirs] if theirs else []), f"{stop} theirs"]
        return self._newline.join(lines)

    def _their_entry(
        self,
        path: NodePath,
        column: int,
        *,
        key: str | int | None = None,
        comments: bool = False,
        indent_first: bool = False,
    ) -> str:
        """Their entry as it stands in their text, moved to `column`."""
        lead = " " * column if indent_first else ""
        if self._theirs.flow_top(path) is not None:
            name = path[-1] if key is None else key
            value = inline(self._at(self._theirs.document.value, path))
            return f"{lead}{inline_key(name)}: {value}" if isinstance(name, str) else f"{lead}- {value}"
        start, end = self._theirs.entry(path)
        text = self._theirs.text
        own = self._theirs.column(start)
        lines = re.split(r"\r?\n", text[start:end])
        above: list[str] = []
        if comments and self._theirs.begins_line(start):
            before = re.split(r"\r?\n", text[: self._theirs.line_start(start)])[:-1]
            while before and before[-1].startswith(" " * own + "#"):
                above.insert(0, " " * column + before.pop()[own:])
        rest = [moved(line, column - own) for line in lines[1:]]
        return self._newline.join([*above, lead + lines[0], *rest])

    @staticmethod
    def _at(value: Json, path: NodePath) -> Json:
        for part in path:
            value = value[part]
        return value
