"""The passages that were expected are among those that were retrieved.

Looks at the case's `context`, or at what the system under test returned as its context, best passage first; never at
the answer's text. A passage of it is a text, or a mapping with `id`, `text` and any other key.

Value: the expected passages, one or a list. Each is an id or a text, and is found where a passage has that `id` or that
text; how white space is set does not count. With `match: contain` a text is also found inside a longer passage.
Default: `expected_context` in the case's `metadata`. A mapping of id to relevance is taken too, and whatever is above
0 counts. `k`: only the first k passages as they came; default all. Score: expected passages that were found / expected
passages. `threshold`: default 1, all of them.

A passage that comes again (same id and text, or nothing in it but what was found before) counts once, at its first
place; what repeats is taken out, after `k` has cut. Where the context is empty the score is 0. A context that nobody
gave looks the same: it fails, and the reason says so. Where a system under test (`target:`) gave no context the outcome
is ERROR: the case's own is what it was handed, not what it found. A passage with neither `id` nor `text` is ERROR. A `threshold`
that this `k` cannot reach is an input error. Kept as detail: `k`, `retrieved` (how many passages count), `repeated`,
`found`, `places` (where, from 1) and `missing`.

| assertion | answer | outcome |
| --- | --- | --- |
| `recall-at-k: [kb-1, kb-7]` | `{output: "", context: [{id: kb-7}, {id: kb-2}, {id: kb-1}]}` | pass |
| `recall-at-k: Reset it  in Settings.` | `{output: "", context: ["Reset it in Settings."]}` | pass |
| `recall-at-k: {value: [kb-1, kb-7], k: 2, threshold: 0.5}` | `{output: "", context: [{id: kb-1}, {id: kb-2}]}` | pass |
| `recall-at-k: {value: in Settings, match: contain}` | `{output: "", context: ["Reset it in Settings."]}` | pass |
| `recall-at-k: [kb-1, kb-7]` | `{output: "", context: [{id: kb-1}, {id: kb-1}]}` | fail |
| `recall-at-k: {value: kb-1, k: 2}` | `{output: "", context: [{id: kb-2}, {id: kb-3}, {id: kb-1}]}` | fail |
| `recall-at-k: kb-1` | `{output: "", context: ["kb-12 has the rest."]}` | fail |
| `recall-at-k: kb-1` | `kb-1` | fail |
| `recall-at-k: kb-1` | `{output: "", context: [{score: 0.9}]}` | error |

>>> check(Answer(output="", context=({"id": "kb-1"}, {"id": "kb-2"})), value=("kb-1", "kb-7")).reason
'1 of 2 expected passages are in the 2 retrieved; missing: kb-7'
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
    threshold: float = 1.0,
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
    threshold: float = 1.0,
    prepared: Expected | None = None,
) -> Score:
    found = retrieval(answer, prepared or expected(value, None, contains=match == "contain"), k)
    if not found.gains:
        return Score(False, 0.0, NOTHING, found.detail(k))
    score = len(found.places) / (len(found.places) + len(found.missing))
    return Score(score >= threshold, score, found.told(), found.detail(k))
