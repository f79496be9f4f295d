"""Bounds of the head's metrics, `gate.metrics`: means on their value, rates of what should not happen on exact bounds."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from promptctl.assertions.results.tally import Tally, by_case, means, tallies
from promptctl.gate import wording
from promptctl.gate.claims import Claim
from promptctl.gate.compare import PromptComparison
from promptctl.model.config import GateConfig, MetricBound
from promptctl.model.verdict import Ruling
from promptctl.stats.proportions import trials_for_zero_failures, zero_failure_bound

JUDGED_MEANS = frozenset({"judge_score", "faithfulness", "answer_relevance", "context_precision", "context_recall"})
_NEAR = 1e-12  # a mean of scores is a sum of floats


def bound_claims(one: PromptComparison, policy: GateConfig, *, judged: bool) -> Iterator[Claim]:
    """Bounds that the head's metrics break or leave open. judged: of the metrics that judges give, or of the others.

    A metric of which the prompt has nothing is not asked of it.
    """
    wanted = {name: bound for name, bound in policy.metrics.items() if (name in JUDGED_MEANS) is judged}
    if not wanted:
        return
    cases = by_case(sample for pair in (*one.pairs, *one.errored) for sample in pair.head.samples)
    found, counts = means(cases), tallies(cases)
    for name, bound in wanted.items():
        if name in found:
            yield from _mean(name, found[name], bound)
        elif name in counts:
            yield from _rate(name, counts[name], bound, policy.confidence)


def _mean(name: str, value: float, bound: MetricBound) -> Iterator[Claim]:
    rule = f"metric-{name.replace('_', '-')}"
    if bound.min is not None and value < bound.min - _NEAR:
        yield Claim(
            rule, Ruling.FAIL, f"{_title(name)} is {value:.3f}, at least {bound.min:g} is required", kind="floor"
        )
    if bound.max is not None and value > bound.max + _NEAR:
        yield Claim(rule, Ruling.FAIL, f"{_title(name)} is {value:.3f}, at most {bound.max:g} is allowed", kind="floor")


def _rate(name: str, tally: Tally, bound: MetricBound, confidence: float) -> Iterator[Claim]:
    """The exact one-sided bounds of a rate against its limits. Clopper and Pearson (1934).

    A rate of 0 cannot be shown by any number of cases: `max: 0` asks that it did not happen in these.
    """
    lower, upper = _bounds(tally, confidence)
    rule, said = (
        f"metric-{name.replace('_', '-')}",
        f"{_title(name)}: {tally.happened:,} of {wording.cases(tally.total)}",
    )
    if bound.max is not None:
        if (bound.max == 0 and tally.happened) or lower > bound.max:
            reason = f"{said}, at most {wording.share(bound.max)} is allowed"
            yield Claim(rule, Ruling.FAIL, reason, kind="floor")
        elif 0 < bound.max < upper:
            needed = trials_for_zero_failures(bound.max, confidence=confidence)
            reason = (
                f"{said}: that shows at most {wording.share(upper)}, and {wording.share(bound.max)} is the limit; it "
                f"takes {wording.cases(needed)} without one"
            )
            yield Claim(f"{rule}-not-shown", Ruling.INCONCLUSIVE, reason)
    if bound.min is not None and upper < bound.min:
        yield Claim(rule, Ruling.FAIL, f"{said}, at least {wording.share(bound.min)} is required", kind="floor")


def _bounds(tally: Tally, confidence: float) -> tuple[float, float]:
    if not tally.happened:
        return 0.0, zero_failure_bound(tally.total, confidence=confidence) or 0.0
    exact = import_module("promptctl.stats.exact")  # scipy, where something bad did happen
    lower, upper = (
        bound(tally.happened, tally.total, confidence=confidence) for bound in (exact.lower_bound, exact.upper_bound)
    )
    return float(lower), float(upper)


def _title(name: str) -> str:
    return name.replace("_", " ")
