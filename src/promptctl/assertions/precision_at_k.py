"""Much of what was retrieved was expected: little of the context is beside the point.

Value, `match`, repeated passages and detail: as for [`recall-at-k`](#recall-at-k). Score: with `k`, relevant passages
among the first k / k, also where fewer came (P_k of trec_eval); without `k`, relevant passages / passages retrieved
(ragas' id-based context precision). Where nothing was retrieved the latter is 0 / 0 and the outcome is ERROR.
`threshold`: default 0.5. Above the number of expected passages / k it cannot be reached, and is an input error.

| assertion | answer | outcome |
| --- | --- | --- |
| `precision-at-k: [kb-1, kb-7]` | `{output: "", context: [{id: kb-1}, {id: kb-7}, {id: kb-2}]}` | pass |
| `precision-at-k: {value: [kb-1, kb-7], k: 2, threshold: 1}` | `{output: "", context: [{id: kb-7}, {id: kb-1}, x]}` | pass |
| `precision-at-k: kb-1` | `{output: "", context: [{id: kb-1}, {id: kb-1}]}` | pass |
| `precision-at-k: kb-1` | `{output: "", context: [{id: kb-1}, a, b]}` | fail |
| `precision-at-k: {value: [kb-1, kb-7, kb-9], k: 3}` | `{output: "", context: [{id: kb-1}]}` | fail |
| `precision-at-k: {value: [kb-1, kb-7], k: 2}` | `nothing was retrieved` | fail |
| `precision-at-k: [kb-1, kb-7]` | `nothing was retrieved` | error |

>>> check(Answer(output="", context=({"id": "kb-1"}, {"id": "kb-2"})), value=("kb-1", "kb-7")).score
0.5
"""

from __future__ import annotations

from typing import Literal

from promptctl.assertions.reading.passages import NOTHING, Expected, Value, check_bounds, expected, retrieval
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import AssertionBroken
from promptctl.model.golden import Case
from promptctl.model.prompt import Json

VERSION = 1


def prepare(
    bench: Bench,
    *,
    value: Value = None,
    k: int | None = None,
    match: Literal["equal", "contain"] = "equal",
    threshold: float = 0.5,
    case: Case | None = None,
) -> Expected:
    wanted = expected(value, case, contains=match == "contain")
    check_bounds(k=k, threshold=threshold, most=1.0 if k is None else min(1.0, len(wanted.relevance) / max(k, 1)))
    return wanted


def fingerprint(*, prepared: Expected) -> Json:
    return prepared.fingerprint()


def check(
    answer: Answer,
    *,
    value: Value = None,
    k: int | None = None,
    match: Literal["equal", "contain"] = "equal",
    threshold: float = 0.5,
    prepared: Expected | None = None,
) -> Score:
    found = retrieval(answer, prepared or expected(value, None, contains=match == "contain"), k)
    if not found.gains and k is None:
        raise AssertionBroken(NOTHING)
    relevant, places = sum(gain > 0 for gain in found.gains), len(found.gains) if k is None else k
    score = relevant / places
    return Score(score >= threshold, score, f"{relevant} of {places} passages were expected", found.detail(k))
