"""Every assertion of the group passes.

Value: a list of assertions, or `assertions:` beside other options. One FAIL is enough to fail, whatever became of the
others; without one, one ERROR is ERROR. A member of weight 0 is information and decides nothing. Score: the weighted
mean of the members'.

| assertion | answer | outcome |
| --- | --- | --- |
| `all: [{contains: Paris}, {contains: Lyon}]` | `Paris and Lyon` | pass |
| `all: [{contains: Paris}, {not-contains: Rome}]` | `Paris` | pass |
| `all: [{contains: Paris}, {contains: Lyon, weight: 0}]` | `Paris` | pass |
| `all: [{contains: Paris}, {contains: Lyon}]` | `Paris` | fail |
| `all: [{equals: Paris}, {cost: 1}]` | `Lyon` | fail |
| `all: [{any: [{equals: a}, {equals: b}]}, {equals: b}]` | `a` | fail |
| `all: [{contains: Paris}, {cost: 1}]` | `Paris` | error |
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.assertions.engine.verdict import verdict
from promptctl.model.answer import Score
from promptctl.model.errors import AssertionBroken
from promptctl.model.run import AssertionResult, Outcome

VERSION = 1


def combine(results: Sequence[AssertionResult]) -> Score:
    outcome, score = verdict(results)
    deciding = [result for result in results if result.weight > 0]
    if outcome is Outcome.PASS:
        return Score(True, score or 0.0, f"all {len(deciding)} passed")
    first = next(result for result in deciding if result.outcome is outcome)
    if outcome is Outcome.ERROR:
        raise AssertionBroken(f"{first.name or first.type} is undecided: {first.reason}")
    return Score(False, score or 0.0, f"{first.name or first.type} failed: {first.reason}")
