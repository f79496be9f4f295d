"""Floors of a reviewed prompt: the gate's own, those that stand on the judge's word told as that.

People are asked whether the head is worse, not how good it is, so a floor on what judges say of the head is not corrected
by their labels. Its claim stands, and its reason says whose word it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from promptctl.assertions.results.tally import JUDGED_MEANS, by_case, means
from promptctl.gate.claims import Claim
from promptctl.gate.floors import floor_claims, judge_floor_claims
from promptctl.gate.judges import hard, is_judged, may_block
from promptctl.gate.review_measure import Asked
from promptctl.model.config import GateConfig


def floors_of(one: Asked, policy: GateConfig) -> tuple[Claim, ...]:
    """The floors that are broken or open, in the gate's order."""
    return tuple(
        replace(claim, reason=_unreviewed(claim.reason)) if judged else claim for claim, judged in _claims(one, policy)
    )


def reasons_of(one: Asked, policy: GateConfig) -> tuple[str, ...]:
    """The gate's reasons for its verdict on the prompt, those that come of the judge's word told as that."""
    words = {claim.reason for claim, judged in _claims(one, policy) if judged}
    return tuple(_unreviewed(reason) if reason in words else reason for reason in one.gate.reasons)


def _claims(one: Asked, policy: GateConfig) -> Iterator[tuple[Claim, bool]]:
    """Each claim with whether it stands on what the judge said."""
    gates, judged = may_block(one.one, policy, one.judges), is_judged(one.one)
    for claim in floor_claims(one.one if gates else hard(one.one), policy):
        yield claim, gates and judged and not claim.rule.startswith("metric-")
    for claim in judge_floor_claims(one.one, policy, judges_gate=gates):
        yield claim, True


def _unreviewed(reason: str) -> str:
    return f"{reason} (the judge's word, not reviewed)"


def floor_notes(one: Asked, policy: GateConfig) -> tuple[str, ...]:
    """The keys of the policy that are held against what the judge said of the head, in a sentence; or nothing."""
    if not is_judged(one.one):
        return ()
    floors = []
    if policy.min_pass_rate is not None and may_block(one.one, policy, one.judges):
        floors.append("min_pass_rate")
    if policy.min_judge_score is not None:
        floors.append("min_judge_score")
    bounds = JUDGED_MEANS & policy.metrics.keys()
    if bounds:
        pairs = (*one.one.pairs, *one.one.errored)
        floors += sorted(bounds & means(by_case(sample for pair in pairs for sample in pair.head.samples)).keys())
    if not floors:
        return ()
    return (
        f"{', '.join(floors)}: held against the judge's word on the head, which these labels do not correct; "
        "`promptctl review RUN` of the head corrects its pass rate",
    )
