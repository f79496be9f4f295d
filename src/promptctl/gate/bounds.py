"""Bounds of the head's metrics, `gate.metrics`: means on their value, rates of what should not happen on exact bounds.

A case that a metric is about and that could not be judged counts as the worst it could be: a bound that only holds
without it is open, and not a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from promptctl.assertions.results.tally import JUDGED_MEANS, Cases, Mean, Tally, kinds_of, means, tallies
from promptctl.gate import wording
from promptctl.gate.claims import Claim
from promptctl.gate.compare import PromptComparison
from promptctl.model.config import GateConfig, MetricBound
from promptctl.model.verdict import Measure, Ruling
from promptctl.stats.proportions import bounds_of_events, trials_for_zero_failures

_NEAR = 1e-12  # a mean of scores is a sum of floats


def bound_claims(one: PromptComparison, policy: GateConfig, *, judged: bool) -> Iterator[Claim]:
    """Bounds that the head's metrics break or leave open. judged: of the metrics that judges give, or of the others.

    A metric that none of the prompt's cases is about is not asked of it.
    """
    wanted = {name: bound for name, bound in policy.metrics.items() if (name in JUDGED_MEANS) is judged}
    if not wanted:
        return
    found = _of_head(one)
    for name, bound in wanted.items():
        metric = found.get(name)
        if isinstance(metric, Mean):
            yield from _mean(name, metric, bound)
        elif metric is not None:
            yield from _rate(name, metric, bound, policy.confidence)


def bound_measures(one: PromptComparison, policy: GateConfig) -> tuple[Measure, ...]:
    """The bounded metrics as figures of both sides: a bound that holds is seen to hold."""
    if not policy.metrics:
        return ()
    base, head = _of_base(one), _of_head(one)
    return tuple(
        _measure(name, base.get(name), head[name], bound, policy.confidence)
        for name, bound in policy.metrics.items()
        if name in head
    )


def _measure(
    name: str, before: Mean | Tally | None, after: Mean | Tally, bound: MetricBound, confidence: float
) -> Measure:
    sides = (("at least", bound.min), ("at most", bound.max))
    rate = isinstance(after, Tally)
    said = [f"{word} {wording.share(end) if rate else f'{end:g}'}" for word, end in sides if end is not None]
    if isinstance(after, Tally) and after.total:
        upper = bounds_of_events(after.happened, after.total, confidence=confidence)[1]
        said.append(f"exact upper bound {wording.share(upper)} of {wording.cases(after.total)}")
    if after.missing:
        said.append(f"{wording.cases(after.missing)} could not be judged")
    return Measure(
        name=f"metrics.{name}",
        unit="share" if rate else "score",
        base=None if before is None else before.value,
        head=after.value,
        base_calls=0 if before is None else before.total,
        head_calls=after.total,
        limit=bound.min if bound.max is None else bound.max,
        note=", ".join(said),
    )


def unmeasured(prompts: Iterable[PromptComparison], policy: GateConfig) -> Sequence[str]:
    """The bounded metrics that no case of any of these prompts is about: nothing holds them."""
    seen: set[str] = set()
    if policy.metrics:
        for one in prompts:
            seen |= _of_head(one).keys()
    return [name for name in policy.metrics if name not in seen]


def _of_head(one: PromptComparison) -> Mapping[str, Mean | Tally]:
    """The head's metrics. What is asserted of a case whose head has no answer is told by its base."""
    pairs = (*one.pairs, *one.errored)
    cases: Cases = {(one.prompt, pair.case): pair.head.samples for pair in pairs}
    kinds = {(one.prompt, pair.case): kinds_of(pair.base.samples) for pair in pairs}
    return {**means(cases, kinds), **tallies(cases, kinds)}


def _of_base(one: PromptComparison) -> Mapping[str, Mean | Tally]:
    cases: Cases = {(one.prompt, pair.case): pair.base.samples for pair in (*one.pairs, *one.errored)}
    return {**means(cases), **tallies(cases)}


def _mean(name: str, mean: Mean, bound: MetricBound) -> Iterator[Claim]:
    rule, title = f"metric-{name.replace('_', '-')}", _title(name)
    value, every = mean.value, mean.total + mean.missing
    for limit, side, word, worst in (
        (bound.min, 1, "least", mean.earned),
        (bound.max, -1, "most", mean.earned + mean.missing),
    ):
        if limit is None:
            continue
        if value is not None and side * (limit - value) > _NEAR:
            said = f"{title} is {value:.3f}, at {word} {limit:g} is {'required' if side > 0 else 'allowed'}"
            yield Claim(rule, Ruling.FAIL, said, kind="floor")
        elif mean.missing and side * (limit - worst / every) > _NEAR:
            yield _open(rule, title, mean.missing)


def _open(rule: str, title: str, missing: int) -> Claim:
    reason = f"{title}: {wording.cases(missing)} could not be judged, which could break its bound"
    return Claim(f"{rule}-errors", Ruling.INCONCLUSIVE, reason, incomplete=True)


def _rate(name: str, tally: Tally, bound: MetricBound, confidence: float) -> Iterator[Claim]:
    """The exact one-sided bounds of a rate against its limits. Clopper and Pearson (1934).

    A rate of 0 cannot be shown by any number of cases: `max: 0` asks that it did not happen in these.
    """
    rule, title = f"metric-{name.replace('_', '-')}", _title(name)
    said = f"{title}: {tally.happened:,} of {wording.cases(tally.total)}"
    lower, upper = bounds_of_events(tally.happened, tally.total, confidence=confidence)
    if bound.max is not None:
        worst = bounds_of_events(tally.happened + tally.missing, tally.total + tally.missing, confidence=confidence)[1]
        if (bound.max == 0 and tally.happened) or lower > bound.max:
            yield Claim(rule, Ruling.FAIL, f"{said}, at most {wording.share(bound.max)} is allowed", kind="floor")
        elif tally.missing and (bound.max == 0 or worst > bound.max):
            yield _open(rule, title, tally.missing)
        elif 0 < bound.max < upper:
            needed = trials_for_zero_failures(bound.max, confidence=confidence)
            reason = (
                f"{said}: that shows at most {wording.share(upper)}, and {wording.share(bound.max)} is the limit; it "
                f"takes {wording.cases(needed)} without one"
            )
            yield Claim(f"{rule}-not-shown", Ruling.INCONCLUSIVE, reason)
    if bound.min is not None and tally.total and upper < bound.min:
        yield Claim(rule, Ruling.FAIL, f"{said}, at least {wording.share(bound.min)} is required", kind="floor")


def _title(name: str) -> str:
    return name.replace("_", " ")
