"""A judge finds every claim of the answer supported by the context, claim by claim.

Looks at the answer and at its `context`, the passages that the case gives or the system under test returned. The judge is
asked once per answer and lists the answer's claims, each supported by the context or not. `judge`: its name, default
`faithfulness`; its `scale` is `claims`. It answers with one JSON object, `{"claims": [{"claim": text, "verdict":
"supported" or "unsupported", "reason": text}]}`; a code fence or prose around it is tolerated.

Score: supported claims / claims of this answer. Averages over cases are averages of these scores: every answer counts
once, however many claims it makes. `threshold`: default the judge's own, else 1, every claim.

`yes`, `true`, `1`, `relevant` and `attributable` mean supported; their opposites mean unsupported, and so does what is
neither shown nor refuted: `partially`, `unclear`, `idk`. A claim listed twice counts once. ERROR: the answer or the context
is empty (or nobody gave one), an empty list, no list, one cut off or only repeated from what is judged, two that differ,
an entry without a verdict or with another word, a claim that is called both.

Detail: `claims` and `supported` (how many), `unsupported` (their texts), `judge`, `judge_digest`, `scale`, `threshold`.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `faithfulness: true` | `{output: It is red., context: [It is red.]}` | `[{output: '{"claims": [{"claim": "It is red.", "verdict": "supported"}]}'}]` | pass |
| `faithfulness: {threshold: 0.5}` | `{output: Red and big., context: [Red.]}` | `[{output: '{"claims": [{"claim": "Red", "verdict": "yes"}, {"claim": "Big", "verdict": "no"}]}'}]` | pass |
| `faithfulness: {judge: support}` | `{output: Red., context: [Red.]}` | `[{output: 'So: {"claims": [{"claim": "Red", "verdict": true}]} Done.'}]` | pass |
| `faithfulness: true` | `{output: Red and big., context: [Red.]}` | `[{output: '{"claims": [{"claim": "Red", "verdict": "yes"}, {"claim": "Big", "verdict": "no"}]}'}]` | fail |
| `faithfulness: true` | `{output: It is big., context: [Red.]}` | `[{output: '{"claims": [{"claim": "Big", "verdict": "unclear"}]}'}]` | fail |
| `faithfulness: {threshold: 0.6}` | `{output: Red and big., context: [Red.]}` | `[{output: '{"claims": [{"claim": "Red", "verdict": 1}, {"claim": "Big", "verdict": 0}]}'}]` | fail |
| `faithfulness: true` | `{output: It is red., context: [Red.]}` | `[{output: '{"claims": []}'}]` | error |
| `faithfulness: true` | `{output: It is red., context: [Red.]}` | `[{output: It is faithful.}]` | error |
| `faithfulness: true` | `{output: It is red.}` | `[]` | error |
| `faithfulness: true` | `{output: "", context: [Red.]}` | `[]` | error |
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
        bench, judge, own="faithfulness", needs=("output", "context"), threshold=threshold, default=1.0, case=case
    )


def fingerprint(*, prepared: Judging) -> tuple[Json, ...]:
    return (prepared.identity, prepared.rubric, prepared.threshold)


def judges(*, prepared: Judging) -> tuple[Judging, ...]:
    return (prepared,)


def ask(answer: Answer, *, prepared: Judging) -> tuple[Request, ...]:
    require(answer, "output", "context")
    return (asked(prepared, values_of(answer)),)


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    prepared: Judging,
    judge: str | None = None,
    threshold: float | None = None,
) -> Score:
    return scored(answer, replies[0], prepared, what="claim", verb="supported")
