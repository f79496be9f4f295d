"""The call cost no more than an amount.

Value, or `threshold`: the most US dollars, inclusive. A recorded or cached answer keeps the cost of the live one.
Where the cost is not known the outcome is ERROR. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `cost: 0.01` | `{output: x, cost_usd: 0.005}` | pass |
| `cost: 0.01` | `{output: x, cost_usd: 0.01}` | pass |
| `{type: cost, threshold: 0}` | `{output: x, cost_usd: 0}` | pass |
| `cost: 0.01` | `{output: x, cost_usd: 0.011}` | fail |
| `cost: 0` | `{output: x, cost_usd: 0.0001}` | fail |
| `{type: cost, threshold: 0.5}` | `{output: x, cost_usd: 1}` | fail |
| `cost: 0.01` | `its price is not known` | error |

>>> check(Answer(output="x", cost_usd=0.5), value=1).passed
True
"""

from __future__ import annotations

from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: float | None = None, threshold: float | None = None) -> None:
    if (value is None) == (threshold is None):
        raise InputError(Problem("give the most US dollars, once: as the value or as `threshold`"))
    if (value or threshold or 0) < 0:
        raise InputError(Problem("the most US dollars is never negative"))


def check(answer: Answer, *, value: float | None = None, threshold: float | None = None) -> Score:
    known, most = answer.cost_usd, threshold if value is None else value
    if known is None or most is None:
        raise AssertionBroken("the cost of the call is not known")
    passed = known <= most
    return Score(passed, float(passed), f"the call cost {known:.6g} USD")
