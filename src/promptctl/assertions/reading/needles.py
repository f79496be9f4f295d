"""Texts to look for, as they are written in a golden set."""

from __future__ import annotations

import re

from promptctl.model.errors import InputError, Problem

Needle = str | int | float
Needles = str | tuple[str | int | float, ...]

# A quoted field, in which \" and "" are a quote and \\ a backslash; or a bare one up to the next comma.
_FIELD = re.compile(r'\s*(?:"(?P<quoted>(?:\\["\\]|""|[^"])*)"\s*|(?P<bare>[^,"][^,]*)|)(?P<end>,|$)')


def text_of(value: Needle) -> str:
    """The text of a needle; 42.0 is "42", as it is written in JSON."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def needle(value: Needle) -> str:
    """One needle, never empty. Raises InputError."""
    text = text_of(value)
    if not text:
        raise InputError(Problem("the text to look for is empty", hint="every answer contains an empty text"))
    return text


def needles(value: Needles) -> tuple[str, ...]:
    """The needles of a list, or of a string read as a line of CSV. Raises InputError for none, or an empty one."""
    found = split(value) if isinstance(value, str) else tuple(text_of(item) for item in value)
    if not found:
        raise InputError(Problem("the list is empty", hint="give at least one text to look for"))
    return tuple(needle(item) for item in found)


def split(line: str) -> tuple[str, ...]:
    """The fields of a comma-separated line, trimmed; quotes keep commas and spaces, empty bare fields are dropped.

    >>> split('red, "green, dark",,blue')
    ('red', 'green, dark', 'blue')
    """
    fields: list[str] = []
    at = 0
    while at <= len(line):
        match = _FIELD.match(line, at)
        if match is None:
            raise InputError(
                Problem(f"a quote is not closed, or is followed by text: {line!r}", hint="write a list instead")
            )
        if match["quoted"] is not None:
            fields.append(re.sub(r'\\(["\\])|""', lambda found: found[1] or '"', match["quoted"]))
        elif match["bare"] and match["bare"].strip():
            fields.append(match["bare"].strip())
        if not match["end"]:
            break
        at = match.end()
    return tuple(fields)


def folded(text: str) -> str:
    """Lower case, the way the case-insensitive assertions compare."""
    return text.lower()
