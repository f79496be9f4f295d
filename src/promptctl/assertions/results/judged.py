"""Which assertions a judge decides, and what a sample comes to without them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from promptctl.model.run import AssertionResult, Outcome, SampleResult

JUDGED = frozenset({
    "judge", "panel", "pairwise", "g-eval", "faithfulness", "answer-relevance", "context-precision", "context-recall",
})  # fmt: skip


def by_judge(one: AssertionResult) -> bool:
    """Whether it is itself an assertion that a judge decides, negated or not."""
    return one.type.removeprefix("not-") in JUDGED


def is_judged(one: AssertionResult) -> bool:
    """Whether a judge decides it, whatever it came to; a group is where a member is."""
    return by_judge(one) or any(is_judged(child) for child in one.children)


def flat(assertions: Iterable[AssertionResult]) -> Iterator[AssertionResult]:
    """The results and those of the members of groups."""
    for one in assertions:
        yield one
        if one.children:
            yield from flat(one.children)


def judge_scores(assertions: Sequence[AssertionResult]) -> Iterator[float]:
    """The scores of every judge among `assertions` and the members of their groups."""
    for one in flat(assertions):
        if by_judge(one) and one.score is not None:
            yield one.score


def without_judges(sample: SampleResult) -> SampleResult | None:
    """The sample as its other assertions judge it; None where nothing but judges decides it.

    A sample without an answer stays the ERROR it is. Groups with a judge among their members go with it.
    """
    if not any(is_judged(one) for one in sample.assertions):
        return sample
    left = tuple(one for one in sample.assertions if not is_judged(one))
    if not any(one.weight > 0 and one.outcome is not Outcome.SKIP for one in left):
        return None
    from promptctl.assertions.engine.verdict import verdict  # late: reading a run needs no engine

    outcome, score = verdict(left, sample.threshold)
    return replace(sample, assertions=left, outcome=outcome, score=score)
