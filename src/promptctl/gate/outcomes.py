"""Pass or fail on both sides: what the counts of flipped cases show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from statistics import NormalDist
from typing import cast

from promptctl.gate.pairs import Pair
from promptctl.model.run import Outcome
from promptctl.model.verdict import Interval, Metric, Ruling
from promptctl.stats.paired import (
    difference_interval,
    difference_lower,
    difference_upper,
    fewest_flips,
    regression_p,
    score_z,
)
from promptctl.stats.power import cases_to_settle, detectable_drop, superiority_cases


@dataclass(frozen=True, slots=True)
class Shape:
    """What a metric shows before the tests of all metrics are weighed together.

    metric: its figures, verdict still open. identical: no case differs at all. noninferior: a drop beyond the margin
    is ruled out. tested: whether the test could have shown a regression in these data; one that cannot is not counted
    among the tests.
    """

    metric: Metric
    identical: bool
    noninferior: bool
    tested: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases, those that pass on each side, and those that flipped."""

    n: int
    base_passed: int
    head_passed: int
    regressions: int
    improvements: int

    @property
    def discordance(self) -> float:
        """The share of cases whose outcome differs."""
        return (self.regressions + self.improvements) / self.n if self.n else 0.0


def counts_of(pairs: Sequence[Pair]) -> Counts:
    """The counts of measured pairs."""
    table = Counter((pair.base.outcome is Outcome.PASS, pair.head.outcome is Outcome.PASS) for pair in pairs)
    both, regressions, improvements = table[True, True], table[True, False], table[False, True]
    return Counts(len(pairs), both + regressions, both + improvements, regressions, improvements)


def clusters_of(pairs: Sequence[Pair]) -> tuple[object, ...] | None:
    """Each pair's cluster, a case without one being its own; None where no two pairs share one."""
    if not any(pair.cluster is not None for pair in pairs):
        return None
    keys: tuple[object, ...] = tuple(
        ("case", pair.case) if pair.cluster is None else ("cluster", pair.cluster) for pair in pairs
    )
    return keys if len(set(keys)) < len(keys) else None


def outcome_shape(pairs: Sequence[Pair], *, max_drop: float, confidence: float) -> Shape:
    """What the outcomes of at least one measured pair show: mid-p McNemar, Tango's bounds.

    Where cases form clusters, the cluster-robust t analysis of the differences is made as well and of each figure the
    more cautious one is taken: outcomes of one cluster are not independent, and few clusters make the t test bold.
    """
    counts = counts_of(pairs)
    found = _plain(counts, max_drop, confidence)
    clusters = clusters_of(pairs)
    if clusters is None or found.identical:
        return found
    scored = import_module("promptctl.gate.scores")  # scipy, which plain outcomes do without
    return cast("Shape", scored.clustered(found, pairs, clusters, max_drop=max_drop, confidence=confidence))


@lru_cache(maxsize=8192)
def _plain(counts: Counts, max_drop: float, confidence: float) -> Shape:
    n, regressions, improvements = counts.n, counts.regressions, counts.improvements
    flips = regressions + improvements
    settled_by, settles_as = _settling(counts, max_drop, confidence)
    metric = Metric(
        name="pass_rate",
        verdict=Ruling.INCONCLUSIVE,
        rule="",
        n=n,
        base=counts.base_passed / n,
        head=counts.head_passed / n,
        difference=(improvements - regressions) / n,
        interval=difference_interval(regressions, improvements, n, confidence=confidence),
        lower=difference_lower(regressions, improvements, n, confidence=confidence),
        upper=difference_upper(regressions, improvements, n, confidence=confidence),
        p_value=regression_p(regressions, improvements) if flips else 1.0,
        units=n,
        detectable_drop=smallest_drop(n, counts.discordance, confidence),
        settled_by=settled_by,
        settles_as=settles_as,
    )
    return Shape(
        metric=metric,
        identical=flips == 0,
        noninferior=noninferior(regressions, improvements, n, max_drop=max_drop, confidence=confidence),
        tested=flips >= fewest_flips(alpha=1 - confidence),
    )


@lru_cache(maxsize=8192)
def noninferior(regressions: int, improvements: int, n: int, *, max_drop: float, confidence: float) -> bool:
    """Whether a drop of `max_drop` or more is ruled out by Tango's score bound at one-sided `confidence`."""
    if max_drop >= 1:
        return True
    return score_z(regressions, improvements, n, difference=-max_drop) > NormalDist().inv_cdf(confidence)


@lru_cache(maxsize=8192)
def smallest_drop(n: int, discordance: float, confidence: float, power: float = 0.8) -> float | None:
    """The smallest true drop that `n` cases show with probability `power`; None where not even losing all would be.

    At the discordance that was seen; where that is too small for any drop to show, at the least discordance a drop
    brings with it, its own size.
    """
    found = detectable_drop(n, discordance, confidence=confidence, power=power)
    if found is not None:
        return found
    low, high = 1, n  # the number of cases lost, all flips being losses
    if not _shows(n, 1.0, confidence, power):
        return None
    while low < high:
        middle = (low + high) // 2
        if _shows(n, middle / n, confidence, power):
            high = middle
        else:
            low = middle + 1
    return low / n


def _shows(n: int, drop: float, confidence: float, power: float) -> bool:
    """Whether Connor's formula finds `n` cases enough for a drop that is the whole discordance."""
    enough = n >= fewest_flips(alpha=1 - confidence)
    return enough and superiority_cases(drop, drop, confidence=confidence, power=power) <= n


def _settling(counts: Counts, max_drop: float, confidence: float) -> tuple[int | None, str | None]:
    if not 0 < max_drop < 1:
        return None, None
    way = cases_to_settle(counts.regressions, counts.improvements, counts.n, margin=max_drop, confidence=confidence)
    return (None, None) if way is None else (way.cases, way.verdict)


def tag_figures(pairs: Sequence[Pair], confidence: float) -> tuple[Counts, float | None, Interval | None, float | None]:
    """Counts, difference, interval and one-sided p-value of some pairs, for a tag."""
    counts = counts_of(pairs)
    if not counts.n:
        return counts, None, None, None
    metric = _plain(counts, 0.0, confidence).metric
    return counts, metric.difference, metric.interval, metric.p_value
