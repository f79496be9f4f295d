"""The answer contains a text, in upper or lower case.

Value: the text, or a number (its text); never empty. Both sides are put in lower case, nothing else is folded.
Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `icontains: settings` | `Open SETTINGS` | pass |
| `icontains: ÉTÉ` | `un été chaud` | pass |
| `icontains: 42` | `price 42 USD` | pass |
| `icontains: setting up` | `Open Settings` | fail |
| `icontains: straße` | `STRASSE` | fail |
| `icontains: ete` | `un été chaud` | fail |

>>> check(Answer(output="Open SETTINGS"), value="settings").passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import excerpt
from promptctl.assertions.reading.needles import Needle, folded, needle
from promptctl.model.answer import Answer, Bench, Score

VERSION = 1


def prepare(bench: Bench, *, value: Needle) -> str:
    return needle(value)


def check(answer: Answer, *, value: Needle, prepared: str | None = None) -> Score:
    wanted = prepared or needle(value)
    found = folded(wanted) in folded(answer.output)
    return Score(found, float(found), f"{excerpt(wanted)} {'is' if found else 'is not'} in the answer, in any case")
