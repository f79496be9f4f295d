"""Plain scalars by the core schema of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema).

`no`, `on` and dates are strings, `012` is twelve, `0o14` is octal. Infinity and NaN are refused: they have
no JSON, so no digest, run document or provider could carry them.
"""

from __future__ import annotations

import math
import re

from promptctl.model.prompt import Json

_WORDS: dict[str, Json] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")
_DIGITS = 4300  # Python refuses to read longer decimal integers (sys.int_info.default_max_str_digits)

_NUMERIC = frozenset("-+.0123456789")
# What a scalar that is not a string can begin with; everything else is decided by one look-up.
MAYBE_SPECIAL = _NUMERIC | frozenset("nNtTfF~")


def plain(text: str) -> Json:
    """The value of a plain scalar. Raises ValueError (the sentence) for a number JSON cannot hold."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMERIC:
        return text
    if _INTEGER.match(text):
        return integer(text)
    if _OCTAL.match(text):
        return int(text, 0)
    if _HEX.match(text):
        return int(text, 0)
    if _FLOAT.match(text) or _NOT_FINITE.match(text):
        return number(text)
    return text


def integer(text: str) -> int:
    """A decimal, `0o` or `0x` integer. Raises ValueError where it is none or too long."""
    if len(text) > _DIGITS:
        raise ValueError(f"a number of {len(text)} digits is too long")
    if _OCTAL.match(text):
        return int(text, 0)
    if _HEX.match(text):
        return int(text, 0)
    if not _INTEGER.match(text):
        raise ValueError(f"{text!r} is not an integer")
    return int(text)


def number(text: str) -> float:
    """A finite float. Raises ValueError where it is none."""
    if not _FLOAT.match(text) and not _NOT_FINITE.match(text):
        raise ValueError(f"{text!r} is not a number")
    value = float(text) if _FLOAT.match(text) else math.inf
    if not math.isfinite(value):
        raise ValueError(f"{text} is not a finite number, and JSON has no other")
    return value


def tagged(tag: str, text: str) -> Json:
    """The value of a scalar with an explicit core tag (`!!int "3"`). Raises ValueError, KeyError for another tag."""
    kind = _KINDS[tag]
    if kind == "str":
        return text
    if kind == "int":
        return integer(text)
    if kind == "float":
        return number(text)
    value = _WORDS.get(text, text)
    if (kind == "null" and value is None) or (kind == "bool" and isinstance(value, bool)):
        return value
    raise ValueError(f"{text!r} is not a {kind}")


_KINDS = {f"tag:yaml.org,2002:{kind}": kind for kind in ("str", "int", "float", "bool", "null")}
