r"""The answer contains at least one of several texts, in upper or lower case.

Value: a list of texts or numbers, or a string read as a line of CSV (quotes keep commas and spaces, empty fields are
dropped); neither the list nor a text is empty. Both sides are put in lower case. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `icontains-any: [PARIS, LYON]` | `I live in Lyon` | pass |
| `icontains-any: paris,lyon` | `I live in LYON` | pass |
| `icontains-any: [1, 2]` | `version 2` | pass |
| `icontains-any: [paris, lyon]` | `I live in Nice` | fail |
| `icontains-any: [élan]` | `elan` | fail |
| `icontains-any: "\"paris, france\", lyon"` | `Paris in France` | fail |

>>> check(Answer(output="Paris is in France"), value=("PARIS", "LYON")).passed
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
    found = [text for text in wanted if folded(text) in folded(answer.output)]
    reason = f"{excerpt(found[0])} is in the answer" if found else f"none of {len(wanted)} texts is in the answer"
    return Score(bool(found), float(bool(found)), reason)
