"""A judged difference corrected by people: every case the judge saw flip, and a random share of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist, fmean, variance

from promptctl.stats.proportions import zero_failure_bound


@dataclass(frozen=True, slots=True)
class TwoPhase:
    """The difference (head minus base) over `cases` cases in human eyes.

    error: of sampling the concordant cases only, for the verdict on these cases; (low, high): its two-sided interval.
    total_error also counts the cases as drawn from more of their kind. judged_only: the tempting, biased figure that
    trusts the judge wherever it saw no flip. labels: human-labelled cases. spread: the variance used for a
    concordant case; where the sample shows no hidden flip it is an upper bound, for none seen is not none there.
    """

    value: float
    error: float
    total_error: float
    low: float
    high: float
    judged_only: float
    cases: int
    labels: int
    concordant: int
    sampled: int
    spread: float

    def labels_to_reach(self, error: float) -> int | None:
        """The further concordant labels that bring the error down to `error`; None where not even all of them do."""
        if error < 0:
            return None
        if self.error <= error:
            return 0
        scaled = (error * self.cases / self.concordant) ** 2
        needed = ceil(1 / (scaled / self.spread + 1 / self.concordant) - 1e-9)
        return max(0, min(needed, self.concordant) - self.sampled)

    def labels_to_settle(self, boundary: float, *, confidence: float = 0.95) -> int | None:
        """The further labels after which the one-sided bound is expected to clear `boundary` (0, or -margin).

        None where the estimate stands on the boundary: no number of labels moves it off.
        """
        distance = abs(self.value - boundary)
        return self.labels_to_reach(distance / NormalDist().inv_cdf(confidence)) if distance else None


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
    spread = _spread(sampled, confidence)
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
        concordant=concordant,
        sampled=len(sampled),
        spread=spread,
    )


def _spread(sampled: Sequence[float], confidence: float) -> float:
    """The variance of a concordant case, at least what so many labels without a hidden flip leave possible."""
    if len(sampled) < 2:
        return 0.0
    seen = variance(sampled)
    return seen if seen > 0 else zero_failure_bound(len(sampled), confidence=confidence) or 0.0
