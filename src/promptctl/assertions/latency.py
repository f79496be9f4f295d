"""The answer came within a time.

Value, or `threshold`: the most seconds, inclusive. A recorded or cached answer keeps the latency of the live one.
Where the latency is not known the outcome is ERROR. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `latency: 2` | `{output: x, latency_s: 0.8}` | pass |
| `latency: 2` | `{output: x, latency_s: 2}` | pass |
| `{type: latency, threshold: 0.5}` | `{output: x, latency_s: 0.4}` | pass |
| `latency: 2` | `{output: x, latency_s: 2.001}` | fail |
| `latency: 0.5` | `{output: x, latency_s: 3}` | fail |
| `{type: latency, threshold: 0}` | `{output: x, latency_s: 1}` | fail |
| `latency: 2` | `nobody took the time` | error |

>>> check(Answer(output="x", latency_s=0.5), value=1).passed
True
"""

from __future__ import annotations

from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: float | None = None, threshold: float | None = None) -> None:
    if (value is None) == (threshold is None):
        raise InputError(Problem("give the most seconds, once: as the value or as `threshold`"))
    if (value or threshold or 0) < 0:
        raise InputError(Problem("the most seconds is never negative"))


def check(answer: Answer, *, value: float | None = None, threshold: float | None = None) -> Score:
    known, most = answer.latency_s, threshold if value is None else value
    if known is None or most is None:
        raise AssertionBroken("the latency of the call is not known")
    passed = known <= most
    return Score(passed, float(passed), f"the answer took {known:.3g} s")
