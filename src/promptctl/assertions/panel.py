"""Several judges score the answer by one rubric, and decide by vote or by their mean.

Value: the rubric's text, called `rubric` among options. `judges`: the names of at least two judges, each asked once and
so named once: the same judge gives the same verdict again.
`combine: vote` (the default): it passes where more than half of the judges do, each by its own threshold; a draw is no
majority. `combine: mean`: it passes where the mean of their scores, each moved to 0..1, reaches `threshold`, default
0.5. A judge without a verdict makes the panel ERROR, unless the vote stands whatever it would have said. Score: the
share of the judges that pass, or the mean.

Detail: `judges`, a list of what each gave (`judge`, `judge_digest`, `score`, `share`, `passed`, or `error`), `agreement`,
the share of them on the side of the majority.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `panel: {rubric: R, judges: [fair, strict]}` | `Thanks.` | `[{output: '{"score": 1}'}, {output: '{"score": 0.9}'}]` | pass |
| `panel: {rubric: R, judges: [fair, strict], combine: mean}` | `Ok.` | `[{output: '{"score": 1}'}, {output: '{"score": 0.2}'}]` | pass |
| `panel: {rubric: R, judges: [fair, strict, mild]}` | `Ok.` | `[{output: '{"score": 1}'}, {output: none}, {output: '{"score": 1}'}]` | pass |
| `panel: {rubric: R, judges: [fair, strict]}` | `Go.` | `[{output: '{"score": 1}'}, {output: '{"score": 0}'}]` | fail |
| `panel: {rubric: R, judges: [fair, strict], combine: mean}` | `Go.` | `[{output: '{"score": 0.6}'}, {output: '{"score": 0.2}'}]` | fail |
| `panel: {rubric: R, judges: [fair, strict, mild]}` | `Go.` | `[{output: '{"score": 0}'}, {output: none}, {output: '{"score": 0}'}]` | fail |
| `panel: {rubric: R, judges: [fair, strict, mild]}` | `Go.` | `[{output: '{"score": 1}'}, {output: none}, {output: '{"score": 0}'}]` | error |
| `panel: {rubric: R, judges: [fair, strict], combine: mean}` | `Go.` | `[{output: '{"score": 1}'}, {output: none}]` | error |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from promptctl.assertions.judge import verdict_of
from promptctl.assertions.reading.judging import Judging, judging
from promptctl.assertions.reading.material import asked, values_of
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import AssertionBroken, CallFailed, InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.prompt import Json
from promptctl.model.run import Request

VERSION = 1
READS_BROKEN = True


@dataclass(frozen=True, slots=True)
class _Vote:
    """What one judge of the panel gave; passed and share are None where it gave no verdict."""

    about: dict[str, Json]
    passed: bool | None = None
    share: float | None = None


def prepare(
    bench: Bench,
    *,
    judges: tuple[str, ...],
    value: str | None = None,
    rubric: str | None = None,
    case: Case | None = None,
) -> tuple[Judging, ...]:
    if value is not None and rubric is not None:
        raise InputError(Problem("give one rubric, as the value or as `rubric`"))
    if len(judges) < 2:
        raise InputError(Problem("a panel has at least two judges", hint="for one there is `judge`"))
    twice = next((name for name in judges if judges.count(name) > 1), None)
    if twice is not None:
        hint = "its one verdict would count twice: name another judge, or leave it out"
        raise InputError(Problem(f"the judge {twice!r} is in the panel twice", hint=hint))
    return tuple(judging(bench, name, rubric=value if rubric is None else rubric, case=case) for name in judges)


def fingerprint(*, prepared: tuple[Judging, ...]) -> tuple[Json, ...]:
    return tuple((one.identity, one.rubric, one.threshold) for one in prepared)


def judges(*, prepared: tuple[Judging, ...]) -> tuple[Judging, ...]:
    return prepared


def ask(answer: Answer, *, prepared: tuple[Judging, ...]) -> tuple[Request, ...]:
    values = values_of(answer)
    return tuple(asked(one, values) for one in prepared)


def read(
    answer: Answer,
    replies: Sequence[Reply | AssertionBroken | CallFailed],
    *,
    prepared: tuple[Judging, ...],
    judges: tuple[str, ...],
    value: str | None = None,
    rubric: str | None = None,
    combine: Literal["vote", "mean"] = "vote",
    threshold: float = 0.5,
) -> Score:
    votes = [_vote(answer, reply, one) for reply, one in zip(replies, prepared, strict=True)]
    said = "; ".join(_told(vote) for vote in votes)
    passes = sum(vote.passed is True for vote in votes)
    fails = sum(vote.passed is False for vote in votes)
    detail: dict[str, Json] = {"judges": [vote.about for vote in votes]}
    if passes + fails:
        detail["agreement"] = max(passes, fails) / (passes + fails)
    if combine == "mean":
        shares = [vote.share for vote in votes if vote.share is not None]
        if len(shares) < len(votes):
            raise AssertionBroken(f"not every judge gave a verdict: {said}")
        mean = sum(shares) / len(shares)
        return Score(mean >= threshold - 1e-12, min(1.0, mean), f"the mean is {mean:.2f}: {said}", detail)
    if not (passes * 2 > len(votes) or fails * 2 >= len(votes)):
        raise AssertionBroken(f"{passes} of {len(votes)} judges pass it, and the rest decides: {said}")
    passed = passes * 2 > len(votes)
    return Score(passed, passes / (passes + fails), f"{passes} of {len(votes)} judges pass it: {said}", detail)


def _vote(answer: Answer, reply: Reply | AssertionBroken | CallFailed, ready: Judging) -> _Vote:
    about = ready.about()
    try:
        if isinstance(reply, AssertionBroken | CallFailed):
            raise AssertionBroken(str(reply))
        verdict = verdict_of(answer, reply, ready)
    except AssertionBroken as reason:
        return _Vote({**about, "error": str(reason)})
    passed = ready.passes(verdict.score, verdict.share)
    about |= {"score": verdict.score, "share": verdict.share, "passed": passed, "reason": verdict.reason}
    return _Vote(about, passed, verdict.share)


def _told(vote: _Vote) -> str:
    if vote.passed is None:
        return f"{vote.about['judge']} gave no verdict ({vote.about['error']})"
    score = vote.about["score"]
    return f"{vote.about['judge']} {score:g}" if isinstance(score, float) else f"{vote.about['judge']} {score}"
