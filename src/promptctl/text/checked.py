"""Reading a mapping key by key: every value's type checked, every key accounted for, every problem kept.

One pass reports all that is wrong with a file, each with its place and what to do about it.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import NodePath, Span

T = TypeVar("T")
Where = Callable[[NodePath], Span | None]


class Problems:
    """The problems of one file, collected."""

    def __init__(self, path: str, where: Where, where_key: Where | None = None) -> None:
        self.path = path
        self._where = where
        self._where_key = where_key or where
        self.found: list[Problem] = []

    def add(
        self, at: NodePath, message: str, *, hint: str | None = None, key: bool = False, line: int | None = None
    ) -> None:
        """Note a problem of the value at `at`, or of its key, or of a line of its text.

        The nearest place that is known is used.
        """
        span = self._where_key(at) if key else None
        below = len(at)
        while span is None and below >= 0:
            span = self._where(at[:below])
            below -= 1
        found_line, column = place_in(span, line)
        self.found.append(Problem(message, self.path, found_line, column, hint=hint))

    def span(self, at: NodePath) -> Span | None:
        """Where the value at `at` stands."""
        return self._where(at)

    def finish(self) -> None:
        """Raise InputError with every problem noted, in the order of the file; nothing where there is none."""
        if self.found:
            raise InputError(*sorted(self.found, key=lambda problem: (problem.line or 0, problem.column or 0)))


class Fields:
    """One mapping of a file and where it stands. Each reader returns the value, or the default after a problem."""

    def __init__(self, value: Json, at: NodePath, problems: Problems, *, what: str) -> None:
        self.at = at
        self.problems = problems
        self._what = what
        self.values: Mapping[str, Json] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            problems.add(at, f"{what} must be a mapping, not {described(value)}")

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def known(self, keys: Iterable[str], hints: Mapping[str, str] | None = None) -> None:
        """Note every key that is not one of `keys`; `hints` says more about some that people try."""
        known = list(keys)
        for key in self.values:
            if key not in known:
                hint = (hints or {}).get(key) or suggestion(key, known)
                self.problems.add((*self.at, key), f"unknown key {key!r} in {self._what}", hint=hint, key=True)

    def problem(self, key: str, message: str, *, hint: str | None = None) -> None:
        """Note a problem of the value under `key`."""
        self.problems.add((*self.at, key), message, hint=hint)

    def raw(self, key: str) -> Json:
        """The value under `key` as it is, or None."""
        return self.values.get(key)

    def text(self, key: str) -> str | None:
        """Text; None where it is absent or null."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        hint = f'quote it: {key}: "{value}"' if isinstance(value, bool | int | float) else None
        self.problem(key, f"{key} must be text, not {described(value)}", hint=hint)
        return None

    def path(self, key: str) -> str | None:
        """A root-relative path that stays inside the repository; None where it is absent."""
        value = self.text(key)
        if value is None:
            return None
        complaint = outside(value)
        if complaint:
            self.problem(key, f"{key}: {complaint}", hint="paths are relative to the project root")
            return None
        return value

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self.values.get(key, default)
        if isinstance(value, bool):
            return value
        self.problem(key, f"{key} must be true or false, not {described(value)}")
        return default

    def number(
        self, key: str, default: T, *, low: float | None = None, high: float | None = None, above: float | None = None
    ) -> float | T:
        """A number between `low` and `high`, or greater than `above`; null is the default where that is None."""
        value = self.values.get(key, default)
        if value is default or (value is None and default is None):
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.problem(key, f"{key} must be a number, not {described(value)}")
            return default
        if not _within(value, low, high, above):
            self.problem(key, f"{key} must be {_range(low, high, above)}, not {value}")
            return default
        return value

    def whole(self, key: str, default: T, *, low: int) -> int | T:
        """A whole number of at least `low`; null is the default where that is None."""
        value = self.values.get(key, default)
        if value is default or (value is None and default is None):
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < low:
            shown = value if isinstance(value, int | float) and not isinstance(value, bool) else described(value)
            self.problem(key, f"{key} must be a whole number of at least {low}, not {shown}")
            return default
        return value

    def choice(self, key: str, default: T, options: Iterable[str]) -> str | T:
        """One of a few words."""
        value = self.values.get(key, default)
        known = tuple(options)
        if value is default or (isinstance(value, str) and value in known):
            return value
        hint = suggestion(value, known) if isinstance(value, str) else None
        self.problem(key, f"{key} must be one of {', '.join(known)}, not {described(value)}", hint=hint)
        return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of texts; null is the default."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, list):
            hint = f"write it as a list: {key}: [{value}]" if isinstance(value, str) else None
            self.problem(key, f"{key} must be a list of texts, not {described(value)}", hint=hint)
            return default
        for index, item in enumerate(value):
            if not isinstance(item, str):
                hint = f'quote it: "{item}"' if isinstance(item, bool | int | float) else None
                self.problems.add(
                    (*self.at, key, index), f"each of {key} must be text, not {described(item)}", hint=hint
                )
        return tuple(item for item in value if isinstance(item, str))

    def mapping(self, key: str) -> dict[str, Json]:
        """A mapping with free keys; empty where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            return {}
        if isinstance(value, dict):
            return value
        self.problem(key, f"{key} must be a mapping, not {described(value)}")
        return {}

    def items(self, key: str) -> list[Json]:
        """A list of anything; empty where it is absent or null."""
        value = self.values.get(key)
        if value is None:
            return []
        if isinstance(value, list):
            return value
        self.problem(key, f"{key} must be a list, not {described(value)}")
        return []

    def fields(self, key: str) -> Fields | None:
        """The mapping under `key`, to be read in its turn; None where it is absent or null."""
        value = self.values.get(key)
        return None if value is None else Fields(value, (*self.at, key), self.problems, what=key)


def described(value: Json) -> str:
    """What a value is, in a reader's words: `the number 12`, `a list`, `nothing`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the truth value {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {value if len(value) <= 40 else value[:37] + '...'!r}"
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def suggestion(word: str, known: Iterable[str]) -> str | None:
    """`did you mean ...?`, where one of `known` is close to `word`."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else None


def place_in(span: Span | None, line: int | None) -> tuple[int | None, int | None]:
    """Line and column in the file for line `line` of the text at `span`.

    A text over several lines is taken for a block scalar, whose first line stands below its indicator.
    """
    if span is None:
        return None, None
    if line is None or span.end_line is None or span.end_line <= span.line:
        return span.line, span.column
    return span.line + line, None


def outside(path: str) -> str | None:
    """Why `path` is not a path inside the repository, or None."""
    if not path or path.startswith(("/", "~")) or "\\" in path or "\0" in path or path[1:2] == ":":
        return f"{path!r} is not a relative path with forward slashes"
    return f"{path!r} leaves the repository" if ".." in path.split("/") else None


def _within(value: float, low: float | None, high: float | None, above: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high) and (above is None or value > above)


def _range(low: float | None, high: float | None, above: float | None) -> str:
    if above is not None:
        return f"greater than {above}"
    if low is not None and high is not None:
        return f"between {low} and {high}"
    return f"at least {low}" if low is not None else f"at most {high}"
