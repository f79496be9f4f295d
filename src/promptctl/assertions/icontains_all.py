r"""The answer contains every one of several texts, in upper or lower case.

Value: a list of texts or numbers, or a string read as a line of CSV (quotes keep commas and spaces, empty fields are
dropped); neither the list nor a text is empty. Both sides are put in lower case. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `icontains-all: [PARIS, FRANCE]` | `Paris is in France` | pass |
| `icontains-all: paris,france` | `Paris is in France` | pass |
| `icontains-all: [2024, july]` | `7 July 2024` | pass |
| `icontains-all: [paris, spain]` | `Paris is in France` | fail |
| `icontains-all: [français]` | `FRANCAIS` | fail |
| `icontains-all: "\"paris, france\""` | `Paris is in France` | fail |

>>> check(Answer(output="Paris is in France"), value=("PARIS", "FRANCE")).passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import excerpt
from promptctl.assertions.reading.needles import Needles, folded, needles
from promptctl.model.answer import Answer, Bench, Score

VERSION = 1


def prepare(bench: Bench, *, value: Needles) -> tuple[str, ...]:
    return needles(value)


def check(answer: Answer, *, value: Needles, prepared: tuple[str, ...] = ()) -> Score:
    wanted = prepared or needles(value)
    missing = [text for text in wanted if folded(text) not in folded(answer.output)]
    reason = f"{excerpt(missing[0])} is not in the answer" if missing else f"all {len(wanted)} texts are in the answer"
    return Score(not missing, float(not missing), reason)
