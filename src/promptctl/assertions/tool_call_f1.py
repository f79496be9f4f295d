"""The model called the tools it should, and no others (F1 over their names).

Value: the names, a list or a string read as a line of CSV. How often or in which order a tool is called does not
count. Score: the harmonic mean of precision and recall of the two sets of names. `threshold`: default 1.

| assertion | answer | outcome |
| --- | --- | --- |
| `tool-call-f1: [search]` | `{output: "", tool_calls: [{name: search, arguments: "{}"}]}` | pass |
| `tool-call-f1: "search, book"` | `'[{"name": "book"}, {"name": "search"}]'` | pass |
| `tool-call-f1: {value: [search], threshold: 0.6}` | `'[{"name": "search"}, {"name": "book"}]'` | pass |
| `tool-call-f1: [search]` | `'[{"name": "search"}, {"name": "book"}]'` | fail |
| `tool-call-f1: [search, book]` | `'[{"name": "search"}]'` | fail |
| `tool-call-f1: [search]` | `I will search for it.` | fail |

>>> check(Answer(output='[{"name": "a"}, {"name": "b"}]'), value=("a",)).reason
'called a, b; F1 is 0.667'
"""

from __future__ import annotations

from promptctl.assertions.reading.needles import needles
from promptctl.assertions.reading.tools import names_called
from promptctl.assertions.reading.words import f1
from promptctl.model.answer import Answer, Bench, Score

VERSION = 1


def prepare(bench: Bench, *, value: str | tuple[str, ...]) -> tuple[str, ...]:
    return needles(value)


def check(
    answer: Answer, *, value: str | tuple[str, ...], threshold: float = 1.0, prepared: tuple[str, ...] = ()
) -> Score:
    wanted = set(prepared or needles(value))
    called = set(names_called(answer))
    score = f1(len(wanted & called), len(wanted), len(called))
    return Score(score >= threshold, score, f"called {', '.join(sorted(called)) or 'nothing'}; F1 is {score:.3f}")
