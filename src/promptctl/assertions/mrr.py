"""The first passage that was expected stands near the top (reciprocal rank).

Value, `k`, `match`, repeated passages and detail: as for [`recall-at-k`](#recall-at-k). Score: 1 / the place of the first
relevant passage, 0 where there is none (Voorhees 1999). The mean of the scores over the cases is the MRR. `threshold`:
default 0.5, the first place or the second.

| assertion | answer | outcome |
| --- | --- | --- |
| `mrr: kb-1` | `{output: "", context: [{id: kb-1}, {id: kb-2}]}` | pass |
| `mrr: [kb-1, kb-7]` | `{output: "", context: [{id: kb-2}, {id: kb-7}]}` | pass |
| `mrr: {value: kb-1, threshold: 0.3}` | `{output: "", context: [a, b, {id: kb-1}]}` | pass |
| `mrr: kb-1` | `{output: "", context: [a, b, {id: kb-1}]}` | fail |
| `mrr: {value: kb-1, k: 2, threshold: 0.1}` | `{output: "", context: [a, b, {id: kb-1}]}` | fail |
| `mrr: kb-1` | `nothing was retrieved` | fail |

>>> check(Answer(output="", context=("a", {"id": "kb-1"})), value="kb-1").score
0.5
"""

from __future__ import annotations

from typing import Literal

from promptctl.assertions.reading.passages import NOTHING, Expected, Value, check_bounds, expected, retrieval
from promptctl.assertions.reading.ranking import reciprocal_rank
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
    check_bounds(k=k, threshold=threshold)
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
    score = reciprocal_rank([gain > 0 for gain in found.gains])
    first = min(found.places.values(), default=None)
    said = "no expected passage was retrieved" if first is None else f"the first expected passage is number {first}"
    return Score(score >= threshold, score, said, found.detail(k))
