"""The texts a project commits: every file as it stands, comments included, and the files that prompts include."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.model.source import Span
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit
from promptctl.text.personal.found import before

_SHOWN = 4
_LINE_END = re.compile("\n")
_ESCAPE = re.compile(r"\\[nrt]")
_CONTACT = re.compile(r"(?:owner|author)[ \t]*:")


@dataclass(frozen=True, slots=True)
class Text:
    """A text to search. path: of an included file; None where it is the subject's own. kind: the file's."""

    text: str
    path: str | None
    kind: str

    def hit(self, start: int, end: int, message: str, hint: str, severity: Severity | None = None) -> Hit:
        """A hit at the characters from `start` to `end`."""
        line, column = _place_of(self.text, start)
        last, after = _place_of(self.text, end)
        return Hit(message, hint=hint, span=Span(line, column, last, after), path=self.path, severity=severity)

    def before(self, start: int, characters: int) -> str:
        """What stands before an offset, on its line."""
        return before(self.text, start, characters)

    def is_contact(self, start: int) -> bool:
        """Whether an offset stands in the `owner:` or `author:` of a prompt, which are there to be seen."""
        line = self.text.rfind("\n", 0, start) + 1
        return self.kind in ("prompt", "judge") and _CONTACT.match(self.text, line) is not None


def texts_of(subject: File | Prompt) -> Iterator[Text]:
    """A file's own text; of a prompt, the files it includes."""
    if isinstance(subject, File):
        yield Text(_unescaped(subject.text), None, subject.kind)
    else:
        for path, text in subject.includes.items():
            yield Text(_unescaped(text), path, "include")


def _place_of(text: str, offset: int) -> tuple[int, int]:
    """1-based line and column; a file may hold thousands of addresses, so its lines are counted once."""
    starts = _line_starts(text)
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


@lru_cache(maxsize=4)
def _line_starts(text: str) -> tuple[int, ...]:
    return (0, *(found.end() for found in _LINE_END.finditer(text)))


@lru_cache(maxsize=8)
def _unescaped(text: str) -> str:
    """The n of JSON's `\\n` is no letter of the word behind it; the length stays, and with it every place."""
    return _ESCAPE.sub("  ", text) if "\\" in text else text


def masked(secret: str) -> str:
    """The first characters of a secret, at most four and at most a third of it."""
    return secret[: min(_SHOWN, len(secret) // 3)] + "..."
