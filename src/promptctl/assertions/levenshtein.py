"""The answer is within an edit distance of the value.

Value: text; default: the case's `expected_output`. `threshold`: the most insertions, deletions and substitutions of
code points, inclusive; default 5. Score: 1 - distance / length of the longer text.

| assertion | answer | outcome |
| --- | --- | --- |
| `levenshtein: kitten` | `sitting` | pass |
| `levenshtein: {value: kitten, threshold: 3}` | `sitting` | pass |
| `levenshtein: {value: ab, threshold: 1}` | `a😀b` | pass |
| `levenshtein: {value: kitten, threshold: 2}` | `sitting` | fail |
| `levenshtein: abcdef` | `ghijkl` | fail |
| `levenshtein: {value: abc, threshold: 0}` | `abd` | fail |

>>> check(Answer(output="sitting"), value="kitten").reason
'the edit distance is 3'
"""

from __future__ import annotations

from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: str = EXPECTED, threshold: float = 5) -> None:
    if threshold < 0:
        raise InputError(Problem("`threshold` is a distance, never negative"))


def check(answer: Answer, *, value: str = EXPECTED, threshold: float = 5) -> Score:
    from rapidfuzz.distance import Levenshtein

    distance = Levenshtein.distance(answer.output, value)
    longest = max(len(answer.output), len(value))
    score = 1 - distance / longest if longest else 1.0
    return Score(distance <= threshold, score, f"the edit distance is {distance}")
