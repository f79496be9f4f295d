"""How far a judge can be trusted: agreement with people, and the share of failures it catches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from statistics import NormalDist

from promptctl.stats.exact import clopper_pearson, lower_bound

Pair = tuple[Hashable, Hashable]
Count = int | Fraction
"""How many items, or how many a weighted sample stands for."""


def observed_agreement(counts: Mapping[Pair, Count]) -> float | None:
    """The share of items to which both raters give the same category; None of no items. counts: by (one, other)."""
    total = sum(counts.values())
    return float(sum(count for (one, other), count in counts.items() if one == other) / total) if total else None


def _marginals(counts: Mapping[Pair, Count]) -> tuple[Mapping[Hashable, Count], Mapping[Hashable, Count]]:
    ones: defaultdict[Hashable, Count] = defaultdict(int)
    others: defaultdict[Hashable, Count] = defaultdict(int)
    for (one, other), count in counts.items():
        ones[one] += count
        others[other] += count
    return ones, others


def cohen_kappa(counts: Mapping[Pair, Count]) -> float | None:
    """Cohen's kappa: agreement beyond what the raters' own rates would give by chance. counts: by (one, other).

    Cohen (1960), Educational and Psychological Measurement 20. None of no items, and where both raters gave all
    items one and the same category: there was nothing to agree about.
    """
    observed, total = observed_agreement(counts), sum(counts.values())
    if observed is None:
        return None
    ones, others = _marginals(counts)
    by_chance = sum(ones[category] * others[category] for category in ones)
    return None if by_chance == total * total else (observed - by_chance / total**2) / (1 - by_chance / total**2)


def gwet_ac1(counts: Mapping[Pair, Count], *, categories: int = 2) -> float | None:
    """Gwet's AC1, which skewed rates do not drive to 0 as they do kappa; None of no items. counts: by (one, other).

    Gwet (2008), British Journal of Mathematical and Statistical Psychology 61. It can look fine
    where a judge misses most of the few failures: never gate on it alone.
    """
    observed, total = observed_agreement(counts), sum(counts.values())
    if observed is None:
        return None
    ones, others = _marginals(counts)
    named = ones.keys() | others.keys()
    if categories < max(2, len(named)):
        raise ValueError(f"{len(named)} categories were given where {categories} were announced")
    shares = [(ones[category] + others[category]) / (2 * total) for category in named]
    by_chance = sum(share * (1 - share) for share in shares) / (categories - 1)
    return (observed - by_chance) / (1 - by_chance)


@dataclass(frozen=True, slots=True)
class Confusion:
    """Items by what the human and the judge said. missed_passes: human pass, judge fail; missed_fails: the reverse."""

    both_pass: int
    missed_passes: int
    missed_fails: int
    both_fail: int

    def __post_init__(self) -> None:
        if min(self.both_pass, self.missed_passes, self.missed_fails, self.both_fail) < 0:
            raise ValueError("counts must not be negative")

    @property
    def passes(self) -> int:
        """Items the human passes."""
        return self.both_pass + self.missed_passes

    @property
    def fails(self) -> int:
        """Items the human fails."""
        return self.both_fail + self.missed_fails

    @property
    def counts(self) -> Mapping[Pair, int]:
        """By (human passes, judge passes)."""
        return {
            (True, True): self.both_pass,
            (True, False): self.missed_passes,
            (False, True): self.missed_fails,
            (False, False): self.both_fail,
        }


@dataclass(frozen=True, slots=True)
class Reliability:
    """A judge against people. tpr: share of human passes it passes; tnr: share of human fails it fails (catches).

    Intervals are exact and two-sided; tnr_lower is the exact one-sided bound that a floor is held against. None where
    people passed (or failed) nothing, so that there is nothing to know.
    """

    items: int
    agreement: float | None
    kappa: float | None
    ac1: float | None
    tpr: float | None
    tpr_interval: tuple[float, float] | None
    tnr: float | None
    tnr_interval: tuple[float, float] | None
    tnr_lower: float | None


def reliability(table: Confusion, *, confidence: float = 0.95) -> Reliability:
    """All that the confusion matrix says of a judge; every figure None where it has no items behind it."""
    return Reliability(
        items=table.passes + table.fails,
        agreement=observed_agreement(table.counts),
        kappa=cohen_kappa(table.counts),
        ac1=gwet_ac1(table.counts),
        tpr=table.both_pass / table.passes if table.passes else None,
        tpr_interval=clopper_pearson(table.both_pass, table.passes, confidence=confidence),
        tnr=table.both_fail / table.fails if table.fails else None,
        tnr_interval=clopper_pearson(table.both_fail, table.fails, confidence=confidence),
        tnr_lower=lower_bound(table.both_fail, table.fails, confidence=confidence),
    )


def labels_needed(rate: float, halfwidth: float, *, confidence: float = 0.95) -> int:
    """The human labels of one class (passes for tpr, fails for tnr) that pin a rate near `rate` to +- `halfwidth`.

    z^2 p (1 - p) / w^2, the normal approximation: for planning, not for a bound.
    """
    if not 0 < rate < 1 or not 0 < halfwidth < 1:
        raise ValueError(f"rate and half-width must lie between 0 and 1, not {rate} and {halfwidth}")
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    return ceil(z * z * rate * (1 - rate) / halfwidth**2)


_MOST_FAILS = 10_000


def fails_for_bound(tnr: float, floor: float, *, labelled: int = 0, confidence: float = 0.95) -> int | None:
    """The human fails at which the exact one-sided bound of `tnr` reaches `floor`, if the judge goes on as it did.

    labelled: how many there are already; the answer is at least as many. The first count whose bound, with that share
    of it caught (rounded down), reaches the floor: an exact search, because the bound moves in steps. None where the
    share is not above the floor, or no count up to 10,000 does.
    """
    if tnr <= floor:
        return None
    for fails in range(max(1, labelled), _MOST_FAILS + 1):
        bound = lower_bound(int(tnr * fails + 1e-9), fails, confidence=confidence)
        if bound is not None and bound >= floor:
            return fails
    return None
