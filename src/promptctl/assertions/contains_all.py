r"""The answer contains every one of several texts.

Value: a list of texts or numbers, or a string read as a line of CSV (quotes keep commas and spaces, empty fields are
dropped); neither the list nor a text is empty. Upper and lower case differ. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `contains-all: [Paris, France]` | `Paris is in France` | pass |
| `contains-all: Paris,France` | `Paris is in France` | pass |
| `contains-all: [2024, 7]` | `7 July 2024` | pass |
| `contains-all: [Paris, Spain]` | `Paris is in France` | fail |
| `contains-all: [paris, France]` | `Paris is in France` | fail |
| `contains-all: "\"Paris, France\""` | `Paris is in France` | fail |

>>> check(Answer(output="Paris is in France"), value=("Paris", "France")).passed
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
    missing = [text for text in wanted if text not in answer.output]
    reason = f"{excerpt(missing[0])} is not in the answer" if missing else f"all {len(wanted)} texts are in the answer"
    return Score(not missing, float(not missing), reason)
