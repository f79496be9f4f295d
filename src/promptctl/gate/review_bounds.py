"""How sure a corrected difference is: the doubt of having labelled a sample, and of having drawn the cases.

Two things differ from sample to sample: which of the concordant cases people looked at, and which cases there are. For
both the larger of two bounds is taken, the normal one from the standard error and Tango's score bound (1998), because
hidden flips are few: with one in 60 the normal bound is far too sure. The two doubts are independent and add in
squares (Zou and Donner 2008, Construction of confidence limits about effect measures, Statistics in Medicine 27). With
every case labelled what is left is the gate's own bound on what people see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import hypot, sqrt
from statistics import NormalDist

from promptctl.stats.paired import difference_lower, difference_upper
from promptctl.stats.two_phase import concordant_variance


@dataclass(frozen=True, slots=True)
class Tally:
    """Human differences counted: losses and gains among `certain` cases, and among `sampled` of the `rest`.

    inflation: how many times clusters widen the doubt about the cases; None where it cannot be known.
    """

    certain: int
    certain_losses: int
    certain_gains: int
    rest: int
    sampled: int
    losses: int
    gains: int
    inflation: float | None = 1.0

    @property
    def cases(self) -> int:
        """All cases."""
        return self.certain + self.rest

    @property
    def mean(self) -> float:
        """The mean difference of the sample."""
        return (self.gains - self.losses) / self.sampled if self.sampled else 0.0

    @property
    def value(self) -> float:
        """The corrected difference."""
        return (self.certain_gains - self.certain_losses + self.rest * self.mean) / self.cases

    @property
    def table(self) -> tuple[int, int]:
        """Losses and gains among all cases as the sample has them, in whole cases."""
        scale = self.rest / self.sampled if self.sampled else 0.0
        losses = min(self.cases, self.certain_losses + round(self.losses * scale))
        return losses, min(self.cases - losses, self.certain_gains + round(self.gains * scale))

    def after(self, sampled: int) -> Tally:
        """With so many labelled of the rest, if they go on as they began."""
        scale = sampled / self.sampled
        return replace(self, sampled=sampled, losses=round(self.losses * scale), gains=round(self.gains * scale))


@dataclass(frozen=True, slots=True)
class Bounds:
    """One-sided bounds of the corrected difference: for these cases, and for cases of their kind."""

    lower_here: float
    upper_here: float
    lower: float
    upper: float


def bounds_of(tally: Tally, confidence: float) -> Bounds:
    """The bounds at one-sided `confidence`."""
    here = [_of_sample(tally, confidence, bound) for bound in (difference_lower, difference_upper)]
    cases = [_of_cases(tally, confidence, bound) for bound in (difference_lower, difference_upper)]
    below, above = (hypot(one, other) for one, other in zip(here, cases, strict=True))
    value = tally.value
    return Bounds(
        lower_here=max(-1.0, value - here[0]),
        upper_here=min(1.0, value + here[1]),
        lower=max(-1.0, value - below),
        upper=min(1.0, value + above),
    )


Bound = Callable[..., float | None]


def _of_sample(tally: Tally, confidence: float, bound: Bound) -> float:
    """How far the bound is off for want of the labels of the rest; nothing where all have one."""
    if tally.sampled >= tally.rest:
        return 0.0
    if not tally.sampled:
        return 2.0
    scale = tally.rest / tally.cases * sqrt(1 - tally.sampled / tally.rest)
    reach = abs((bound(tally.losses, tally.gains, tally.sampled, confidence=confidence) or 0.0) - tally.mean)
    normal = NormalDist().inv_cdf(confidence) * sqrt(_variance(tally, confidence) / tally.sampled)
    return scale * max(reach, normal)


def _variance(tally: Tally, confidence: float) -> float:
    if tally.sampled < 2:
        return 1.0
    total, squares = tally.gains - tally.losses, tally.gains + tally.losses
    return concordant_variance(total, squares, tally.sampled, confidence=confidence)


def _of_cases(tally: Tally, confidence: float, bound: Bound) -> float:
    """How far the bound is off for having these cases and no others."""
    if tally.inflation is None:
        return 2.0
    losses, gains = tally.table
    reach = abs((bound(losses, gains, tally.cases, confidence=confidence) or 0.0) - (gains - losses) / tally.cases)
    return reach * tally.inflation


def labels_to_settle(tally: Tally, settled: Callable[[Tally], bool]) -> int | None:
    """The further labels of the rest after which `settled` is expected to hold; None where not even all of them do."""
    if tally.sampled < 1 or not settled(tally.after(tally.rest)):
        return None
    low, high = tally.sampled + 1, tally.rest
    while low < high:
        middle = (low + high) // 2
        if settled(tally.after(middle)):
            high = middle
        else:
            low = middle + 1
    return max(0, high - tally.sampled)
