"""Scores on both sides: the paired analysis of judge scores and other graded scores. Opens scipy, so opened late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist, fmean, variance

from promptctl.gate.outcomes import Shape, clusters_of
from promptctl.gate.pairs import Pair
from promptctl.model.verdict import Interval, Metric, Ruling
from promptctl.stats.power import detectable_score_drop, score_cases
from promptctl.stats.scores import mean_difference, sign_flip_p

_FEW = 20  # differences that are not zero, up to which every sign pattern is tried


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean difference: two-sided interval and one-sided bounds at the confidence; None of fewer than two units."""

    mean: float
    units: int
    p_value: float | None
    interval: Interval | None
    lower: float | None
    upper: float | None


def mean_of(differences: Sequence[float], clusters: Sequence[object] | None, confidence: float) -> Mean:
    """The analysis of at least one difference, cluster-robust where `clusters` names each one's cluster."""
    keys = None if clusters is None else [repr(key) for key in clusters]
    both = mean_difference(differences, clusters=keys, confidence=confidence)
    side = mean_difference(differences, clusters=keys, confidence=2 * confidence - 1)
    if both is None or side is None:
        raise ValueError("there is no difference to analyse")
    interval = None if both.low is None or both.high is None else (max(both.low, -1.0), min(both.high, 1.0))
    lower = None if side.low is None else max(side.low, -1.0)
    upper = None if side.high is None else min(side.high, 1.0)
    return Mean(both.mean, both.units, both.p_regression, interval, lower, upper)


def clustered(
    found: Shape, pairs: Sequence[Pair], clusters: Sequence[object], *, max_drop: float, confidence: float
) -> Shape:
    """`found`, the analysis of outcomes as if cases were independent, made as cautious as their clusters demand."""
    robust = mean_of([float(pair.change) for pair in pairs], clusters, confidence)
    metric = replace(found.metric, units=robust.units, settled_by=None, settles_as=None)
    if robust.p_value is None or robust.lower is None or robust.upper is None or robust.interval is None:
        unknown = replace(metric, interval=None, lower=None, upper=None, p_value=None, detectable_drop=None)
        return replace(found, metric=unknown, noninferior=False, tested=False)
    low, high = metric.interval or robust.interval
    cautious = replace(
        metric,
        p_value=max(robust.p_value, metric.p_value or 0.0),
        lower=min(robust.lower, metric.lower if metric.lower is not None else robust.lower),
        upper=max(robust.upper, metric.upper if metric.upper is not None else robust.upper),
        interval=(min(low, robust.interval[0]), max(high, robust.interval[1])),
    )
    return replace(found, metric=cautious, noninferior=found.noninferior and robust.lower > -max_drop)


def score_shape(
    name: str, pairs: Sequence[Pair], scores: Sequence[tuple[float, float]], *, max_drop: float, confidence: float
) -> Shape:
    """What the paired `scores` (base, head) of `pairs`, at least one, show: t test of the differences, cluster-robust.

    Where few differences are not zero, the exact sign-flip test is made as well and the larger p-value taken: the t
    test trusts a spread it has hardly seen.
    """
    differences = [head - base for base, head in scores]
    moved = sum(abs(one) > 1e-9 for one in differences)
    clusters = clusters_of(pairs)
    found = mean_of(differences, clusters, confidence)
    p_value = found.p_value
    if clusters is None and 0 < moved <= _FEW and len(differences) > 1:
        p_value = max(p_value or 0.0, sign_flip_p(differences) or 0.0)
    settled_by, settles_as = _settling(differences, found.mean, max_drop, confidence)
    metric = Metric(
        name=name,
        verdict=Ruling.INCONCLUSIVE,
        rule="",
        n=len(scores),
        base=fmean(base for base, _ in scores),
        head=fmean(head for _, head in scores),
        difference=found.mean,
        interval=found.interval,
        lower=found.lower,
        upper=found.upper,
        p_value=p_value if moved else 1.0,
        units=found.units,
        detectable_drop=_detectable(differences, confidence),
        settled_by=settled_by,
        settles_as=settles_as,
    )
    shown = moved > 0 and found.lower is not None and found.lower > -max_drop
    return Shape(metric, moved == 0, shown, moved > 0 and p_value is not None)


def survives(differences: Sequence[float], *, max_drop: float, confidence: float) -> bool:
    """Whether a mean drop of `max_drop` or more is ruled out for these differences."""
    lower = mean_of(differences, None, confidence).lower
    return lower is not None and lower > -max_drop


def _detectable(differences: Sequence[float], confidence: float) -> float | None:
    spread = variance(differences) if len(differences) > 1 else 0.0
    return detectable_score_drop(len(differences), between=spread, confidence=confidence) if spread else None


def _settling(
    differences: Sequence[float], mean: float, max_drop: float, confidence: float
) -> tuple[int | None, str | None]:
    """The cases in all that are expected to settle it if the mean is the true one, and the verdict they would give.

    A loss smaller than half the margin is sooner shown to be inside it than shown at all, a larger one the reverse.
    """
    spread = variance(differences) if len(differences) > 1 else 0.0
    if not spread:
        return None, None
    if mean <= -max_drop / 2 and mean < 0:
        return score_cases(-mean, between=spread, confidence=confidence), "fail"
    normal = NormalDist()
    reach = normal.inv_cdf(confidence) + normal.inv_cdf(0.8)
    room = mean + max_drop
    return (int(reach * reach * spread / (room * room)) + 1, "pass") if room > 0 else (None, None)
