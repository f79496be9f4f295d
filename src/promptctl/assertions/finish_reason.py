"""The model stopped for the given reason.

Value: the reason as the provider reports it (`stop`, `length`, `tool_calls`, `content_filter`), in any case. Where
none was reported the outcome is ERROR. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `finish-reason: stop` | `{output: x, finish_reason: stop}` | pass |
| `finish-reason: LENGTH` | `{output: x, finish_reason: length}` | pass |
| `finish-reason: tool_calls` | `{output: "", finish_reason: tool_calls}` | pass |
| `finish-reason: stop` | `{output: x, finish_reason: length}` | fail |
| `finish-reason: stop` | `{output: x, finish_reason: content_filter}` | fail |
| `finish-reason: length` | `{output: x, finish_reason: stop}` | fail |
| `finish-reason: stop` | `nothing was reported` | error |

>>> check(Answer(output="x", finish_reason="stop"), value="stop").passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.needles import needle
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import AssertionBroken

VERSION = 1


def prepare(bench: Bench, *, value: str) -> str:
    return needle(value)


def check(answer: Answer, *, value: str) -> Score:
    if answer.finish_reason is None:
        raise AssertionBroken("the provider reported no finish reason")
    passed = answer.finish_reason.lower() == value.lower()
    return Score(passed, float(passed), f"the finish reason is {answer.finish_reason}")
