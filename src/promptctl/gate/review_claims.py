"""What a reviewed prompt's labels claim: the corrected difference, cases that must pass, and what would settle it."""

from __future__ import annotations

from promptctl.gate import wording
from promptctl.gate.claims import Claim
from promptctl.gate.confirmed import must_pass
from promptctl.gate.review_bounds import Tally, bounds_of, labels_to_settle
from promptctl.gate.review_cases import Labels
from promptctl.gate.review_measure import Asked, midp
from promptctl.model.config import GateConfig
from promptctl.model.review import Correction
from promptctl.model.verdict import PromptVerdict, Ruling
from promptctl.stats.margin import allowed_losses
from promptctl.stats.power import cases_to_settle


def corrected_claim(tally: Tally, found: Correction, policy: GateConfig) -> Claim:
    """The gate's three states on the corrected difference."""
    if policy.rule == "threshold":
        return _threshold_claim(tally, found, policy)
    moved = f"corrected by people: {wording.points(found.value)} over {wording.cases(tally.cases)}"
    margin = f"the tolerated {wording.size(policy.max_drop)}"
    worse = found.upper < 0 and found.adjusted_p is not None and found.adjusted_p < 1 - policy.confidence
    inside = found.lower > -policy.max_drop or policy.max_drop >= 1
    if tally.table == (0, 0) and tally.sampled == tally.rest:
        return Claim("identical", Ruling.PASS, f"corrected by people: the same on all {wording.cases(tally.cases)}")
    if worse and inside:
        return Claim("regressed-within-margin", Ruling.PASS, f"{moved}: a real loss, and surely smaller than {margin}")
    if worse:
        return Claim(
            "regression", Ruling.FAIL, f"{moved}: a regression is shown (at most {wording.points(found.upper)})"
        )
    if inside:
        return Claim("non-inferiority", Ruling.PASS, f"{moved}: a drop beyond {margin} is ruled out")
    return Claim(
        "not-settled", Ruling.INCONCLUSIVE, f"{moved}: neither a regression nor a drop within {margin} is shown"
    )


def _threshold_claim(tally: Tally, found: Correction, policy: GateConfig) -> Claim:
    """The plain rule, on whole cases where all are labelled, else where the sample's doubt leaves no question."""
    moved = f"corrected by people: {wording.points(found.value)} over {wording.cases(tally.cases)}"
    allowed = f"a drop of {wording.size(policy.max_drop)} is allowed"
    if tally.sampled >= tally.rest:
        lost = tally.certain_losses + tally.losses - tally.certain_gains - tally.gains
        within = lost <= allowed_losses(tally.cases, policy.max_drop)
        return Claim("threshold", Ruling.PASS if within else Ruling.FAIL, f"{moved}; {allowed}")
    if found.upper < -policy.max_drop:
        return Claim("threshold", Ruling.FAIL, f"{moved}, at most {wording.points(found.upper)}; {allowed}")
    if found.lower >= -policy.max_drop:
        return Claim("threshold", Ruling.PASS, f"{moved}, at least {wording.points(found.lower)}; {allowed}")
    return Claim("not-settled", Ruling.INCONCLUSIVE, f"{moved}; {allowed}, and the sample does not tell")


def way_out(tally: Tally, claim: Claim, policy: GateConfig) -> tuple[int | None, int | None, str | None]:
    """Further labels, or where none would do further cases, that are expected to settle it; and as what."""
    if claim.verdict is not Ruling.INCONCLUSIVE:
        return None, None, None

    def ends(then: Tally) -> str | None:
        bounds = bounds_of(then, policy.confidence)
        if policy.rule == "threshold":
            fails, passes = bounds.upper_here < -policy.max_drop, bounds.lower_here >= -policy.max_drop
        else:
            fails, passes = bounds.upper < 0 and midp(then) < 1 - policy.confidence, bounds.lower > -policy.max_drop
        return "pass" if passes else "fail" if fails else None

    more = labels_to_settle(tally, lambda then: ends(then) is not None)
    if more:
        return more, None, ends(tally.after(tally.sampled + more))
    if policy.rule == "threshold" or not 0 < policy.max_drop < 1:
        return None, None, None
    way = cases_to_settle(*tally.table, tally.cases, margin=policy.max_drop, confidence=policy.confidence)
    if way is None or way.cases <= tally.cases:
        return None, None, None
    return None, way.cases, way.verdict


def must_pass_claims(one: Asked, labels: Labels, policy: GateConfig) -> list[Claim]:
    """Cases that must pass and that people see pass at the base and fail at the head.

    A flip that the gate's fresh samples refuted is the model's own noise, and one they left open stays open.
    """
    fresh = {witness.case: witness.confirmed for witness in one.gate.witnesses}
    strata = one.strata
    lost = [
        case.case
        for case in (*strata.known, *strata.flipped, *strata.rest)
        if must_pass(case.pair, policy.must_pass) and case.change(labels) == -1
    ]
    failing = [case for case in lost if fresh.get(case) not in ("refuted", "open")]
    unknown = [case for case in lost if fresh.get(case) == "open"]
    claims = []
    if failing:
        told = f"{wording.cases(len(failing))} that must pass, newly failing as people see it: {wording.names(failing)}"
        claims.append(Claim("must-pass", Ruling.FAIL, told))
    if unknown:
        told = (
            f"{wording.cases(len(unknown))} that must pass failed and could not be confirmed: {wording.names(unknown)}"
        )
        claims.append(Claim("must-pass-unconfirmed", Ruling.INCONCLUSIVE, told, incomplete=True))
    return claims


def other_scores(gate: PromptVerdict) -> list[Claim]:
    """What graded assertions other than judges showed, which people were not asked about."""
    return [
        Claim(
            metric.rule,
            metric.verdict,
            f"mean score: {wording.points(metric.difference or 0.0)}, not reviewed",
            "score",
        )
        for metric in gate.metrics
        if metric.name == "score" and metric.gating and metric.verdict is not Ruling.PASS
    ]
