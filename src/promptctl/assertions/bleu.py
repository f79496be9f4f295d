"""The answer's runs of words are those of a reference translation (BLEU).

Value: a text or a list of reference texts; default: the case's `expected_output`. Score: BLEU of up to four words, in
lower case, by sacrebleu; orders that the answer is too short for are left out and the brevity penalty holds.
`tokenize`: `whitespace` (default) or `13a`, the one published figures use. `smoothing`: `floor` (default) counts an
order without a match as next to nothing, `exp` is sacrebleu's own. `threshold`: default 0.5.

| assertion | answer | outcome |
| --- | --- | --- |
| `bleu: The cat sat on the mat.` | `the cat sat on the mat` | pass |
| `bleu: [A cat sat., The cat sat on it.]` | `The cat sat on it.` | pass |
| `bleu: {value: one two three, threshold: 0.3}` | `one two` | pass |
| `bleu: The cat sat on the mat.` | `Dogs run in the park.` | fail |
| `bleu: The quick brown fox jumps` | `The quick` | fail |
| `bleu: The cat sat on the mat.` | `""` | fail |

>>> check(Answer(output="The cat sat on it."), value="The cat sat on it.").score
1.0
"""

from __future__ import annotations

from typing import Literal

from promptctl.assertions.engine.bound import unit
from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem

VERSION = 1
_TINY = 1e-7  # of a match, for an order of which nothing matches


def prepare(bench: Bench, *, value: str | tuple[str, ...] = EXPECTED) -> None:
    if not value or any(not text.strip() for text in ((value,) if isinstance(value, str) else value)):
        raise InputError(Problem("a reference text is missing or empty"))


def check(
    answer: Answer,
    *,
    value: str | tuple[str, ...] = EXPECTED,
    tokenize: Literal["whitespace", "13a"] = "whitespace",
    smoothing: Literal["floor", "exp"] = "floor",
    threshold: float = 0.5,
) -> Score:
    from sacrebleu.metrics.bleu import BLEU

    metric = BLEU(
        lowercase=True,
        tokenize="none" if tokenize == "whitespace" else tokenize,
        smooth_method=smoothing,
        smooth_value=_TINY if smoothing == "floor" else None,
        effective_order=True,
    )
    references = [value] if isinstance(value, str) else list(value)
    score = unit(metric.sentence_score(answer.output, references).score / 100)
    return Score(score >= threshold, score, f"BLEU is {score:.3f}")
