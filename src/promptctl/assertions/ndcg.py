"""The best passages stand at the top (normalised discounted cumulated gain).

Value: a mapping of expected passages to their relevance, any numbers from 0 on; or a list, in which all are worth 1. `k`,
`match`, repeated passages and detail: as for [`recall-at-k`](#recall-at-k). Score: the sum over the places of relevance /
log2(place + 1), divided by that of the best order of the first `k` expected passages (Jarvelin and Kekalainen 2002, with
the discount of trec_eval and scikit-learn). The gain is the relevance itself, not 2^relevance - 1. `threshold`: default 0.5.

| assertion | answer | outcome |
| --- | --- | --- |
| `ndcg: {value: {kb-1: 3, kb-7: 1}, threshold: 1}` | `{output: "", context: [{id: kb-1}, {id: kb-7}, x]}` | pass |
| `ndcg: {value: {kb-1: 3, kb-7: 1}, threshold: 0.75}` | `{output: "", context: [{id: kb-7}, {id: kb-1}]}` | pass |
| `ndcg: {value: [kb-1, kb-7, kb-9], k: 1, threshold: 1}` | `{output: "", context: [{id: kb-9}]}` | pass |
| `ndcg: {value: {kb-1: 3, kb-7: 1}, threshold: 0.8}` | `{output: "", context: [{id: kb-7}, {id: kb-1}]}` | fail |
| `ndcg: {value: {kb-1: 3, kb-7: 1}}` | `{output: "", context: [{id: kb-7}]}` | fail |
| `ndcg: [kb-1]` | `nothing was retrieved` | fail |

>>> round(check(Answer(output="", context=({"id": "b"}, {"id": "a"})), value={"a": 3, "b": 1}).score, 4)
0.7967
"""

from __future__ import annotations

from typing import Literal

from promptctl.assertions.reading.passages import NOTHING, Expected, Value, check_bounds, expected, retrieval
from promptctl.assertions.reading.ranking import ndcg
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
    wanted = prepared or expected(value, None, contains=match == "contain")
    found = retrieval(answer, wanted, k)
    if not found.gains:
        return Score(False, 0.0, NOTHING, found.detail(k))
    score = ndcg(found.gains, wanted.relevance.values(), k)
    return Score(score >= threshold, score, f"nDCG is {score:.3f}; {found.told()}", found.detail(k))
