"""What speaks for a verdict beside the tests: cases that must pass, confirmed flips, the plain threshold, limits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptctl.gate import wording
from promptctl.gate.compare import PromptComparison
from promptctl.gate.confirmed import Confirmations, Facts, must_pass, newly_fails
from promptctl.gate.outcomes import Counts
from promptctl.model.config import GateConfig
from promptctl.model.verdict import Measure, Ruling
from promptctl.stats.characteristics import threshold_rule_blocks
from promptctl.stats.confirm import facts_exceed
from promptctl.stats.margin import allowed_losses, within_drop
from promptctl.stats.sequential import Stop

_SHOWN_LOSS = 0.05  # the true loss whose fate under the threshold rule is told


@dataclass(frozen=True, slots=True)
class Claim:
    """A rule that fired, the verdict it asks for, and why.

    metric: whose figures speak for it. kind: of the witnesses that go with it, or None. incomplete: something was not
    measured that could change the verdict.
    """

    rule: str
    verdict: Ruling
    reason: str
    metric: str = "pass_rate"
    kind: str | None = None
    incomplete: bool = False


def must_pass_claims(one: PromptComparison, policy: GateConfig, confirmations: Confirmations | None) -> Iterator[Claim]:
    """Cases that must pass: newly failing ones fail the prompt, those nobody could confirm leave it open."""
    required = [pair for pair in one.regressions if must_pass(pair, policy.must_pass)]
    known = {pair.case: newly_fails(pair, one.prompt, confirmations if policy.confirm else None) for pair in required}
    failing = [case for case, fails in known.items() if fails]
    unknown = [case for case, fails in known.items() if fails is None]
    if failing:
        how = "in every sample" if confirmations is None or not policy.confirm else "in every confirming sample"
        reason = f"{wording.cases(len(failing))} that must pass, newly failing {how}: {wording.names(failing)}"
        yield Claim("must-pass", Ruling.FAIL, reason, kind="regression")
    if unknown:
        reason = (
            f"{wording.cases(len(unknown))} that must pass failed and could not be confirmed: {wording.names(unknown)}"
        )
        yield Claim("must-pass-unconfirmed", Ruling.INCONCLUSIVE, reason, kind="regression", incomplete=True)


def fact_claims(facts: Facts, counts: Counts, policy: GateConfig) -> Iterator[Claim]:
    """Confirmed flips are facts: more lost, on balance, than the margin allows is a failure whatever the p-value."""
    if facts.regressions is None or facts.improvements is None:
        return
    if facts_exceed(facts.regressions, facts.improvements, counts.n, max_drop=policy.max_drop):
        allowed = allowed_losses(counts.n, policy.max_drop)
        reason = (
            f"{facts.regressions:,} confirmed regressions less {facts.improvements:,} confirmed improvements are more "
            f"than the {allowed:,} that a drop of {wording.size(policy.max_drop)} allows in {wording.cases(counts.n)}"
        )
        yield Claim("confirmed-regressions", Ruling.FAIL, reason, kind="regression")


def stop_claims(stop: Stop | None) -> Iterator[Claim]:
    """Evidence that was enough to stop before all cases were asked."""
    if stop is not None:
        reason = (
            f"stopped after {wording.cases(stop.cases)}: {stop.regressions:,} regressions against {stop.improvements:,} "
            f"improvements are an e-value of {float(stop.evidence):,.0f}"
        )
        yield Claim("regression-evidence", Ruling.FAIL, reason, kind="regression")


def threshold_claims(counts: Counts, policy: GateConfig) -> Iterator[Claim]:
    """The plain rule on counts, and what it cannot see."""
    if not counts.n:
        return
    within = within_drop(counts.base_passed, counts.head_passed, counts.n, policy.max_drop)
    allowed = allowed_losses(counts.n, policy.max_drop)
    lost = counts.base_passed - counts.head_passed
    said = f"{lost:,} of {wording.cases(counts.n)} lost on balance, {allowed:,} allowed"
    reason = f"{said}; {blindness(counts, policy)}"
    yield Claim("threshold", Ruling.PASS if within else Ruling.FAIL, reason, kind="regression")


def blindness(counts: Counts, policy: GateConfig) -> str:
    """What the plain rule does on these many cases: how often it blocks nothing and lets a real loss through."""
    discordance = max(counts.discordance, _SHOWN_LOSS)
    blocks = threshold_rule_blocks(counts.n, discordance=discordance, difference=0.0, max_drop=policy.max_drop)
    caught = threshold_rule_blocks(counts.n, discordance=discordance, difference=-_SHOWN_LOSS, max_drop=policy.max_drop)
    if blocks is None or caught is None:
        return "nothing was measured"
    return (
        f"this rule does not tell a loss from noise: where {wording.share(discordance)} of the cases differ from run to "
        f"run it blocks an unchanged prompt {wording.share(blocks)} of the time and lets a true loss of "
        f"{wording.size(_SHOWN_LOSS)} through {wording.share(1 - caught)} of the time"
    )


def limit_claims(measures: Sequence[Measure]) -> Iterator[Claim]:
    """Cost and latency, where the policy limits them."""
    for one in measures:
        if one.verdict in {None, Ruling.PASS}:
            continue
        title, kind = ("cost per call", "cost") if one.name == "cost_per_call" else ("latency p95", None)
        if one.verdict is Ruling.FAIL:
            reason = f"{title} {_amount(one.head, one.unit)}, at the base {_amount(one.base, one.unit)}"
            reason += f"; at most {_amount(one.limit, one.unit)} is allowed"
            yield Claim(f"max-{one.name.replace('_', '-')}", Ruling.FAIL, reason, kind=kind)
        else:
            why = one.note or "it may be above the limit, which its interval does not rule out"
            yield Claim(f"{one.name.replace('_', '-')}-unsettled", Ruling.INCONCLUSIVE, f"{title}: {why}")


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return "unknown"
    return f"${value:.6f}" if unit == "usd" else f"{value:.2f} s"
