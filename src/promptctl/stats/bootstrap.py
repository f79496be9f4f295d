"""Intervals of a mean by resampling the cases, for scores too skewed for a t interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from random import Random
from statistics import NormalDist, fmean


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Two-sided intervals of a mean: percentile, and bias-corrected and accelerated (BCa).

    bca is None where it is not defined: every value is the same, or every resampled mean lies on one side.
    """

    mean: float
    percentile: tuple[float, float]
    bca: tuple[float, float] | None


def _at(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = min(int(place), len(ordered) - 2) if len(ordered) > 1 else 0
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _acceleration(values: Sequence[float], mean: float) -> float | None:
    """The skewness of the jackknife means over 6; for a mean these are the deviations with the sign turned."""
    squares = fsum((value - mean) ** 2 for value in values)
    if squares <= 0:
        return None
    return fsum((value - mean) ** 3 for value in values) / (6 * squares * sqrt(squares))


def bootstrap_mean(
    values: Sequence[float], *, seed: int, resamples: int = 2000, confidence: float = 0.95
) -> Bootstrap | None:
    """The bootstrap intervals of the mean of `values`; None of none. The same seed gives the same intervals.

    Efron (1987), Better bootstrap confidence intervals, JASA 82; resampled means equal to the
    observed one count half. Python's own generator is used because its stream does not change between releases.
    """
    if not values:
        return None
    if resamples < 100:
        raise ValueError(f"fewer than 100 resamples say nothing about the tails, and these are {resamples}")
    mean, count = fmean(values), len(values)
    draw = Random(seed)
    means = sorted(sum(draw.choices(values, k=count)) / count for _ in range(resamples))
    tail = (1 - confidence) / 2
    percentile = (_at(means, tail), _at(means, 1 - tail))
    slack = 1e-12 * max(1.0, abs(mean))  # sums in another order differ in the last bit
    below = sum(value < mean - slack for value in means) + sum(abs(value - mean) <= slack for value in means) / 2
    acceleration = _acceleration(values, mean)
    if acceleration is None or not 0 < below < resamples:
        return Bootstrap(mean, percentile, None)
    normal = NormalDist()
    bias = normal.inv_cdf(below / resamples)

    def corrected(share: float) -> float:
        z = bias + normal.inv_cdf(share)
        return _at(means, normal.cdf(bias + z / (1 - acceleration * z)))

    return Bootstrap(mean, percentile, (corrected(tail), corrected(1 - tail)))
