"""The weighted mean of the assertions' scores reaches a threshold.

Value: a list of assertions, or `assertions:` beside other options. `threshold`: the least weighted mean, from 0 to 1;
there is no default. Each member counts by its `weight`, default 1. A failed `required` member fails the group. Where
a member is ERROR the group is FAIL if even full marks for it would not do, and ERROR otherwise. Score: the weighted
mean.

| assertion | answer | outcome |
| --- | --- | --- |
| `{weighted: [{contains: a}, {contains: b}], threshold: 0.5}` | `a` | pass |
| `{weighted: [{contains: a, weight: 3}, {contains: b}], threshold: 0.7}` | `a` | pass |
| `{weighted: [{contains: a}, {contains: b}], threshold: 1}` | `a b` | pass |
| `{weighted: [{contains: a, weight: 3}, {contains: b}], threshold: 0.7}` | `b` | fail |
| `{weighted: [{contains: a}, {contains: b, required: true}], threshold: 0.5}` | `a` | fail |
| `{weighted: [{contains: a}, {cost: 1}], threshold: 0.6}` | `b` | fail |
| `{weighted: [{contains: a}, {cost: 1}], threshold: 0.5}` | `a` | error |
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.assertions.engine.verdict import verdict
from promptctl.model.answer import Bench, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem
from promptctl.model.run import AssertionResult, Outcome

VERSION = 1


def prepare(bench: Bench, *, threshold: float) -> None:
    if not 0 < threshold <= 1:
        raise InputError(Problem(f"`threshold` is above 0 and at most 1, not {threshold}"))


def combine(results: Sequence[AssertionResult], *, threshold: float) -> Score:
    outcome, score = verdict(results, threshold)
    if outcome is Outcome.ERROR:
        first = next(result for result in results if result.outcome is Outcome.ERROR and result.weight > 0)
        raise AssertionBroken(f"{first.name or first.type} is undecided: {first.reason}")
    return Score(outcome is Outcome.PASS, score or 0.0, f"the weighted mean is {score or 0.0:.3f}")
