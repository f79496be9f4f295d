"""The cases that speak for a verdict, with both answers and what broke."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from promptctl.gate.compare import PromptComparison
from promptctl.gate.confirmed import Confirmations, flip_of, must_pass
from promptctl.gate.measures import cost_per_call, format_only
from promptctl.gate.pairs import CaseSide, Pair
from promptctl.model.config import GateConfig
from promptctl.model.run import AssertionResult, Outcome
from promptctl.model.verdict import Broken, CaseError, Shown, Witness

MOST_OTHERS = 10  # witnesses of a kind that ranks cases; regressions are all named


def witnesses_of(
    one: PromptComparison, kinds: Sequence[str], policy: GateConfig, confirmations: Confirmations | None
) -> tuple[Witness, ...]:
    """Every regression, those that must pass first, then the cases that speak for the other `kinds` of failure."""
    regressions = sorted(one.regressions, key=lambda pair: not must_pass(pair, policy.must_pass))
    found = [("regression", pair) for pair in regressions]
    if "score" in kinds:
        found += [("score", pair) for pair in _lowest(one.pairs, _score_change)]
    if "floor" in kinds:
        failing = [pair for pair in one.pairs if pair.head.outcome is Outcome.FAIL and not pair.change]
        found += [("floor", pair) for pair in failing[:MOST_OTHERS]]
    if "cost" in kinds:
        found += [("cost", pair) for pair in _lowest(one.pairs, _saving)]
    named: set[str] = set()
    kept = []
    for kind, pair in found:
        if pair.case not in named:
            named.add(pair.case)
            kept.append(_witness(pair, kind, one.prompt, policy, confirmations))
    return tuple(kept)


def _lowest(pairs: Sequence[Pair], change: Callable[[Pair], float | None]) -> list[Pair]:
    known = [(change(pair), pair) for pair in pairs]
    losses = [(amount, pair) for amount, pair in known if amount is not None and amount < 0]
    return [pair for _, pair in sorted(losses, key=lambda item: (item[0], item[1].case))[:MOST_OTHERS]]


def _score_change(pair: Pair) -> float | None:
    base, head = pair.base.judge_score, pair.head.judge_score
    if base is None or head is None:
        base, head = pair.base.score, pair.head.score
    return None if base is None or head is None else head - base


def _saving(pair: Pair) -> float | None:
    base, head = cost_per_call(pair.base), cost_per_call(pair.head)
    return None if base is None or head is None else base - head


def _witness(pair: Pair, kind: str, prompt: str, policy: GateConfig, confirmations: Confirmations | None) -> Witness:
    flip = flip_of(pair, prompt, confirmations, policy.confirm) if pair.change else None
    failed = [one for one in pair.head.samples if one.outcome is Outcome.FAIL]
    return Witness(
        case=pair.case,
        kind=kind,
        base=shown(pair.base),
        head=shown(pair.head),
        broken=tuple(_broken(pair.head)),
        tags=pair.tags,
        must_pass=must_pass(pair, policy.must_pass),
        confirmed=None if flip is None else flip.value,
        format_only=bool(failed) and all(format_only(one) for one in failed),
    )


def shown(side: CaseSide) -> Shown:
    """A side as a witness shows it: the sample that speaks for its outcome."""
    sample = side.speaking
    found = sample.completion
    return Shown(
        outcome=side.outcome,
        output="" if found is None else found.output,
        passed=side.passed,
        samples=len(side.samples),
        score=sample.score,
        tool_calls=() if found is None else found.tool_calls,
        error=sample.error,
    )


def _broken(side: CaseSide) -> Iterator[Broken]:
    """Each assertion that failed on the side: the reason it gave first, and in how many samples it failed."""
    failed: dict[tuple[str, str | None, str], list[AssertionResult]] = {}
    for sample in side.samples:
        for result in sample.assertions:
            if result.outcome is Outcome.FAIL:
                failed.setdefault((result.type, result.name, result.digest), []).append(result)
    for (kind, name, _), results in failed.items():
        yield Broken(kind, name, results[0].reason, len(results), len(side.samples))


def errors_of(one: PromptComparison) -> tuple[CaseError, ...]:
    """The cases that could not be compared because a side is an ERROR, and why."""
    return tuple(_error(pair) for pair in one.errored)


def _error(pair: Pair) -> CaseError:
    sides = {"base": pair.base, "head": pair.head}
    broken = [name for name, side in sides.items() if side.outcome is Outcome.ERROR]
    sample = sides[broken[0]].speaking
    reasons = [result.reason for result in sample.assertions if result.outcome is Outcome.ERROR]
    reason = sample.error or "; ".join(reasons) or "it could not be judged"
    return CaseError(pair.case, "both" if len(broken) == 2 else broken[0], reason)
