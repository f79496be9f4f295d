"""One proportion: how sure a pass rate is."""

from __future__ import annotations

from math import ceil, log, log1p, sqrt
from statistics import NormalDist

from promptctl.stats.exact import lower_bound, upper_bound


def wilson(passed: int, total: int, *, confidence: float = 0.95) -> tuple[float, float] | None:
    """The two-sided Wilson score interval of `passed` out of `total`; None where nothing was measured.

    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, equation for
    the limits without continuity correction.
    """
    if total == 0:
        return None
    if not 0 <= passed <= total:
        raise ValueError(f"passed must lie between 0 and {total}, not {passed}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    rate = passed / total
    centre = rate + z * z / (2 * total)
    spread = z * sqrt(rate * (1 - rate) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    low = 0.0 if passed == 0 else (centre - spread) / scale
    high = 1.0 if passed == total else (centre + spread) / scale
    return max(0.0, low), min(1.0, high)


def quantile(values: list[float], share: float) -> float | None:
    """The `share` quantile of `values` by linear interpolation (Hyndman and Fan 1996, type 7); None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def zero_failure_bound(trials: int, *, confidence: float = 0.95) -> float | None:
    """The exact one-sided upper bound of a failure rate after `trials` trials without a failure; None of no trials.

    1 - (1 - confidence) ** (1 / trials); Hanley and Lippman-Hand (1983), If nothing goes wrong, is everything all
    right?, JAMA 249, where 3 / trials approximates it.
    """
    if trials < 0:
        raise ValueError(f"trials must not be negative, not {trials}")
    return 1 - (1 - confidence) ** (1 / trials) if trials else None


def trials_for_zero_failures(rate: float, *, confidence: float = 0.95) -> int:
    """The fewest trials that, all without a failure, show a failure rate below `rate`.

    Zero-acceptance sampling: the smallest n with (1 - rate) ** n <= 1 - confidence.
    """
    if not 0 < rate < 1:
        raise ValueError(f"the failure rate must lie between 0 and 1, not {rate}")
    return ceil(log(1 - confidence) / log1p(-rate))


def bounds_of_events(happened: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The exact one-sided lower and upper bound of how often something happens; 0 and 1 where nothing was measured.

    Clopper and Pearson (1934), The use of confidence or fiducial limits, Biometrika 26.
    """
    if not happened:
        upper = zero_failure_bound(total, confidence=confidence)
        return 0.0, 1.0 if upper is None else upper
    lower = lower_bound(happened, total, confidence=confidence)
    upper = upper_bound(happened, total, confidence=confidence)
    return lower or 0.0, 1.0 if upper is None else upper
