"""The gating metrics of a prompt, and the claims they lead to once all tests are weighed together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import cast

from promptctl.gate import wording
from promptctl.gate.claims import Claim
from promptctl.gate.compare import PromptComparison
from promptctl.gate.judges import hard
from promptctl.gate.outcomes import Shape, outcome_shape
from promptctl.gate.pairs import Pair
from promptctl.model.config import GateConfig
from promptctl.model.verdict import Metric, Ruling
from promptctl.stats.multiple import holm

TITLES = {"pass_rate": "pass rate", "judge_score": "judge score", "score": "mean score"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A prompt with the shapes of its metrics, the pass rate first; none where nothing was measured.

    judged: the comparison with its judges, where they may not block and `one` is without them; else None.
    """

    one: PromptComparison
    shapes: tuple[Shape, ...]
    judged: PromptComparison | None = None


def read(one: PromptComparison, policy: GateConfig, *, judges_gate: bool) -> Reading:
    """The metrics of a prompt: pass rate, judge score where judges scored, mean score where something else graded."""
    judged = None if judges_gate else one
    if judged is not None:
        one = hard(judged)
    if not one.pairs:
        return Reading(one, (), judged)
    shapes = [outcome_shape(one.pairs, max_drop=policy.max_drop, confidence=policy.confidence)]
    for name in ("judge_score", "score"):
        pairs, scores = scored((judged or one).pairs if name == "judge_score" else one.pairs, name)
        if not pairs:
            continue
        module = import_module("promptctl.gate.scores")  # scipy, which outcomes alone do without
        shape = cast(
            "Shape", module.score_shape(name, pairs, scores, max_drop=policy.max_drop, confidence=policy.confidence)
        )
        gating = judges_gate or name != "judge_score"
        shapes.append(shape if gating else replace(shape, metric=replace(shape.metric, gating=False)))
    if policy.rule == "threshold":
        shapes = [replace(shape, metric=replace(shape.metric, gating=False)) for shape in shapes]
    return Reading(one, tuple(shapes), judged)


def scored(pairs: Sequence[Pair], name: str) -> tuple[tuple[Pair, ...], tuple[tuple[float, float], ...]]:
    """The pairs with the score `name` on both sides, and those scores; none of "score" unless something graded."""
    if name == "judge_score":
        found = [(pair, pair.base.judge_score, pair.head.judge_score) for pair in pairs]
    elif any(pair.base.graded or pair.head.graded for pair in pairs):
        found = [(pair, pair.base.score, pair.head.score) for pair in pairs]
    else:
        return (), ()
    both = [(pair, base, head) for pair, base, head in found if base is not None and head is not None]
    return tuple(pair for pair, _, _ in both), tuple((base, head) for _, base, head in both)


def weigh(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """The readings with Holm-adjusted p-values: one family of every gating metric of every prompt.

    A test that could not have shown anything in these data (too few flips, no score moved) is not counted: it cannot
    raise a false alarm. Tarone (1990), A modified Bonferroni method for discrete data, Biometrics 46.
    """
    family = [
        (at, place, shape.metric.p_value)
        for at, reading in enumerate(readings)
        for place, shape in enumerate(reading.shapes)
        if shape.tested and shape.metric.gating and shape.metric.p_value is not None
    ]
    adjusted = holm([p for _, _, p in family])
    weighed = {(at, place): p for (at, place, _), p in zip(family, adjusted, strict=True)}
    return tuple(
        replace(
            reading,
            shapes=tuple(
                replace(shape, metric=replace(shape.metric, adjusted_p=weighed.get((at, place))))
                for place, shape in enumerate(reading.shapes)
            ),
        )
        for at, reading in enumerate(readings)
    )


def rule_on(shape: Shape, policy: GateConfig) -> Metric:
    """The metric with its verdict under the evidence rule."""
    metric = shape.metric
    worse = metric.adjusted_p is not None and metric.adjusted_p < 1 - policy.confidence
    if shape.identical:
        return replace(metric, verdict=Ruling.PASS, rule="identical")
    if worse and shape.noninferior:
        return replace(metric, verdict=Ruling.PASS, rule="regressed-within-margin")
    if worse:
        return replace(metric, verdict=Ruling.FAIL, rule="regression")
    if shape.noninferior:
        return replace(metric, verdict=Ruling.PASS, rule="non-inferiority")
    return replace(metric, verdict=Ruling.INCONCLUSIVE, rule="not-settled")


def metric_claims(metrics: Sequence[Metric], policy: GateConfig) -> Iterator[Claim]:
    """What the gating metrics claim under the evidence rule."""
    for metric in metrics:
        if metric.gating:
            kind = "regression" if metric.name == "pass_rate" else "score"
            yield Claim(metric.rule, metric.verdict, sentence(metric, policy), metric.name, kind)


def sentence(metric: Metric, policy: GateConfig) -> str:
    """What the metric shows, in one sentence."""
    title = TITLES[metric.name]
    if metric.rule == "identical":
        return f"{title}: the same on all {wording.cases(metric.n)}"
    moved = f"{title}: {wording.points(metric.difference or 0.0)} over {wording.cases(metric.n)}"
    margin = f"the tolerated {wording.size(policy.max_drop)}"
    p = "" if metric.p_value is None else f" ({wording.p_value(metric.p_value)})"
    if metric.rule == "regression":
        return f"{moved}: a regression is shown{p}"
    if metric.rule == "regressed-within-margin":
        return f"{moved}: a real loss{p}, and surely smaller than {margin}"
    if metric.rule == "non-inferiority":
        return f"{moved}: a drop beyond {margin} is ruled out"
    return f"{moved}: neither a regression nor a drop within {margin} is shown{p}; {_way_out(metric)}"


def _way_out(metric: Metric) -> str:
    if metric.detectable_drop is None:
        seen = "these cases can show no drop at all"
    else:
        seen = f"the smallest drop these cases can show is {wording.size(metric.detectable_drop)}"
    if metric.settled_by is None or metric.settled_by <= metric.n:
        return seen
    return f"{seen}; about {wording.cases(metric.settled_by)} would settle it as a {metric.settles_as}"
