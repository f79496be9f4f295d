"""Exact bounds of one proportion, for floors: a safety claim must hold at the stated confidence, not on average.

Counts may be fractions: the effective ones of a weighted sample.
"""

from __future__ import annotations

from importlib import import_module


def _check(passed: float, total: float) -> None:
    if not 0 <= passed <= total:
        raise ValueError(f"passed must lie between 0 and {total}, not {passed}")


def _beta_quantile(a: float, b: float, share: float) -> float:
    """scipy takes most of a second to import: it is opened by the first bound that needs it."""
    return float(import_module("scipy.special").betaincinv(a, b, share))


def lower_bound(passed: float, total: float, *, confidence: float = 0.95) -> float | None:
    """The exact one-sided lower bound of `passed` out of `total`; None where nothing was measured.

    Clopper and Pearson (1934), The use of confidence or fiducial limits illustrated in the case of the binomial,
    Biometrika 26, through the beta quantile.
    """
    _check(passed, total)
    if total == 0:
        return None
    return _beta_quantile(passed, total - passed + 1, 1 - confidence) if passed else 0.0


def upper_bound(passed: float, total: float, *, confidence: float = 0.95) -> float | None:
    """The exact one-sided upper bound of `passed` out of `total`; None where nothing was measured."""
    _check(passed, total)
    if total == 0:
        return None
    return _beta_quantile(passed + 1, total - passed, confidence) if passed < total else 1.0


def clopper_pearson(passed: float, total: float, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """The exact two-sided interval of `passed` out of `total`; None where nothing was measured."""
    side = (1 + confidence) / 2
    low = lower_bound(passed, total, confidence=side)
    high = upper_bound(passed, total, confidence=side)
    return None if low is None or high is None else (low, high)
