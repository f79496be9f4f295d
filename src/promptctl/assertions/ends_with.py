"""The answer ends with a text.

Value: the text, never empty. Nothing is trimmed and nothing is folded. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `ends-with: "?"` | `May I help you?` | pass |
| `ends-with: Anna` | `Yours, Anna` | pass |
| `ends-with: "}"` | `'{"a": 1}'` | pass |
| `ends-with: anna` | `Yours, Anna` | fail |
| `ends-with: "?"` | `"May I help you? "` | fail |
| `ends-with: Yours, Anna` | `Anna` | fail |

>>> check(Answer(output="May I help you?"), value="?").passed
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
    found = answer.output.endswith(value)
    ending = excerpt(answer.output[-len(value) - 10 :])
    return Score(found, float(found), f"the answer ends with {excerpt(value) if found else ending}")
