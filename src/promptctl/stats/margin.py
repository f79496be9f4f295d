"""The boundary of a tolerated drop, kept exact: 0.14 - 0.02 is not 0.12 in binary floating point."""

from __future__ import annotations

from fractions import Fraction
from math import floor

Rate = float | Fraction


def exact(rate: Rate) -> Fraction:
    """The number as it was written: 0.02 is one fiftieth, not the binary fraction nearest to it."""
    return rate if isinstance(rate, Fraction) else Fraction(str(rate))


def allowed_losses(cases: int, max_drop: Rate) -> int:
    """How many of `cases` may be lost, on balance, before the drop exceeds `max_drop`: floor(max_drop x cases)."""
    if cases < 0:
        raise ValueError(f"cases must not be negative, not {cases}")
    return floor(exact(max_drop) * cases)


def within_drop(base_passed: int, head_passed: int, cases: int, max_drop: Rate) -> bool | None:
    """Whether head_passed / cases >= base_passed / cases - max_drop, decided on counts; None of no cases."""
    if cases == 0:
        return None
    if not (0 <= base_passed <= cases and 0 <= head_passed <= cases):
        raise ValueError(f"passed cases must lie between 0 and {cases}, not {base_passed} and {head_passed}")
    return base_passed - head_passed <= allowed_losses(cases, max_drop)


def reaches(passed: int, cases: int, rate: Rate) -> bool | None:
    """Whether passed / cases >= rate, decided on counts; None of no cases."""
    if cases == 0:
        return None
    if not 0 <= passed <= cases:
        raise ValueError(f"passed must lie between 0 and {cases}, not {passed}")
    return Fraction(passed, cases) >= exact(rate)
