"""How much a template may do. There is no clock on this floor, so work is counted instead of timed.

A step of a loop, a call and an element looked at cost one unit each; text costs one unit for every 256 characters
that are touched. A million units take about a second; a prompt of a megabyte takes some thousands.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

MAX_UNITS = 1_000_000
MAX_CHARACTERS = 10_000_000
MAX_RANGE = 100_000
MAX_BITS = 4096
_CHARACTERS_A_UNIT = 256

_SIZED = (str, list, tuple, dict, range)
_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
OPERATORS = frozenset(_PLAIN)


class TooMuchWorkError(Exception):
    """A template asked for more than a prompt can need; the text says what."""


class Work:
    """The account of one rendering. Each method raises TooMuchWorkError when it is overdrawn."""

    def __init__(self) -> None:
        self._units = 0
        self._written = 0

    def step(self, units: int = 1) -> None:
        """Take `units` from the account."""
        self._units += units
        if self._units > MAX_UNITS:
            raise TooMuchWorkError(f"it takes more than {MAX_UNITS:,} steps")

    def write(self, characters: int) -> None:
        """Count characters of output."""
        self.step(1 + characters // _CHARACTERS_A_UNIT)
        self._written += characters
        if self._written > MAX_CHARACTERS:
            raise TooMuchWorkError(f"it writes more than {MAX_CHARACTERS:,} characters")

    def reserve(self, size: int, *, characters: bool = True) -> None:
        """Ask for a value of `size` before it is made."""
        if size > MAX_CHARACTERS:
            raise TooMuchWorkError(f"it makes a value of {size:,} {'characters' if characters else 'elements'}")
        self.step(1 + (size // _CHARACTERS_A_UNIT if characters else size))

    def look(self, value: object) -> None:
        """Account for reading `value` whole, what is shared inside it counted each time it occurs."""
        stack = [value]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                self.step(1 + len(item) // _CHARACTERS_A_UNIT)
            elif isinstance(item, dict):
                self.step(1 + len(item))
                stack.extend(item.values())
                stack.extend(item)
            elif isinstance(item, list | tuple):
                self.step(1 + len(item))
                stack.extend(item)
            elif isinstance(item, range):
                self.step(1 + len(item))

    def text(self, value: object) -> str:
        """The text of `value`, accounted for before it is made."""
        if isinstance(value, str):
            return value
        self.look(value)
        return str(value)

    def join(self, parts: Iterable[object], between: str = "") -> str:
        """The texts of `parts`, joined."""
        texts = []
        size = 0
        for part in parts:
            text = self.text(part)
            size += len(text) + len(between)
            self.step()
            if size > MAX_CHARACTERS:
                self.reserve(size)
            texts.append(text)
        self.reserve(size)
        return between.join(texts)

    def replace(self, text: str, old: str, new: str, count: int = -1) -> str:
        """`text.replace(old, new, count)`."""
        self.look(text)
        times = len(text) + 1 if old == "" else text.count(old)
        if count >= 0:
            times = min(times, count)
        self.reserve(len(text) + times * max(0, len(new) - len(old)))
        return text.replace(old, new, count)

    def binary(self, sign: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - whatever the template calculates with
        """`left sign right`, with nothing made that is too large."""
        if sign == "%" and isinstance(left, str):
            raise TooMuchWorkError("formatting text with % is not available; join it with ~ instead")
        if isinstance(left, _SIZED) or isinstance(right, _SIZED):
            self._sized(sign, left, right)
        elif sign in {"*", "**"} and isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * right if sign == "**" else left.bit_length() + right.bit_length()
            if bits > MAX_BITS:
                raise TooMuchWorkError(f"it makes a number of more than {MAX_BITS} bits")
        self.step()
        return _PLAIN[sign](left, right)

    def _sized(self, sign: str, left: Any, right: Any) -> None:  # noqa: ANN401 - as above
        characters = isinstance(left, str) or isinstance(right, str)
        if sign == "+" and isinstance(left, _SIZED) and isinstance(right, _SIZED):
            self.reserve(len(left) + len(right), characters=characters)
        elif sign == "*":
            sized, times = (left, right) if isinstance(left, _SIZED) else (right, left)
            if isinstance(times, int):
                self.reserve(len(sized) * max(0, times), characters=characters)
