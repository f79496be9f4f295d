"""The answer means much the same as the value, by the angle between their embeddings.

Value: a text, or a list of which the nearest counts; default: the case's `expected_output`. `model`: the embedding
model, as litellm spells it; there is no default. Score: the cosine of the two embeddings, 0 where it is negative.
`threshold`: default 0.75.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `similar: {value: cheap, model: e/m-1}` | `inexpensive` | `[{embeddings: [[1, 0], [0.9, 0.1]]}]` | pass |
| `similar: {value: [hot, cold], model: e/m-1}` | `icy` | `[{embeddings: [[0, 1], [1, 0], [0, 2]]}]` | pass |
| `similar: {value: cheap, model: e/m-1, threshold: 0.5}` | `low` | `[{embeddings: [[1, 0], [1, 1]]}]` | pass |
| `similar: {value: cheap, model: e/m-1}` | `low` | `[{embeddings: [[1, 0], [1, 1]]}]` | fail |
| `similar: {value: cheap, model: e/m-1}` | `blue` | `[{embeddings: [[1, 0], [0, 1]]}]` | fail |
| `similar: {value: cheap, model: e/m-1}` | `dear` | `[{embeddings: [[1, 0], [-1, 0]]}]` | fail |
| `similar: {value: cheap, model: e/m-1}` | `cheap` | `[{embeddings: [[1, 0]]}]` | error |
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from promptctl.assertions.engine.bound import unit
from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem
from promptctl.model.run import Completion, Request
from promptctl.text.wire import embedding_request

VERSION = 1


def prepare(bench: Bench, *, model: str, value: str | tuple[str, ...] = EXPECTED) -> str | None:
    """Where the embedding model is asked."""
    if not model:
        raise InputError(Problem("`model` is empty"))
    if not all(_texts(value)) or not _texts(value):
        raise InputError(Problem("there is no text to compare with"))
    return bench.endpoint(model)


def models(*, model: str) -> tuple[str, ...]:
    return (model,)


def ask(
    answer: Answer, *, model: str, value: str | tuple[str, ...] = EXPECTED, prepared: str | None = None
) -> tuple[Request, ...]:
    if not answer.output:
        raise AssertionBroken("the answer is empty, and nothing has no meaning to compare")
    texts = (answer.output, *_texts(value))
    return (embedding_request(model=model, texts=texts, endpoint=prepared),)


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    model: str,
    value: str | tuple[str, ...] = EXPECTED,
    threshold: float = 0.75,
) -> Score:
    reply = replies[0]
    vectors = reply.embeddings if isinstance(reply, Completion) else ()
    if len(vectors) != 1 + len(_texts(value)):
        raise AssertionBroken(f"{len(vectors)} embeddings came for {1 + len(_texts(value))} texts")
    score = unit(max(_cosine(vectors[0], vector) for vector in vectors[1:]))
    return Score(score >= threshold, score, f"the cosine similarity is {score:.3f}")


def _texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    lengths = math.hypot(*one) * math.hypot(*other)
    if len(one) != len(other) or not lengths or not math.isfinite(lengths):
        raise AssertionBroken("the embeddings cannot be compared: lengths differ, or one is zero or not finite")
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths
