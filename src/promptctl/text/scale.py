"""The `scale:` of a judge's file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

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
