"""The answer has enough words in the order of the value's (ROUGE-L).

Value: text; default: the case's `expected_output`. `punctuation`: whether marks count as words, default true. Score:
the F1 of the longest common subsequence of words (Lin 2004), in lower case. `threshold`: default 0.75.

| assertion | answer | outcome |
| --- | --- | --- |
| `rouge-l: The cat is on the mat.` | `The cat sat on the mat.` | pass |
| `rouge-l: a b c d` | `a b x c d` | pass |
| `rouge-l: {value: a b c d, threshold: 0.5}` | `a b` | pass |
| `rouge-l: a b c d` | `d c b a` | fail |
| `rouge-l: The quick brown fox` | `An idle dog` | fail |
| `rouge-l: hello` | `""` | fail |

>>> check(Answer(output="a b x c d"), value="a b c d").reason
'ROUGE-L is 0.889'
"""

from __future__ import annotations

from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.assertions.reading.words import f1, tokens
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: str = EXPECTED, punctuation: bool = True) -> None:
    if not tokens(value, punctuation=punctuation):
        raise InputError(Problem("the value has no words, so that nothing can be in common with it"))


def check(answer: Answer, *, value: str = EXPECTED, punctuation: bool = True, threshold: float = 0.75) -> Score:
    from rapidfuzz.distance import LCSseq

    given, wanted = tokens(answer.output, punctuation=punctuation), tokens(value, punctuation=punctuation)
    score = f1(LCSseq.similarity(given, wanted), len(given), len(wanted))
    return Score(score >= threshold, score, f"ROUGE-L is {score:.3f}")
