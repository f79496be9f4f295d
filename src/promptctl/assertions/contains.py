"""The answer contains a text.

Value: the text, or a number (its text); never empty. Upper and lower case differ. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `contains: Settings` | `Open Settings > Security` | pass |
| `contains: 42` | `The answer is 42.` | pass |
| `contains: ", then"` | `First wash, then dry.` | pass |
| `contains: settings` | `Open Settings > Security` | fail |
| `contains: straße` | `STRASSE` | fail |
| `contains: a  b` | `a b` | fail |

>>> check(Answer(output="Open Settings"), value="Settings").passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import excerpt
from promptctl.assertions.reading.needles import Needle, needle
from promptctl.model.answer import Answer, Bench, Score

VERSION = 1


def prepare(bench: Bench, *, value: Needle) -> str:
    return needle(value)


def check(answer: Answer, *, value: Needle, prepared: str | None = None) -> Score:
    wanted = prepared or needle(value)
    found = wanted in answer.output
    return Score(found, float(found), f"{excerpt(wanted)} {'is' if found else 'is not'} in the answer")
