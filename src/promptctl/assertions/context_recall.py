"""A judge finds what a good answer says in the context, statement by statement.

Looks at a reference answer and at the `context` that the case gives or the system under test returned; never at the
answer. The judge lists the reference's statements, each attributable to the context or not. Value: the reference, default
the case's `expected_output`; without either it is an input error. `judge`: its name, default `context-recall`; what it
answers, which words it may use and what is ERROR: as for [`faithfulness`](#faithfulness). An empty context is ERROR,
and so is a system under test that gave none.

Score: attributable statements / statements of the reference. `threshold`: default the judge's own, else 1, every
statement. Detail: as for `faithfulness`. Without a judge, by passages: [`recall-at-k`](#recall-at-k).

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `context-recall: It is red.` | `{output: "", context: [Red.]}` | `[{output: '{"claims": [{"claim": "Red", "verdict": "attributable"}]}'}]` | pass |
| `context-recall: {value: Red and big., threshold: 0.5}` | `{output: "", context: [Red.]}` | `[{output: '{"claims": [{"claim": "Red", "verdict": "yes"}, {"claim": "Big", "verdict": "no"}]}'}]` | pass |
| `context-recall: {value: Red., judge: context-recall}` | `{output: "", context: [Red.]}` | `[{output: '{"claims": [{"claim": "Red", "verdict": 1}]}'}]` | pass |
| `context-recall: Red and big.` | `{output: "", context: [Red.]}` | `[{output: '{"claims": [{"claim": "Red", "verdict": "yes"}, {"claim": "Big", "verdict": "no"}]}'}]` | fail |
| `context-recall: Big.` | `{output: "", context: [Red.]}` | `[{output: '{"claims": [{"claim": "Big", "verdict": "not attributable"}]}'}]` | fail |
| `context-recall: Big.` | `{output: "", context: [Red.]}` | `[{output: '{"claims": [{"claim": "Big", "verdict": "partly"}]}'}]` | fail |
| `context-recall: Big.` | `{output: "", context: [Red.]}` | `[{output: '{"claims": [{"claim": "Big"}]}'}]` | error |
| `context-recall: Big.` | `{output: Big.}` | `[]` | error |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.assertions.reading.claim_scores import claims_judge, require, scored
from promptctl.assertions.reading.judging import Judging
from promptctl.assertions.reading.material import asked, values_of
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.prompt import Json
from promptctl.model.run import Request

VERSION = 1


def prepare(
    bench: Bench,
    *,
    value: str = EXPECTED,
    judge: str | None = None,
    threshold: float | None = None,
    case: Case | None = None,
) -> Judging:
    if not value.strip():
        raise InputError(Problem("the reference is empty"))
    return claims_judge(
        bench,
        judge,
        own="context-recall",
        needs=("expected_output", "context"),
        threshold=threshold,
        default=1.0,
        case=case,
    )


def fingerprint(*, prepared: Judging) -> tuple[Json, ...]:
    return (prepared.identity, prepared.rubric, prepared.threshold)


def judges(*, prepared: Judging) -> tuple[Judging, ...]:
    return (prepared,)


def ask(answer: Answer, *, prepared: Judging, value: str = EXPECTED) -> tuple[Request, ...]:
    require(answer, "retrieval", "context")
    return (asked(prepared, values_of(replace(answer, expected_output=value))),)


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    prepared: Judging,
    value: str = EXPECTED,
    judge: str | None = None,
    threshold: float | None = None,
) -> Score:
    return scored(replace(answer, expected_output=value), replies[0], prepared, what="statement", verb="attributable")
