"""JSON as RFC 8259 means it: finite numbers, no key twice, no half characters, a bounded depth."""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json

_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(text: str, *, path: str, line: int = 1, column: int = 1) -> Json:
    """The value of a JSON text. `line` and `column` say where it begins in the file `path`.

    Raises InputError with the place: not JSON, NaN or Infinity, a duplicate key, a lone surrogate, too deep.
    """
    try:
        value = json.loads(text, object_pairs_hook=_pairs, parse_constant=_no_constant, parse_float=_finite)
        if "\\u" in text:
            _refuse_surrogates(value)
    except json.JSONDecodeError as error:
        at = column + error.colno - 1 if error.lineno == 1 else error.colno
        raise InputError(Problem(f"not valid JSON: {error.msg}", path, line + error.lineno - 1, at)) from None
    except RecursionError:
        raise InputError(Problem("not valid JSON: nested too deep", path, line, column)) from None
    except ValueError as error:
        raise InputError(Problem(f"not valid JSON: {error}", path, line, column)) from None
    return value


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    out = dict(pairs)
    if len(out) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ValueError(f"duplicate key {key!r}")
            seen.add(key)
    return out


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large a number")
    return value


def _refuse_surrogates(value: Json) -> None:
    if isinstance(value, str):
        found = _SURROGATE.search(value)
        if found:
            raise ValueError(f"\\u{ord(found.group()):04x} is half of a character (a lone surrogate)")
    elif isinstance(value, dict):
        for key, item in value.items():
            _refuse_surrogates(key)
            _refuse_surrogates(item)
    elif isinstance(value, list):
        for item in value:
            _refuse_surrogates(item)
