"""The answer starts with a text.

Value: the text, never empty. Nothing is trimmed and nothing is folded. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `starts-with: Dear` | `Dear Anna,` | pass |
| `starts-with: "{"` | `'{"a": 1}'` | pass |
| `starts-with: "1."` | `1. Wash` | pass |
| `starts-with: dear` | `Dear Anna,` | fail |
| `starts-with: Dear` | `" Dear Anna,"` | fail |
| `starts-with: Dear Anna` | `Dear` | fail |

>>> check(Answer(output="Dear Anna,"), value="Dear").passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import excerpt
from promptctl.assertions.reading.needles import needle
from promptctl.model.answer import Answer, Bench, Score

VERSION = 1


def prepare(bench: Bench, *, value: str) -> str:
    return needle(value)


def check(answer: Answer, *, value: str) -> Score:
    found = answer.output.startswith(value)
    opening = excerpt(answer.output[: len(value) + 10])
    return Score(found, float(found), f"the answer starts with {excerpt(value) if found else opening}")
