"""A reviewed prompt measured: the two-phase estimate of people's difference, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from statistics import NormalDist

from promptctl.gate.compare import PromptComparison
from promptctl.gate.outcomes import clusters_of
from promptctl.gate.review_bounds import Tally, bounds_of
from promptctl.gate.review_cases import Labels, ReviewCase
from promptctl.gate.review_plan import Strata, sampled
from promptctl.model.config import GateConfig
from promptctl.model.review import Correction
from promptctl.model.verdict import JudgeInForce, PromptVerdict
from promptctl.stats.paired import regression_p
from promptctl.stats.two_phase import TwoPhase, two_phase


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt under review: its comparison, what the gate said of it, its cases, and how many of the rest are wanted.

    judges: those in force at the gate; they decide whether a floor may block.
    """

    one: PromptComparison
    gate: PromptVerdict
    strata: Strata
    size: int
    judges: tuple[JudgeInForce, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """A prompt whose labels are complete: the estimate, the counts behind it, and the cases with what each stands for."""

    estimate: TwoPhase
    tally: Tally
    weighted: tuple[tuple[ReviewCase, float], ...]
    lost: tuple[ReviewCase, ...]


def measured(one: Asked, labels: Labels) -> Measured | None:
    """The prompt measured; its labels have to be complete. None where ERRORs leave too little of the sample."""
    strata = one.strata
    picked = sampled(strata, one.size, labels)
    certain = [(case, case.change(labels)) for case in (*strata.known, *strata.flipped)]
    drawn = [(case, case.change(labels)) for case in picked]
    lost = [case for case, change in (*certain, *drawn) if change is None]
    sure = [change for _, change in certain if change is not None]
    seen = [change for _, change in drawn if change is not None]
    rest = len(strata.rest) - sum(change is None for _, change in drawn)
    estimate = two_phase([float(change) for change in sure], [float(change) for change in seen], rest)
    if estimate is None:
        return None
    tally = Tally(
        certain=len(sure),
        certain_losses=sure.count(-1),
        certain_gains=sure.count(1),
        rest=rest,
        sampled=len(seen),
        losses=seen.count(-1),
        gains=seen.count(1),
        inflation=_inflation(one),
    )
    weight = rest / len(seen) if seen else 1.0
    weighted = [(case, 1.0) for case in strata.flipped] + [(case, weight) for case in picked]
    return Measured(estimate, tally, tuple(weighted), (*strata.lost, *lost))


def _inflation(one: Asked) -> float | None:
    """How much wider clusters make the doubt about the cases, as the judge's own flips show it; never less than 1."""
    pairs = one.one.pairs
    keys = clusters_of(pairs)
    if keys is None:
        return 1.0
    changes = [float(pair.change) for pair in pairs]
    if not any(changes):
        return 1.0
    error = import_module("promptctl.stats.clusters").clustered_error
    plain, robust = error(changes, range(len(changes))), error(changes, [repr(key) for key in keys])
    return None if robust is None else max(1.0, robust / plain)


def p_value(found: Measured) -> float:
    """One-sided, of "the head is worse": the larger of the normal one and mid-p McNemar's on the estimated counts."""
    estimate = found.estimate
    total = _total_error(found)
    if total is None:
        return 1.0
    normal = NormalDist(0.0, total).cdf(estimate.value) if total else float(estimate.value >= 0)
    return max(midp(found.tally), normal)


def midp(tally: Tally) -> float:
    """Mid-p McNemar's one-sided p-value on the estimated counts of all cases."""
    losses, gains = tally.table
    return regression_p(losses, gains) if losses + gains else 1.0


def _total_error(found: Measured) -> float | None:
    """The error of having drawn the cases as well, widened for clusters; None where there is one cluster only."""
    estimate, inflation = found.estimate, found.tally.inflation
    if inflation is None:
        return None
    drawn = max(0.0, estimate.total_error**2 - estimate.error**2)
    return float((estimate.error**2 + drawn * inflation**2) ** 0.5)


def correction(found: Measured, p: float, adjusted: float, policy: GateConfig) -> Correction:
    """The corrected difference; p: its p-value, adjusted: after Holm. The rule of the policy says whose bounds it has."""
    estimate = found.estimate
    bounds = bounds_of(found.tally, policy.confidence)
    two_sided = bounds_of(found.tally, (1 + policy.confidence) / 2)
    here = policy.rule == "threshold"
    return Correction(
        value=estimate.value,
        error=estimate.error,
        total_error=_total_error(found) or estimate.total_error,
        interval=(two_sided.lower_here, two_sided.upper_here),
        total_interval=(two_sided.lower, two_sided.upper),
        lower=bounds.lower_here if here else bounds.lower,
        upper=bounds.upper_here if here else bounds.upper,
        judged_only=estimate.judged_only,
        p_value=p,
        adjusted_p=adjusted,
    )
