"""A judged difference corrected by people: every case the judge saw flip, and a random share of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean

from promptctl.stats.proportions import zero_failure_bound

_ALIKE = 1e-12  # a variance taken from sums of floats


@dataclass(frozen=True, slots=True)
class TwoPhase:
    """The difference (head minus base) over `cases` cases in human eyes.

    error: of sampling the concordant cases only, for the verdict on these cases; (low, high): its two-sided interval.
    total_error also counts the cases as drawn from more of their kind. judged_only: the tempting, biased figure that
    trusts the judge wherever it saw no flip. labels: human-labelled cases.
    """

    value: float
    error: float
    total_error: float
    low: float
    high: float
    judged_only: float
    cases: int
    labels: int


def two_phase(
    flipped: Sequence[float], sampled: Sequence[float], concordant: int, *, confidence: float = 0.95
) -> TwoPhase | None:
    """The corrected difference; None where a concordant case exists but fewer than two of them were labelled.

    flipped: the human head-minus-base difference of every case whose judged outcome flipped; sampled: the same of a
    random sample of the `concordant` others. [sum flipped + N mean sampled] / n, with error
    (N / n) sqrt(s^2 / k (1 - k / N)). Neyman (1938), JASA 33; Cochran (1977), Sampling techniques, chapter 12, the
    flips being a stratum taken whole.
    """
    cases = len(flipped) + concordant
    if len(sampled) > concordant:
        raise ValueError(f"{len(sampled)} cases cannot be a sample of {concordant}")
    if cases == 0 or (concordant and len(sampled) < min(2, concordant)):
        return None
    mean = fmean(sampled) if sampled else 0.0
    spread = 0.0
    if len(sampled) > 1:
        spread = concordant_variance(sum(sampled), sum(d * d for d in sampled), len(sampled), confidence=confidence)
    value = (sum(flipped) + concordant * mean) / cases
    left_out = 1 - len(sampled) / concordant if concordant else 0.0
    error = concordant / cases * sqrt(spread / len(sampled) * left_out) if sampled else 0.0
    squares = sum(d * d for d in flipped) + concordant * (spread + mean * mean)
    population = max(0.0, squares / cases - value * value) / cases
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return TwoPhase(
        value=value,
        error=error,
        total_error=sqrt(error * error + population),
        low=max(-1.0, value - reach),
        high=min(1.0, value + reach),
        judged_only=sum(flipped) / cases,
        cases=cases,
        labels=len(flipped) + len(sampled),
    )


def concordant_variance(total: float, squares: float, labels: int, *, confidence: float = 0.95) -> float:
    """The variance of a concordant case, at least what so many labels without a hidden flip leave possible.

    total, squares: the sum of the differences of at least two labelled ones, and of their squares. Where they are all
    alike it is an upper bound, for none seen is not none there.
    """
    seen = (squares - total * total / labels) / (labels - 1)
    return seen if seen > _ALIKE else zero_failure_bound(labels, confidence=confidence) or 0.0
