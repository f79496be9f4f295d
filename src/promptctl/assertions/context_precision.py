"""A judge finds the retrieved passages useful for the answer, and the useful ones before the others.

Looks at the case's input and at the `context` that the case gives or the system under test returned, best passage first;
at `expected_output` as a reference where the case has one and the judge declares it; never at the answer. The judge lists
one entry a passage, in their order, each relevant to answering the question or not. `judge`: its name, default
`context-precision`; what it answers, which words it may use and what is ERROR: as for [`faithfulness`](#faithfulness).
More or fewer entries than passages are ERROR too, and so are an empty context and a system under test that gave none.

Score: average precision, the precision at the place of each relevant passage, added up and divided by the number of
relevant passages among the retrieved (as ragas and DeepEval do); 0 where none is relevant. What was not retrieved is not
missed: that is [`context-recall`](#context-recall), and without a judge [`average-precision`](#average-precision).
`threshold`: default the judge's own, else 0.5. Detail: as for `faithfulness`, of passages, by id or the beginning of their
text; and `places`, those of the relevant ones, from 1.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `context-precision: {threshold: 1}` | `{output: "", input: {q: a?}, context: [a, b]}` | `[{output: '{"claims": [{"verdict": "relevant"}, {"verdict": "irrelevant"}]}'}]` | pass |
| `context-precision: true` | `{output: "", input: {q: a?}, context: [b, a]}` | `[{output: '{"claims": [{"verdict": "no"}, {"verdict": "yes"}]}'}]` | pass |
| `context-precision: {threshold: 0.83}` | `{output: "", input: {q: a?}, context: [a, b, a]}` | `[{output: '{"claims": [{"verdict": 1}, {"verdict": 0}, {"verdict": 1}]}'}]` | pass |
| `context-precision: true` | `{output: "", input: {q: a?}, context: [b, c, a]}` | `[{output: '{"claims": [{"verdict": 0}, {"verdict": 0}, {"verdict": 1}]}'}]` | fail |
| `context-precision: true` | `{output: "", input: {q: a?}, context: [b]}` | `[{output: '{"claims": [{"verdict": "no"}]}'}]` | fail |
| `context-precision: {threshold: 0.9}` | `{output: "", input: {q: a?}, context: [a, b, a]}` | `[{output: '{"claims": [{"verdict": 1}, {"verdict": 0}, {"verdict": 1}]}'}]` | fail |
| `context-precision: true` | `{output: "", input: {q: a?}, context: [a, b]}` | `[{output: '{"claims": [{"verdict": "yes"}]}'}]` | error |
| `context-precision: true` | `{output: "", input: {q: a?}}` | `[]` | error |
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.assertions.reading.claim_scores import claims_judge, require, scored_in_order
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
        bench, judge, own="context-precision", needs=("context",), threshold=threshold, default=0.5, case=case
    )


def fingerprint(*, prepared: Judging) -> tuple[Json, ...]:
    return (prepared.identity, prepared.rubric, prepared.threshold)


def judges(*, prepared: Judging) -> tuple[Judging, ...]:
    return (prepared,)


def ask(answer: Answer, *, prepared: Judging) -> tuple[Request, ...]:
    require(answer, "retrieval", "context", "question")
    return (asked(prepared, values_of(answer)),)


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    prepared: Judging,
    judge: str | None = None,
    threshold: float | None = None,
) -> Score:
    return scored_in_order(answer, replies[0], prepared)
