"""The `scale:` of a judge's file."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from promptctl.model.judge import Scale
from promptctl.model.prompt import Json

PASS_FAIL: Mapping[str, float] = {"fail": 0.0, "pass": 1.0}
SHAPES = (
    "scale: 1-5, scale: 0-1, scale: pass/fail, scale: [wrong, partly, right] (the worst first), "
    "scale: {wrong: 0, partly: 0.4, right: 1}, scale: claims or scale: pairwise"
)
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_RANGE = re.compile(rf"\s*{_NUMBER}\s*(?:[-–—]|\.\.\.?|to)\s*{_NUMBER}\s*")
_PASS_FAIL = re.compile(r"(?:pass\W+fail|fail\W+pass)", re.IGNORECASE)


def parse_scale(value: Json) -> Scale | None:
    """The scale that `value` means; None where it is none (`SHAPES` says what is).

    `1-5`, `[1, 5]` and `{min: 1, max: 5}` are ranges; `pass/fail`, a list of words from worst to best and a mapping of
    words to shares of 0..1 are words; `claims` and `pairwise` are themselves.
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, list | tuple):
        return _of_list(value)
    return _of_mapping(value) if isinstance(value, dict) else None


def refusal(value: Json) -> str | None:
    """Why a value that looks like a scale is none, with what to write; None where it does not look like one."""
    if isinstance(value, str) and (found := _RANGE.fullmatch(value)):
        return _ends(float(found[1]), float(found[2]))
    if isinstance(value, list | tuple):
        return _list_fault(value)
    return _mapping_fault(value) if isinstance(value, dict) and value else None


def _list_fault(items: Sequence[Json]) -> str | None:
    if items and all(is_number(item) for item in items):
        low, high = min(items), max(items)
        if len(items) == 2:
            return _ends(items[0], items[1])
        return f"a range has two ends: write {low:g}-{high:g}" if low < high else "a range has two ends: write 1-5"
    if any(not isinstance(item, str) or not item.strip() for item in items):
        return "every entry must be a word, or there are two numbers"
    return _twice(item.strip() for item in items) or (
        "it needs two words at least, the worst first" if len(items) < 2 else None
    )


def _mapping_fault(value: Mapping[str, Json]) -> str | None:
    for low, high in (("min", "max"), ("low", "high")):
        if low in value or high in value:
            return _range_fault(value, low, high)
    wrong = next((word for word, share in value.items() if not is_number(share)), None)
    if wrong is not None:
        return f"the share of {wrong!r} must be a number from 0 to 1"
    if (again := _twice(value)) is not None:
        return again
    return "the worst word must have the share 0 and the best 1"


def _range_fault(value: Mapping[str, Json], low: str, high: str) -> str | None:
    for key in value:
        if key not in (low, high):
            return f"{key!r} is not known: {low} and {high}"
    for key in (low, high):
        if key not in value:
            return f"{key!r} is missing"
        if not is_number(value[key]):
            return f"{key!r} must be a number"
    return f"{low} is {'above' if value[low] > value[high] else 'the same as'} {high}"


def _ends(low: float, high: float) -> str:
    return f"the lower end comes first: write {high:g}-{low:g}" if low > high else "its two ends are the same"


def _twice(words: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for word in words:
        if word.casefold() in seen:
            return f"{word!r} stands twice"
        seen.add(word.casefold())
    return None


def _of_text(text: str) -> Scale | None:
    if text in ("claims", "pairwise"):
        return Scale(text)
    if _PASS_FAIL.fullmatch(text.strip()):
        return Scale("words", words=PASS_FAIL)
    found = _RANGE.fullmatch(text)
    return _range(float(found[1]), float(found[2])) if found else None


def _of_list(items: Sequence[Json]) -> Scale | None:
    if len(items) == 2 and all(is_number(item) for item in items):
        return _range(items[0], items[1])
    words = [item.strip() for item in items if isinstance(item, str) and item.strip()]
    if len(words) != len(items) or len(words) < 2 or len({word.casefold() for word in words}) < len(words):
        return None
    return Scale("words", words={word: at / (len(words) - 1) for at, word in enumerate(words)})


def _of_mapping(value: Mapping[str, Json]) -> Scale | None:
    numbers = all(is_number(item) for item in value.values())
    if not numbers or len({key.casefold() for key in value}) < len(value):
        return None
    for low, high in (("min", "max"), ("low", "high")):
        if set(value) == {low, high}:
            return _range(value[low], value[high])
    shares = {word: float(share) for word, share in value.items()}
    ends = min(shares.values(), default=1.0), max(shares.values(), default=0.0)
    return Scale("words", words=shares) if ends == (0.0, 1.0) and all(word.strip() for word in shares) else None


def _range(low: float, high: float) -> Scale | None:
    return Scale("range", float(low), float(high)) if low < high else None


def is_number(value: Json) -> bool:
    """Whether a JSON value is a finite number; true and false are none."""
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float can hold
        return False
