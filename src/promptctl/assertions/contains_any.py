r"""The answer contains at least one of several texts.

Value: a list of texts or numbers, or a string read as a line of CSV (quotes keep commas and spaces, empty fields are
dropped); neither the list nor a text is empty. Upper and lower case differ. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `contains-any: [Paris, Lyon]` | `I live in Lyon` | pass |
| `contains-any: Paris,Lyon` | `I live in Lyon` | pass |
| `contains-any: [1, 2]` | `version 2` | pass |
| `contains-any: [Paris, Lyon]` | `I live in Nice` | fail |
| `contains-any: [paris]` | `I live in Paris` | fail |
| `contains-any: "\"Paris, France\", Lyon"` | `Paris in France` | fail |

>>> check(Answer(output="Paris is in France"), value=("Paris", "Lyon")).passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import excerpt
from promptctl.assertions.reading.needles import Needles, needles
from promptctl.model.answer import Answer, Bench, Score

VERSION = 1


def prepare(bench: Bench, *, value: Needles) -> tuple[str, ...]:
    return needles(value)


def check(answer: Answer, *, value: Needles, prepared: tuple[str, ...] = ()) -> Score:
    wanted = prepared or needles(value)
    found = [text for text in wanted if text in answer.output]
    reason = f"{excerpt(found[0])} is in the answer" if found else f"none of {len(wanted)} texts is in the answer"
    return Score(bool(found), float(bool(found)), reason)
