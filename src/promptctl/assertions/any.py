r"""At least one assertion of the group passes.

Value: a list of assertions, or `assertions:` beside other options. One PASS is enough, whatever became of the others.
Without one: FAIL where all failed, ERROR where one of them is ERROR, for it might have passed. A member of weight 0
is information and decides nothing; a failed `required` one fails the group. Score: the best of the members'.

| assertion | answer | outcome |
| --- | --- | --- |
| `any: [{contains: Paris}, {contains: Lyon}]` | `Lyon` | pass |
| `any: [{contains: Paris}, {regex: '\d'}]` | `"5"` | pass |
| `any: [{contains: Paris}, {cost: 1}]` | `Paris` | pass |
| `any: [{contains: Paris}, {contains: Lyon}]` | `Nice` | fail |
| `any: [{equals: a}, {not-contains: b}]` | `b` | fail |
| `any: [{contains: Paris}, {contains: Lyon, weight: 0}]` | `Lyon` | fail |
| `any: [{contains: Paris}, {cost: 1}]` | `Lyon` | error |
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.model.answer import Score
from promptctl.model.errors import AssertionBroken
from promptctl.model.run import AssertionResult, Outcome

VERSION = 1


def combine(results: Sequence[AssertionResult]) -> Score:
    deciding = [result for result in results if result.weight > 0]
    best = max((result.score for result in deciding if result.score is not None), default=0.0)
    for result in deciding:
        if result.required and result.outcome is Outcome.FAIL:
            return Score(False, best, f"the required {result.name or result.type} failed: {result.reason}")
    for result in deciding:
        if result.outcome is Outcome.PASS:
            return Score(True, best, f"{result.name or result.type} passed: {result.reason}")
    for result in deciding:
        if result.outcome is Outcome.ERROR:
            raise AssertionBroken(f"none passed, and {result.name or result.type} is undecided: {result.reason}")
    return Score(False, best, f"none of {len(deciding)} passed; the first: {deciding[0].reason}")
