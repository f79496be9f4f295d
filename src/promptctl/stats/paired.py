"""The same cases passed or failed twice: is the head worse, and by how much?

Throughout, `regressions` are cases that passed at the base and fail at the head, `improvements` the reverse, and a
difference is head minus base: (improvements - regressions) / cases.
"""

from __future__ import annotations

from functools import lru_cache
from math import comb, sqrt
from statistics import NormalDist

_HALVINGS = 200  # a bisection of [-1, 1] is at the limit of a double long before


def _check(regressions: int, improvements: int, cases: int) -> None:
    if regressions < 0 or improvements < 0 or regressions + improvements > cases:
        raise ValueError(f"{regressions} regressions and {improvements} improvements do not fit into {cases} cases")


def regression_p(regressions: int, improvements: int, *, midp: bool = True) -> float:
    """The one-sided p-value of "the head is worse": McNemar's exact conditional test, or its mid-p form.

    P(X >= regressions) for X ~ Binomial(regressions + improvements, 1/2), less half of P(X = regressions) for mid-p.
    McNemar (1947), Psychometrika 12; mid-p: Fagerland, Lydersen and Laake (2013), BMC Medical Research Methodology
    13:91, who find that it keeps its level where the exact test wastes power. Computed in whole numbers.
    """
    _check(regressions, improvements, regressions + improvements)
    flips = regressions + improvements
    point, tail = 1, 1  # C(flips, k) and the sum of those from k up, for k falling from flips
    for k in range(flips, regressions, -1):
        point = point * k // (flips - k + 1)
        tail += point
    return (2 * tail - point if midp else 2 * tail) / (1 << (flips + 1))


def change_p(regressions: int, improvements: int, *, midp: bool = True) -> float:
    """The two-sided p-value of "something changed"; 1 where nothing flipped.

    Twice the smaller one-sided exact p-value, at most 1; mid-p takes P(X = regressions) off it (Fagerland, Lydersen
    and Laake 2013, which gives 1 - P(X = regressions) / 2 where both directions are equal).
    """
    flips = regressions + improvements
    if flips == 0:
        return 1.0
    more = max(regressions, improvements)
    doubled = min(1.0, 2 * regression_p(more, flips - more, midp=False))
    if not midp:
        return doubled
    point = comb(flips, more) / (1 << flips)
    return doubled - (point / 2 if regressions == improvements else point)


@lru_cache(maxsize=4096)
def fewest_regressions(flips: int, *, alpha: float = 0.05, midp: bool = True) -> int | None:
    """The fewest regressions among `flips` flipped cases whose one-sided p-value is below `alpha`; None if none is."""
    point, tail, found = 1, 1, None
    scale = 1 << (flips + 1)
    for regressions in range(flips, -1, -1):
        if (2 * tail - point if midp else 2 * tail) / scale >= alpha:
            break
        found = regressions
        point = point * regressions // (flips - regressions + 1)
        tail += point
    return found


def fewest_flips(*, alpha: float = 0.05, midp: bool = True) -> int:
    """How many flips, all of them regressions, the one-sided test needs at least: with fewer it cannot fail."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must lie between 0 and 1, not {alpha}")
    flips = 1
    while regression_p(flips, 0, midp=midp) >= alpha:
        flips += 1
    return flips


def score_z(regressions: int, improvements: int, cases: int, *, difference: float) -> float:
    """Tango's score statistic of the hypothesis that the true difference is `difference`; decreasing in it.

    (improvements - regressions - n d) / sqrt(n (2 q + d (1 - d))), with q the constrained maximum-likelihood estimate
    of P(regression). Tango (1998), Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design, Statistics in Medicine 17:891-908. Infinite where the hypothesis allows
    no variation at all and the data contradict it.
    """
    _check(regressions, improvements, cases)
    gain = improvements - regressions
    linear = -(regressions + improvements) + (2 * cases - gain) * difference
    constant = -regressions * difference * (1 - difference)
    share = (sqrt(max(0.0, linear * linear - 8 * cases * constant)) - linear) / (4 * cases)
    variance = cases * (2 * share + difference * (1 - difference))
    distance = gain - cases * difference
    if variance <= 0:
        return 0.0 if distance == 0 else float("inf") if distance > 0 else float("-inf")
    return distance / sqrt(variance)


def _solve(regressions: int, improvements: int, cases: int, z: float) -> float:
    """The difference at which the decreasing score statistic equals z."""
    low, high = -1.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if score_z(regressions, improvements, cases, difference=middle) > z:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def difference_lower(regressions: int, improvements: int, cases: int, *, confidence: float = 0.95) -> float | None:
    """The one-sided lower bound of the paired difference (Tango 1998); None of no cases."""
    _check(regressions, improvements, cases)
    if cases == 0:
        return None
    return _solve(regressions, improvements, cases, NormalDist().inv_cdf(confidence))


def difference_upper(regressions: int, improvements: int, cases: int, *, confidence: float = 0.95) -> float | None:
    """The one-sided upper bound of the paired difference (Tango 1998); None of no cases."""
    mirrored = difference_lower(improvements, regressions, cases, confidence=confidence)
    return None if mirrored is None else -mirrored


def difference_interval(
    regressions: int, improvements: int, cases: int, *, confidence: float = 0.95
) -> tuple[float, float] | None:
    """The two-sided score interval of the paired difference (Tango 1998); None of no cases."""
    side = (1 + confidence) / 2
    low = difference_lower(regressions, improvements, cases, confidence=side)
    high = difference_upper(regressions, improvements, cases, confidence=side)
    return None if low is None or high is None else (low, high)


def noninferiority_z(regressions: int, improvements: int, cases: int, *, margin: float) -> float | None:
    """The score statistic of "the true difference is -margin or worse"; large means non-inferior. None of no cases."""
    if not 0 < margin < 1:
        raise ValueError(f"the margin must lie between 0 and 1, not {margin}")
    return score_z(regressions, improvements, cases, difference=-margin) if cases else None


def noninferiority_p(regressions: int, improvements: int, cases: int, *, margin: float) -> float | None:
    """The one-sided p-value against "the head is worse by the margin or more"; None of no cases."""
    z = noninferiority_z(regressions, improvements, cases, margin=margin)
    return None if z is None else NormalDist().cdf(-z)
