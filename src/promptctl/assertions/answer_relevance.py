"""A judge finds what the answer says relevant to the question, statement by statement.

Looks at the answer and at the case's input, not at the context. The judge lists the answer's statements, each relevant to
the question or not. `judge`: its name, default `answer-relevance`; what it answers, which words it may use and what is
ERROR: as for [`faithfulness`](#faithfulness). An empty answer is ERROR, and so is a case without input.

Score: relevant statements / statements of this answer. It says nothing of whether they are true or enough. `threshold`:
default the judge's own, else 0.5. Detail: as for `faithfulness`.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `answer-relevance: true` | `{output: Paris., input: {q: Capital?}}` | `[{output: '{"claims": [{"claim": "Paris", "verdict": "relevant"}]}'}]` | pass |
| `answer-relevance: true` | `{output: Paris. Hi., input: {q: Capital?}}` | `[{output: '{"claims": [{"claim": "Paris", "verdict": "yes"}, {"claim": "Hi", "verdict": "no"}]}'}]` | pass |
| `answer-relevance: {threshold: 1}` | `{output: Paris., input: {q: Capital?}}` | `[{output: '{"claims": [{"claim": "Paris", "verdict": "supported"}]}'}]` | pass |
| `answer-relevance: true` | `{output: Hi., input: {q: Capital?}}` | `[{output: '{"claims": [{"claim": "Hi", "verdict": "irrelevant"}]}'}]` | fail |
| `answer-relevance: {threshold: 0.8}` | `{output: Paris. Hi., input: {q: Capital?}}` | `[{output: '{"claims": [{"claim": "Paris", "verdict": "yes"}, {"claim": "Hi", "verdict": "no"}]}'}]` | fail |
| `answer-relevance: true` | `{output: Hi., input: {q: Capital?}}` | `[{output: '{"claims": [{"claim": "Hi", "verdict": "partially relevant"}]}'}]` | fail |
| `answer-relevance: true` | `{output: Hi., input: {q: Capital?}}` | `[{output: '{"claims": [{"claim": "Hi", "verdict": "maybe"}]}'}]` | error |
| `answer-relevance: true` | `{output: " ", input: {q: Capital?}}` | `[]` | error |
| `answer-relevance: true` | `{output: Paris.}` | `[]` | error |
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.assertions.reading.claim_scores import claims_judge, require, scored
from promptctl.assertions.reading.judging import Judging
from promptctl.assertions.reading.material import asked, values_of
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.golden import Case
from promptctl.model.prompt import Json
from promptctl.model.run import Request

VERSION = 1


def prepare(
    bench: Bench,
    *,
    judge: str | None = None,
    threshold: float | None = None,
    case: Case | None = None,
) -> Judging:
    return claims_judge(
        bench, judge, own="answer-relevance", needs=("output",), threshold=threshold, default=0.5, case=case
    )


def fingerprint(*, prepared: Judging) -> tuple[Json, ...]:
    return (prepared.identity, prepared.rubric, prepared.threshold)


def judges(*, prepared: Judging) -> tuple[Judging, ...]:
    return (prepared,)


def ask(answer: Answer, *, prepared: Judging) -> tuple[Request, ...]:
    require(answer, "output", "question")
    return (asked(prepared, values_of(answer)),)


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    prepared: Judging,
    judge: str | None = None,
    threshold: float | None = None,
) -> Score:
    return scored(answer, replies[0], prepared, what="statement", verb="relevant")
