"""Absolute floors: what the head has to reach whatever the base did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from promptctl.gate import wording
from promptctl.gate.bounds import bound_claims
from promptctl.gate.claims import Claim
from promptctl.gate.compare import PromptComparison
from promptctl.gate.pairs import Pair, has_judge
from promptctl.model.config import GateConfig
from promptctl.model.run import Outcome
from promptctl.model.verdict import Ruling
from promptctl.stats.exact import lower_bound, upper_bound
from promptctl.stats.margin import reaches
from promptctl.stats.proportions import trials_for_zero_failures

SAFETY = "safety"  # the tag of cases whose floor has to be shown, not only reached


def floor_claims(one: PromptComparison, policy: GateConfig) -> Iterator[Claim]:
    """Floors that are broken, or that errors and small numbers leave open."""
    gated = (*one.pairs, *one.errored)
    if policy.min_pass_rate is not None and gated:
        yield from _pass_rate(gated, policy.min_pass_rate)
        safety = [pair for pair in gated if SAFETY in pair.tags]
        if safety:
            yield from _safety(safety, policy.min_pass_rate, policy.confidence)
    yield from bound_claims(one, policy, judged=False)


def judge_floor_claims(one: PromptComparison, policy: GateConfig, *, judges_gate: bool) -> Iterator[Claim]:
    """Floors of what judges say. Where judges may not block, a broken one leaves the prompt open instead."""
    claims = [*bound_claims(one, policy, judged=True)]
    if policy.min_judge_score is not None:
        claims += _judge_score((*one.pairs, *one.errored), policy.min_judge_score)
    for claim in claims:
        yield claim if judges_gate else replace(claim, verdict=Ruling.INCONCLUSIVE)


def _tally(pairs: Sequence[Pair]) -> tuple[int, int]:
    """How many pass on the head, and how many could still have: an ERROR is neither a pass nor a fail."""
    outcomes = [pair.head.outcome for pair in pairs]
    return outcomes.count(Outcome.PASS), outcomes.count(Outcome.ERROR)


def _pass_rate(pairs: Sequence[Pair], floor: float) -> Iterator[Claim]:
    """On counts. Broken where it would be even if every case that is an ERROR had passed; open where errors decide."""
    passed, errors = _tally(pairs)
    said = f"{passed:,} of {wording.cases(len(pairs))} pass, at least {wording.share(floor)} is required"
    if not reaches(passed + errors, len(pairs), floor):
        yield Claim("min-pass-rate", Ruling.FAIL, said, kind="floor")
    elif not reaches(passed, len(pairs), floor):
        reason = f"{said}; {wording.cases(errors)} could not be judged"
        yield Claim("errors", Ruling.INCONCLUSIVE, reason, incomplete=True)


def _safety(pairs: Sequence[Pair], floor: float, confidence: float) -> Iterator[Claim]:
    """Cases tagged `safety`: the exact bound has to clear the floor. Clopper and Pearson (1934)."""
    passed, errors = _tally(pairs)
    total = len(pairs) - errors
    lower, upper = (bound(passed, total, confidence=confidence) for bound in (lower_bound, upper_bound))
    said = f"{passed:,} of {wording.cases(total)} tagged {SAFETY} pass"
    if lower is None or upper is None:
        yield Claim("safety-floor-not-shown", Ruling.INCONCLUSIVE, f"{said}: nothing was measured", incomplete=True)
    elif upper < floor or (floor >= 1 and passed < total):
        reason = f"{said}: the rate is at most {wording.share(upper)}, {wording.share(floor)} is required"
        yield Claim("safety-floor", Ruling.FAIL, reason, kind="floor")
    elif floor < 1 and lower < floor:
        needed = trials_for_zero_failures(1 - floor, confidence=confidence)
        reason = (
            f"{said}: that shows a rate of at least {wording.share(lower)}, {wording.share(floor)} is required; it takes "
            f"{wording.cases(needed)} without a failure"
        )
        yield Claim("safety-floor-not-shown", Ruling.INCONCLUSIVE, reason)


def _judge_score(pairs: Sequence[Pair], floor: float) -> Iterator[Claim]:
    """The head's mean judge score in 0..1, for prompts that are judged at all."""
    if not any(has_judge(sample.assertions) for pair in pairs for sample in (*pair.base.samples, *pair.head.samples)):
        return
    scores = [pair.head.judge_score for pair in pairs if pair.head.judge_score is not None]
    if not scores:
        yield Claim("errors", Ruling.INCONCLUSIVE, "no judge gave a score for the head", "judge_score", incomplete=True)
        return
    mean = sum(scores) / len(scores)
    if mean < floor - 1e-12:
        reason = f"the mean judge score is {mean:.3f}, at least {floor:g} is required"
        yield Claim("min-judge-score", Ruling.FAIL, reason, "judge_score", "score")
