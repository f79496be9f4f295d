"""More than pass rate: cost, latency, refusals, and failures of form told apart from failures of content."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from promptctl.assertions.reading.json_text import load, objects
from promptctl.assertions.reading.lenient import lenient_objects
from promptctl.assertions.reading.refusals import refusal
from promptctl.gate.pairs import CaseSide, Pair
from promptctl.model.config import GateConfig
from promptctl.model.errors import AssertionBroken
from promptctl.model.run import Completion, Outcome, SampleResult
from promptctl.model.verdict import Measure, Ruling
from promptctl.stats.quantiles import Quantile, calls_for_bound, quantile_bounds

JSON_FORMATS = frozenset({"is-json", "contains-json", "json-schema"})
FORMATS = JSON_FORMATS | {"is-xml", "contains-xml"}
TAIL = 0.95


def measures_of(pairs: Sequence[Pair], policy: GateConfig) -> tuple[Measure, ...]:
    """Every measure of measured pairs, at least one. Cost and latency gate where the policy sets a limit."""
    base = [sample for pair in pairs for sample in pair.base.samples]
    head = [sample for pair in pairs for sample in pair.head.samples]
    return (
        _cost(pairs, policy.max_cost_increase),
        _latency(base, head, policy.max_latency_p95_increase, policy.confidence),
        _share("refusal_rate", base, head, _refuses),
        _share("format_failures", base, head, format_only),
        _share("pass_rate_repaired", base, head, lambda one: one.outcome is Outcome.PASS or repairable(one)),
    )


def _answers(samples: Iterable[SampleResult]) -> list[Completion]:
    return [one.completion for one in samples if one.completion is not None]


def cost_per_call(side: CaseSide) -> float | None:
    """The mean cost of a side's answers in USD; None where one's price is unknown, or there is no answer."""
    costs = [one.cost_usd for one in _answers(side.samples)]
    known = [cost for cost in costs if cost is not None]
    return fmean(known) if known and len(known) == len(costs) else None


def _cost(pairs: Sequence[Pair], most: float | None) -> Measure:
    """Compared over the cases whose cost is known on both sides, so that both means are of the same cases."""
    sides = [(cost_per_call(pair.base), cost_per_call(pair.head)) for pair in pairs]
    known = [(base, head) for base, head in sides if base is not None and head is not None]
    base = fmean(one for one, _ in known) if known else None
    head = fmean(one for _, one in known) if known else None
    note, ruling, limit = None, None, None
    if len(known) < len(pairs):
        note = f"the cost of {len(pairs) - len(known):,} of {len(pairs):,} cases is unknown"
    if most is not None:
        limit = None if base is None else base * (1 + most)
        if head is not None and limit is not None and head > limit * (1 + 1e-9):
            ruling = Ruling.FAIL
        else:
            ruling = Ruling.PASS if len(known) == len(pairs) else Ruling.INCONCLUSIVE
    return Measure("cost_per_call", "usd", base, head, len(known), len(known), None, None, limit, ruling, note)


def _latency(
    base: Sequence[SampleResult], head: Sequence[SampleResult], most: float | None, confidence: float
) -> Measure:
    """The p95 of each side with its order-statistic interval, and the refusal to gate where the calls are too few.

    FAIL only where the head's lower bound exceeds the limit above the base's upper bound: both tails are uncertain.
    """
    before, after = _tail(base, confidence), _tail(head, confidence)
    needed = calls_for_bound(TAIL, confidence=confidence)
    least = min(before.calls if before else 0, after.calls if after else 0)
    limit = before.value * (1 + most) if before is not None and most is not None else None
    ruling, note = None, None
    if least < needed:
        note = f"p95 has no bound from {least} calls; {needed} are needed on each side"
    if most is not None:
        ruling = _latency_ruling(before, after, most)
    return Measure(
        "latency_p95",
        "s",
        before.value if before else None,
        after.value if after else None,
        before.calls if before else 0,
        after.calls if after else 0,
        before.interval if before else None,
        after.interval if after else None,
        limit,
        ruling,
        note,
    )


def _latency_ruling(before: Quantile | None, after: Quantile | None, most: float) -> Ruling:
    if before is None or after is None or before.upper is None or after.upper is None or after.lower is None:
        return Ruling.INCONCLUSIVE
    if after.lower > before.upper * (1 + most):
        return Ruling.FAIL
    return Ruling.PASS if after.value <= before.value * (1 + most) else Ruling.INCONCLUSIVE


def _tail(samples: Iterable[SampleResult], confidence: float) -> Quantile | None:
    known = [one.latency_s for one in _answers(samples) if one.latency_s is not None]
    return quantile_bounds(known, TAIL, confidence=confidence)


def _share(
    name: str, base: Sequence[SampleResult], head: Sequence[SampleResult], holds: Callable[[SampleResult], bool]
) -> Measure:
    def of(samples: Sequence[SampleResult]) -> float | None:
        return sum(holds(one) for one in samples) / len(samples) if samples else None

    return Measure(name, "share", of(base), of(head), len(base), len(head))


def _refuses(sample: SampleResult) -> bool:
    """Whether the answer refuses, in English; one that calls a tool says nothing and does not refuse."""
    found = sample.completion
    return found is not None and not found.tool_calls and refusal(found.output) is not None


def format_only(sample: SampleResult) -> bool:
    """Whether a sample failed for nothing but the form of the answer."""
    if sample.outcome is not Outcome.FAIL:
        return False
    failed = [one.type for one in sample.assertions if one.outcome is Outcome.FAIL and one.weight > 0]
    return bool(failed) and all(kind in FORMATS for kind in failed)


def repairable(sample: SampleResult) -> bool:
    """Whether a sample failed because its answer as a whole is no JSON, while a forgiving reader finds JSON in it.

    Whether the repaired JSON would conform to a schema is not known here.
    """
    if not format_only(sample) or sample.completion is None:
        return False
    failed = {one.type for one in sample.assertions if one.outcome is Outcome.FAIL and one.weight > 0}
    if not failed <= JSON_FORMATS:
        return False
    text = sample.completion.output
    try:
        return not _strict(text) and (any(True for _ in objects(text)) or any(True for _ in lenient_objects(text)))
    except AssertionBroken:  # nested too deep for anybody to read
        return False


def _strict(text: str) -> bool:
    try:
        load(text)
    except ValueError:
        return False
    return True
