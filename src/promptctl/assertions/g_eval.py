"""A judge scores the answer by several criteria, one at a time, and their mean decides.

Value: a criterion, a list of them, or a mapping of criteria to weights, called `criteria` among options. Each is put to
the judge as the rubric of a call of its own, so that one does not colour the next. `steps`: how to go about it, a list
told with every criterion; they stand here, written by people, because steps that a model makes up anew differ from run
to run. `judge`: as for `judge`. Each score is moved to 0..1. `threshold`: of the weighted mean, default 0.7. A criterion
without a verdict is ERROR. Score: the weighted mean.

The method is that of Liu et al. (2023), G-Eval, arXiv 2303.16634, without its weighting by token probabilities, which
few providers give.

Detail: `judge`, `judge_digest`, `scale`, `criteria`, a list of `criterion`, `score`, `share`, `reason`.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `g-eval: Is polite.` | `Thank you.` | `[{output: '{"score": 0.8, "reason": "polite"}'}]` | pass |
| `g-eval: [Is polite., Is short.]` | `Thanks.` | `[{output: '{"score": 1}'}, {output: '{"score": 0.4}'}]` | pass |
| `g-eval: {criteria: {Is polite.: 3, Is short.: 1}}` | `Thanks.` | `[{output: '{"score": 1}'}, {output: '{"score": 0}'}]` | pass |
| `g-eval: [Is polite., Is short.]` | `Go.` | `[{output: '{"score": 0.2}'}, {output: '{"score": 1}'}]` | fail |
| `g-eval: Is polite.` | `Go.` | `[{output: '{"score": 0.6}'}]` | fail |
| `g-eval: {value: Is polite., threshold: 0.9}` | `Thanks.` | `[{output: '{"score": 0.8}'}]` | fail |
| `g-eval: [Is polite., Is short.]` | `Thanks.` | `[{output: '{"score": 1}'}, {output: very}]` | error |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.assertions.judge import verdict_of
from promptctl.assertions.reading.judging import Judging, judging
from promptctl.assertions.reading.material import asked, values_of
from promptctl.assertions.reading.verdicts import named
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.prompt import Json
from promptctl.model.run import Request

VERSION = 1
Criteria = str | tuple[str, ...] | Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion with its weight and the judge that is asked about it."""

    text: str
    weight: float
    judging: Judging


def prepare(
    bench: Bench,
    *,
    value: Criteria | None = None,
    criteria: Criteria | None = None,
    steps: tuple[str, ...] = (),
    judge: str | None = None,
    case: Case | None = None,
) -> tuple[Criterion, ...]:
    given = value if criteria is None else criteria
    if given is None or (value is not None and criteria is not None):
        raise InputError(Problem("give the criteria once, as the value or as `criteria`"))
    weights = _weights(given)
    if not weights or not all(text.strip() for text in weights):
        raise InputError(Problem("there is no criterion, or an empty one"))
    found = []
    for text, weight in weights.items():
        told = "\n".join([text, *(["", "Steps:"] if steps else []), *(f"{n}. {s}" for n, s in enumerate(steps, 1))])
        found.append(Criterion(text, weight, judging(bench, judge, rubric=told, case=case)))
    return tuple(replace(one, judging=replace(one.judging, threshold=1.0)) for one in found)


def _weights(given: Criteria) -> Mapping[str, float]:
    if isinstance(given, str):
        return {given: 1.0}
    if not isinstance(given, Mapping):
        return dict.fromkeys(given, 1.0)
    for text, weight in given.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not weight > 0:
            raise InputError(Problem(f"the weight of {text!r} must be a number above 0"))
    return {text: float(weight) for text, weight in given.items()}


def fingerprint(*, prepared: tuple[Criterion, ...]) -> tuple[Json, ...]:
    return tuple((one.judging.identity, one.judging.rubric, one.weight) for one in prepared)


def judges(*, prepared: tuple[Criterion, ...]) -> tuple[Judging, ...]:
    return (prepared[0].judging,)


def ask(answer: Answer, *, prepared: tuple[Criterion, ...]) -> tuple[Request, ...]:
    values = values_of(answer)
    return tuple(asked(one.judging, values) for one in prepared)


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    prepared: tuple[Criterion, ...],
    value: Criteria | None = None,
    criteria: Criteria | None = None,
    steps: tuple[str, ...] = (),
    judge: str | None = None,
    threshold: float = 0.7,
) -> Score:
    judge_of = prepared[0].judging.prompt
    with named(judge_of.name, judge_of.model):
        verdicts = [verdict_of(answer, reply, one.judging) for reply, one in zip(replies, prepared, strict=True)]
    total = sum(one.weight for one in prepared)
    mean = sum(one.weight * verdict.share for one, verdict in zip(prepared, verdicts, strict=True)) / total
    rows: list[Json] = [
        {"criterion": one.text, "score": verdict.score, "share": verdict.share, "reason": verdict.reason}
        for one, verdict in zip(prepared, verdicts, strict=True)
    ]
    about = {key: said for key, said in prepared[0].judging.about().items() if key != "threshold"}
    lowest = min(rows, key=lambda row: row["share"])
    reason = f"the mean over {len(rows)} is {mean:.2f}; lowest: {lowest['criterion']} {lowest['share']:.2f}"
    if lowest["reason"]:
        reason += f" ({lowest['reason']})"
    return Score(mean >= threshold - 1e-12, min(1.0, mean), reason, {**about, "criteria": rows})
