"""A find, and the words around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

CheckDigits = Callable[[str, str], bool]
"""Whether a number is valid as a kind ("iban", "luhn", "es.dni"), check digits included."""
Line = Callable[[str, str | None], str | None]
"""(text, region or None) to the E.164 form of a telephone number that a person may have, or None."""


@dataclass(frozen=True, slots=True)
class Found:
    """Personal data at the characters from `start` to `end`.

    name: what it is, in words ("a Spanish DNI"). fiction: reserved for examples, documented for tests, or a placeholder:
    nobody's. sure: False where the form alone speaks for it, and no word near it does.
    """

    name: str
    start: int
    end: int
    fiction: bool = False
    sure: bool = True


def before(text: str, start: int, characters: int) -> str:
    """What stands before an offset, on its line."""
    low = max(0, start - characters)
    return text[max(low, text.rfind("\n", low, start) + 1) : start]


def around(text: str, start: int, end: int, characters: int) -> str:
    """What stands around a place."""
    return text[max(0, start - characters) : end + characters]
