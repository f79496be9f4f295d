"""Strict JSON in a model's answer: no NaN, no infinity, no number too large to hold."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from promptctl.model.errors import AssertionBroken
from promptctl.model.prompt import Json

_LONGEST_INTEGER = 4000  # digits; Python refuses to read longer ones
_MOST_STARTS = 2000  # braces tried in one text, so that a hostile answer cannot make the search quadratic


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is too large a number")
    return value


def _integer(text: str) -> int | float:
    return int(text) if len(text) < _LONGEST_INTEGER else _number(text)


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_number, parse_int=_integer)


def load(text: str) -> Json:
    """The value of a JSON text. Raises ValueError with what is wrong, AssertionBroken where it is nested too deep."""
    try:
        return _DECODER.decode(text)
    except RecursionError as error:
        raise AssertionBroken("the JSON is nested too deep to read") from error


def objects(text: str) -> Iterator[Json]:
    """Every outermost JSON object that stands in `text`, in order."""
    return (value for value, _, _ in _found(text, _DECODER))


def _found(text: str, decoder: json.JSONDecoder) -> Iterator[tuple[Json, int, int]]:
    at = text.find("{")
    for _ in range(_MOST_STARTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except RecursionError as error:
            raise AssertionBroken("the JSON is nested too deep to read") from error
        except ValueError:
            end = at + 1
        else:
            yield value, at, end
        at = text.find("{", end)


_PAIRS = json.JSONDecoder(
    strict=False, parse_constant=_refuse, parse_float=_number, parse_int=_integer, object_pairs_hook=tuple
)


def spans(text: str) -> Iterator[tuple[Json, int, int]]:
    """Every outermost JSON object in `text` with where it begins and ends. An object is a tuple of its (key, value)
    pairs, so that a key given twice is seen; line breaks inside a text, which models write, are tolerated."""
    yield from _found(text, _PAIRS)


def same(one: Json, other: Json) -> bool:
    """Equality of JSON values: 1 is 1.0, but true is not 1; the order of keys does not count."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and (isinstance(one, str) == isinstance(other, str))


def compact(value: Json) -> str:
    """JSON without spaces."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def excerpt(text: str, longest: int = 60) -> str:
    """A text as it appears in a reason: quoted, on one line, cut in the middle of nothing important."""
    cut = text if len(text) <= longest else f"{text[: longest - 3]}..."
    return json.dumps(cut, ensure_ascii=False)
