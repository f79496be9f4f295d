"""The passages that were expected stand before the others (average precision).

Value, `k`, `match`, repeated passages and detail: as for [`recall-at-k`](#recall-at-k). Score: the precision at the place
of each expected passage, added up and divided by the number of expected passages, retrieved or not (map of trec_eval).
What is missing lowers it; the judged [`context-precision`](#context-precision) divides by the relevant passages among the
retrieved, as ragas and DeepEval do. The mean of the scores over the cases is the MAP. `threshold`: default 0.5.

| assertion | answer | outcome |
| --- | --- | --- |
| `average-precision: {value: [kb-1, kb-7], threshold: 1}` | `{output: "", context: [{id: kb-7}, {id: kb-1}, x]}` | pass |
| `average-precision: {value: [kb-1, kb-7], threshold: 0.83}` | `{output: "", context: [{id: kb-1}, x, {id: kb-7}]}` | pass |
| `average-precision: [kb-1, kb-7]` | `{output: "", context: [{id: kb-1}]}` | pass |
| `average-precision: {value: [kb-1, kb-7], threshold: 0.84}` | `{output: "", context: [{id: kb-1}, x, {id: kb-7}]}` | fail |
| `average-precision: [kb-1, kb-7]` | `{output: "", context: [x, {id: kb-1}]}` | fail |
| `average-precision: kb-1` | `nothing was retrieved` | fail |

>>> check(Answer(output="", context=("x", {"id": "a"}, {"id": "b"})), value=("a", "b")).score
0.5833333333333333
"""

from __future__ import annotations

from typing import Literal

from promptctl.assertions.reading.passages import (
    NOTHING,
    Expected,
    Value,
    best_share,
    check_bounds,
    expected,
    retrieval,
)
from promptctl.assertions.reading.ranking import average_precision
from promptctl.model.answer import Answer, Bench, Score
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
    check_bounds(k=k, threshold=threshold, most=best_share(wanted, k))
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
    if not found.gains:
        return Score(False, 0.0, NOTHING, found.detail(k))
    score = average_precision(found.counts, len(found.places) + len(found.missing))
    return Score(score >= threshold, score, f"average precision is {score:.3f}; {found.told()}", found.detail(k))
