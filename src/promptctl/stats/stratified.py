"""How far a judge can be trusted, from labels of a sample that was drawn by the judge's own verdicts.

Labelling half passes and half fails of a judge that passes nine in ten changes what share of the failures it seems to
catch: its misses are among the passes, each of which then stands for many more answers. Begg and Greenes (1983),
Assessment of diagnostic tests when disease verification is subject to selection bias, Biometrics 39: within a verdict
the labelled answers say how many are bad, and every verdict counts by its size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from promptctl.stats.agreement import (
    Confusion,
    Pair,
    Reliability,
    cohen_kappa,
    gwet_ac1,
    observed_agreement,
    reliability,
)
from promptctl.stats.exact import lower_bound, upper_bound


@dataclass(frozen=True, slots=True)
class Stratum:
    """Items drawn alike. size: how many there are in the pool; table: those of them that are labelled and judged.

    passed: whether the verdict they were drawn by is a pass; None where there was none, or it may be either. own:
    whether that verdict is of the judge that is measured, so that what it says of them is known without a label.
    """

    size: int
    table: Confusion
    passed: bool | None = None
    own: bool = False

    @property
    def labelled(self) -> int:
        """How many are labelled and judged."""
        return self.table.passes + self.table.fails


@dataclass(frozen=True, slots=True)
class Part:
    """One stratum's say on a rate, which is hits / (hits + misses): `hits` and `misses` of `items` labelled, of `size`.

    no_hits, no_misses: that there are none in the whole stratum, by how it was made. passed: as in Stratum.
    """

    size: int
    items: int
    hits: int
    misses: int
    no_hits: bool
    no_misses: bool
    passed: bool | None

    @property
    def turned(self) -> Part:
        """The same of the other share, misses / (hits + misses)."""
        return Part(self.size, self.items, self.misses, self.hits, self.no_misses, self.no_hits, self.passed)


def is_plain(strata: Sequence[Stratum]) -> bool:
    """Whether raw counts say it all: one stratum, or several that are labelled to the last item."""
    return len(strata) < 2 or all(one.size == one.labelled for one in strata)


def stratified(strata: Sequence[Stratum], *, confidence: float = 0.95) -> Reliability:
    """What the strata together say of a judge; of a plain sample exactly what `reliability` says.

    TNR = sum of N a / sum of N (a + b): N the size of a stratum, a the share of its labelled items that people and judge
    fail, b of those that people fail and the judge passes; TPR likewise. The bounds are those of `rate_floor`. A stratum
    without a label takes no part in a figure, and may hold anything at all in a bound.
    """
    together = total(one.table for one in strata)
    if is_plain(strata):
        return reliability(together, confidence=confidence)
    counts = weighted((one.size, one.table.counts) for one in strata)
    tpr, tpr_interval, _ = _rate(parts_of(strata, fails=False), confidence)
    tnr, tnr_interval, tnr_lower = _rate(parts_of(strata, fails=True), confidence)
    return Reliability(
        items=together.passes + together.fails,
        agreement=observed_agreement(counts),
        kappa=cohen_kappa(counts),
        ac1=gwet_ac1(counts),
        tpr=tpr,
        tpr_interval=tpr_interval,
        tnr=tnr,
        tnr_interval=tnr_interval,
        tnr_lower=tnr_lower,
    )


def total(tables: Iterable[Confusion]) -> Confusion:
    """The tables as one."""
    rows = [(one.both_pass, one.missed_passes, one.missed_fails, one.both_fail) for one in tables]
    return Confusion(*(sum(column) for column in zip(*rows, strict=True))) if rows else Confusion(0, 0, 0, 0)


def weighted(strata: Iterable[tuple[int, Mapping[Pair, int]]]) -> Mapping[Pair, Fraction]:
    """Counts of all strata, each item by the number it stands for, exactly. strata: the size and the counts of each."""
    found: defaultdict[Pair, Fraction] = defaultdict(Fraction)
    for size, counts in strata:
        items = sum(counts.values())
        for pair, count in counts.items():
            found[pair] += Fraction(size * count, items) if count else 0
    return dict(found)


def parts_of(strata: Iterable[Stratum], *, fails: bool) -> tuple[Part, ...]:
    """What each stratum says of the TNR (`fails`), or of the TPR.

    Where the judge that is measured made the strata, it fails nothing of what it passed and passes nothing of what it
    failed: no sampling can change that, and its bound costs nothing.
    """
    found = []
    for one in strata:
        table = one.table
        hits, misses = (table.both_fail, table.missed_fails) if fails else (table.both_pass, table.missed_passes)
        judge_passed, judge_failed = one.own and one.passed is True, one.own and one.passed is False
        no_hits, no_misses = (judge_passed, judge_failed) if fails else (judge_failed, judge_passed)
        found.append(
            Part(one.size, one.labelled, hits, misses, no_hits and not hits, no_misses and not misses, one.passed)
        )
    return tuple(found)


def rate_floor(parts: Sequence[Part], *, confidence: float = 0.95) -> float:
    """The one-sided lower bound of hits / (hits + misses) over the whole pool; never too high, if too low at times.

    In each stratum the exact bound (Clopper and Pearson 1934) of the share of hits from below and of misses from above,
    but of a share that is 0 by how the stratum was made. Bonferroni: the error is parted evenly among these bounds, so
    that all hold together. No failure among 50 labelled items of 1,800 is thus up to 7 in 100 of them, and not none.
    """
    bounds = sum((not one.no_hits) + (not one.no_misses) for one in parts if one.items)
    each = 1 - (1 - confidence) / max(1, bounds)
    hits = misses = 0.0
    for one in parts:
        low = 0.0 if one.no_hits else lower_bound(one.hits, one.items, confidence=each) or 0.0
        high = upper_bound(one.misses, one.items, confidence=each)
        hits += one.size * low
        misses += 0.0 if one.no_misses else one.size * min(1.0 if high is None else high, 1 - low)
    return hits / (hits + misses) if hits else 0.0


def rate_interval(parts: Sequence[Part], *, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided interval, with half of the error on either side."""
    side = (1 + confidence) / 2
    return rate_floor(parts, confidence=side), 1 - rate_floor([one.turned for one in parts], confidence=side)


def _rate(parts: Sequence[Part], confidence: float) -> tuple[float | None, tuple[float, float] | None, float | None]:
    """The rate, its interval and its lower bound; None where no labelled item is a hit or a miss."""
    seen = [one for one in parts if one.items]
    hits = sum((Fraction(one.size * one.hits, one.items) for one in seen), Fraction(0))
    misses = sum((Fraction(one.size * one.misses, one.items) for one in seen), Fraction(0))
    if not hits + misses:
        return None, None, None
    floor = rate_floor(parts, confidence=confidence)
    return float(hits / (hits + misses)), rate_interval(parts, confidence=confidence), floor
