"""The answer's runs of words are those of a reference, without extra ones (GLEU).

Value: a text or a list of reference texts; default: the case's `expected_output`. Score: the smaller of precision and
recall over runs of one to four words, the best of the references (Wu et al. 2016, "Google's Neural Machine
Translation System", section 6); in lower case, words split at white space, full stops at the end of a word dropped.
`threshold`: default 0.5.

| assertion | answer | outcome |
| --- | --- | --- |
| `gleu: The cat sat on the mat.` | `the cat sat on the mat` | pass |
| `gleu: [A cat sat., The cat sat on it.]` | `The cat sat on it.` | pass |
| `gleu: The cat is on the mat.` | `The cat sat on the mat.` | pass |
| `gleu: The cat sat on the mat.` | `Dogs run in the park.` | fail |
| `gleu: the cat sat` | `the the the the` | fail |
| `gleu: The cat sat on the mat.` | `""` | fail |

>>> check(Answer(output="the the the the"), value="the cat sat").score
0.1
"""

from __future__ import annotations

from collections import Counter

from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.assertions.reading.words import runs
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: str | tuple[str, ...] = EXPECTED) -> None:
    if not value or any(not text.strip() for text in ((value,) if isinstance(value, str) else value)):
        raise InputError(Problem("a reference text is missing or empty"))


def check(answer: Answer, *, value: str | tuple[str, ...] = EXPECTED, threshold: float = 0.5) -> Score:
    given = _runs(answer.output)
    score = max(_one(given, _runs(text)) for text in ([value] if isinstance(value, str) else value))
    return Score(score >= threshold, score, f"GLEU is {score:.3f}")


def _runs(text: str) -> Counter[tuple[str, ...]]:
    words = [word.rstrip(".") for word in text.lower().split()]
    return sum((runs(words, length) for length in range(1, 5)), Counter())


def _one(given: Counter[tuple[str, ...]], wanted: Counter[tuple[str, ...]]) -> float:
    longest = max(given.total(), wanted.total())
    return (given & wanted).total() / longest if longest else 0.0
