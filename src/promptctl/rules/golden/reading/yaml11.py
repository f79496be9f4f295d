"""What a reader of YAML 1.1 makes of a plain scalar that YAML 1.2's core schema reads otherwise.

The types of https://yaml.org/type/ as PyYAML, Ruby and others resolve them; `y` and `n`, which the specification lists and
hardly anybody reads as truth values, are left alone.
"""

from __future__ import annotations

import re

from promptctl.model.prompt import Json
from promptctl.text.scalars import plain

_TRUE, _FALSE = frozenset({"yes", "on"}), frozenset({"no", "off"})
_BINARY = re.compile(r"[-+]?0b[01_]+\Z")
_OCTAL = re.compile(r"[-+]?0[0-7_]+\Z")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9_]*)\Z")
_HEX = re.compile(r"[-+]?0x[0-9a-fA-F_]+\Z")
_SIXTIES = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_WHOLE_SIXTIES = re.compile(r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+\Z")
_FLOAT = re.compile(r"(?:[-+]?[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?\Z")
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?"
    r"(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?\Z"
)
_TOKEN = (
    r"(?=[yno0-9.+-])(?:yes|no|on|off|[-+]?0b[01_]+|[-+]?0[0-9_]+|0o[0-7]+|[-+]?(?=[0-9]+_)[0-9_]++(?:\.[0-9_]*+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-9]{1,2})++(?:\.[0-9]*+)?|[-+]?(?:[0-9][0-9_.]*|\.[0-9]+)[eE][-+]?[0-9]+"
    r"|[-+]?\.[0-9_]+|[-+]?[0-9]+\.[0-9]*_[0-9_]*|0x[0-9a-f]*_[0-9a-f_]*|[-+]0x[0-9a-f_]+"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t][-+0-9:.TtZz \t]*+)?)"
)
CANDIDATE = re.compile(
    rf"^[ \t]*+(?:-[ \t]++)*+(?:[^\s:#][^:\r\n]*+:[ \t]++)?{_TOKEN}[ \t]*(?::(?:[ \t].*)?|#.*)?\r?$|(?:[\[{{,]|:[ \t])[ \t]*{_TOKEN}[ \t]*[,\]}}:]",
    re.MULTILINE | re.IGNORECASE,
)
"""Finds every text that may hold such a scalar, and some that do not: a look before the document is walked."""


def other_reading(text: str) -> str | None:
    """What YAML 1.1 reads where `text` stands plain, in a few words; None where both read the same."""
    word = text.lower()
    if word in _TRUE | _FALSE and text in {word, word.title(), word.upper()}:
        return "true" if word in _TRUE else "false"
    if _DATE.match(text):
        return "a date" if len(text) == len("2026-01-31") else "a point in time"
    try:
        ours = plain(text)
    except ValueError:
        return None
    theirs = _number(text)
    if theirs is None:
        return f"the text {text!r}" if isinstance(ours, int | float) and not isinstance(ours, bool) else None
    return None if type(ours) is type(theirs) and ours == theirs else f"the number {theirs}"


def is_date(text: str) -> bool:
    """Whether YAML 1.1 reads a date or a point in time."""
    return _DATE.match(text) is not None


def _number(text: str) -> Json:
    """The number YAML 1.1 reads, or None."""
    digits = text.replace("_", "")
    sign = -1 if digits[:1] == "-" else 1
    bare = digits.lstrip("+-")
    try:
        if _BINARY.match(text):
            return sign * int(bare, 0)
        if _DECIMAL.match(text):
            return int(digits)
        if _OCTAL.match(text):
            return sign * int(bare, 8)
        if _HEX.match(text):
            return sign * int(bare, 0)
        if _SIXTIES.match(text):
            return _sixties(text, bare, sign)
        return float(digits) if _FLOAT.match(text) else None
    except ValueError:  # nothing but underscores behind the prefix
        return None


def _sixties(text: str, bare: str, sign: int) -> Json:
    """A number in base sixty: 12:30 is 750. A whole one does not begin with a nought."""
    if "." not in text and not _WHOLE_SIXTIES.match(text):
        return None
    total: float = 0
    for part in bare.split(":"):
        total = total * 60 + (float(part) if "." in text else int(part))
    return sign * total
