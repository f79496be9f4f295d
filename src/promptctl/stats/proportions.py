"""One proportion: how sure a pass rate is."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist


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
