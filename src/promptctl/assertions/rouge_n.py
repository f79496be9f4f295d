"""The answer shares enough words, or runs of words, with the value (ROUGE-N).

Value: text; default: the case's `expected_output`. `n`: length of the runs, default 1. `punctuation`: whether marks
count as words, default true. Score: the F1 of clipped counts (Lin 2004, "ROUGE: A Package for Automatic Evaluation of
Summaries"), in lower case. `threshold`: default 0.75.

| assertion | answer | outcome |
| --- | --- | --- |
| `rouge-n: The cat is on the mat.` | `The cat sat on the mat.` | pass |
| `rouge-n: hello` | `Hello` | pass |
| `rouge-n: {value: a b c d, n: 2, threshold: 0.6}` | `a b c d e` | pass |
| `rouge-n: The quick brown fox` | `An idle dog` | fail |
| `rouge-n: {value: a b c d, n: 2}` | `d c b a` | fail |
| `rouge-n: hello` | `""` | fail |

>>> round(check(Answer(output="The cat sat on the mat."), value="The cat is on the mat.").score, 3)
0.857
"""

from __future__ import annotations

from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.assertions.reading.words import f1, runs, tokens
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: str = EXPECTED, n: int = 1, punctuation: bool = True) -> None:
    if n < 1:
        raise InputError(Problem("`n` is 1 or more"))
    if len(tokens(value, punctuation=punctuation)) < n:
        raise InputError(Problem(f"the value has fewer than {n} words, so that nothing can be in common with it"))


def check(
    answer: Answer, *, value: str = EXPECTED, n: int = 1, punctuation: bool = True, threshold: float = 0.75
) -> Score:
    given = runs(tokens(answer.output, punctuation=punctuation), n)
    wanted = runs(tokens(value, punctuation=punctuation), n)
    score = f1((given & wanted).total(), given.total(), wanted.total())
    return Score(score >= threshold, score, f"ROUGE-{n} is {score:.3f}")
