"""A judge, itself a prompt with a model, scores the answer by a rubric.

Value: the rubric's text, called `rubric` among options. `judge`: name of the judge, default the project's
`eval.judge`, else its only one. `rubric:` of a case is short for it. The judge's prompt is rendered with those of
these variables it declares, all of them data: `rubric`, `output`, `input` (or `question`), `expected_output`,
`context`, and the case's own inputs by name. It answers with one JSON object, `{"score": number, "reason": text}`; a
code fence or prose around it is tolerated. The score's scale is `scale: [low, high]` in the judge's `metadata`,
default 0 to 1. `threshold`, on that scale: default its middle. Without a verdict, with two that differ, or with one
off the scale the outcome is ERROR. Score: the judge's, moved to 0..1.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `judge: Is polite.` | `Thank you.` | `[{output: '{"score": 1, "reason": "polite"}'}]` | pass |
| `judge: Is polite.` | `Thank you.` | `[{output: 'So: {"score": 0.5, "reason": "fair"} Done.'}]` | pass |
| `judge: {rubric: Is polite., threshold: 0.8}` | `Thanks.` | `[{output: '{"score": 0.8, "reason": "ok"}'}]` | pass |
| `judge: Is polite.` | `Go away.` | `[{output: '{"score": 0, "reason": "rude"}'}]` | fail |
| `judge: {rubric: Is polite., threshold: 0.8}` | `Well.` | `[{output: '{"score": 0.7, "reason": "meh"}'}]` | fail |
| `judge: Is polite.` | `Go.` | `[{output: '{"score": 0.2, "reason": "curt"}'}]` | fail |
| `judge: Is polite.` | `Thank you.` | `[{output: It is very polite.}]` | error |
| `judge: Is polite.` | `Thank you.` | `[{output: '{"score": 10, "reason": "great"}'}]` | error |
| `judge: Is polite.` | `Thank you.` | `[{output: '{"pass": true}'}]` | error |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from promptctl.assertions.reading.json_text import compact, excerpt, objects
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem
from promptctl.model.golden import Case
from promptctl.model.prompt import Input, Json, Prompt
from promptctl.model.run import Completion, Request
from promptctl.model.suggest import closest
from promptctl.text import template

VERSION = 1
_ALWAYS = ("rubric", "output", "input", "question", "context")


@dataclass(frozen=True, slots=True)
class Judging:
    """A judge made ready: prompt, rubric, where its model is asked, its scale and the least score that passes."""

    prompt: Prompt
    rubric: str
    endpoint: str | None
    low: float
    high: float
    threshold: float


def prepare(
    bench: Bench,
    *,
    value: str | None = None,
    rubric: str | None = None,
    judge: str | None = None,
    threshold: float | None = None,
    case: Case | None = None,
) -> Judging:
    text = value if rubric is None else rubric
    if text is None or not text.strip() or (value is not None and rubric is not None):
        raise InputError(Problem("give one rubric, as the value or as `rubric`, and not an empty one"))
    prompt = _chosen(bench, judge)
    low, high = _scale(prompt)
    least = (low + high) / 2 if threshold is None else threshold
    if not low < least <= high:
        raise InputError(
            Problem(f"`threshold` {least:g} must be above {low:g} and at most {high:g}, the scale of {prompt.name}")
        )
    lacking = [found.name for found in prompt.inputs if found.required and not _known(found, case)]
    if lacking:
        message = f"the judge {prompt.name} needs `{lacking[0]}`, which the case does not give"
        raise InputError(Problem(message, hint=f"a judge may declare {', '.join(_ALWAYS)}, expected_output"))
    return Judging(prompt, text, bench.endpoint(prompt.model), low, high, least)


def fingerprint(*, prepared: Judging) -> tuple[Json, ...]:
    return (prepared.prompt.digest, prepared.low, prepared.high, prepared.threshold)


def models(*, prepared: Judging) -> tuple[str, ...]:
    return (prepared.prompt.model,)


def ask(answer: Answer, *, prepared: Judging) -> tuple[Request, ...]:
    given = _values(answer, prepared.rubric)
    inputs = {found.name: _shaped(found, given[found.name]) for found in prepared.prompt.inputs if found.name in given}
    case = Case(id="judge", input=inputs, assertions=(), digest="")
    try:
        return (template.request(prepared.prompt, case, endpoint=prepared.endpoint),)
    except InputError as error:
        raise AssertionBroken(f"the judge's prompt could not be rendered: {error}") from error


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    prepared: Judging,
    value: str | None = None,
    rubric: str | None = None,
    judge: str | None = None,
    threshold: float | None = None,
) -> Score:
    reply = replies[0]
    text = reply.output if isinstance(reply, Completion) else ""
    score, reason = _verdict(text)
    if not prepared.low <= score <= prepared.high:
        raise AssertionBroken(f"the judge's score {score:g} is off its scale of {prepared.low:g} to {prepared.high:g}")
    share = (score - prepared.low) / (prepared.high - prepared.low)
    return Score(score >= prepared.threshold, share, f"the judge gave {score:g}: {reason}" if reason else f"{score:g}")


def _chosen(bench: Bench, name: str | None) -> Prompt:
    name = name or bench.default_judge
    if name is None and len(bench.judges) == 1:
        return next(iter(bench.judges.values()))
    if name is None:
        hint = "set eval.judge in promptctl.yaml, or judge: beside the rubric" if bench.judges else "add one to judges/"
        raise InputError(Problem("no judge is chosen" if bench.judges else "the project has no judge", hint=hint))
    if name not in bench.judges:
        near = closest(name, bench.judges)
        hint = f"did you mean '{near}'?" if near else f"known judges: {', '.join(sorted(bench.judges)) or 'none'}"
        raise InputError(Problem(f"there is no judge '{name}'", hint=hint))
    return bench.judges[name]


def _scale(prompt: Prompt) -> tuple[float, float]:
    found = prompt.metadata.get("scale", (0, 1))
    numbers = isinstance(found, list | tuple) and all(_is_number(end) for end in found)
    if not numbers or len(found) != 2 or not found[0] < found[1]:
        raise InputError(Problem(f"`scale` of the judge {prompt.name} must be [low, high]", path=prompt.source.path))
    return float(found[0]), float(found[1])


def _known(found: Input, case: Case | None) -> bool:
    if found.name in _ALWAYS or case is None:
        return True
    return found.name in case.input or (found.name == "expected_output" and case.expected_output is not None)


def _values(answer: Answer, rubric: str) -> dict[str, Json]:
    """Every variable a judge may declare; the case's own inputs do not displace the others."""
    asked = next(iter(answer.input.values())) if len(answer.input) == 1 else dict(answer.input)
    fixed = {
        "rubric": rubric,
        "output": answer.output,
        "input": asked,
        "question": asked,
        "context": list(answer.context),
    }
    if answer.expected_output is not None:
        fixed["expected_output"] = answer.expected_output
    return {**answer.input, **fixed}


def _shaped(found: Input, value: Json) -> Json:
    """A value as text unless the judge's prompt declares another type for it."""
    if isinstance(value, str) or found.schema.get("type", "string") != "string":
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n\n".join(value)
    return compact(value)


def _verdict(text: str) -> tuple[float, str]:
    """The score and the reason of the one verdict in the judge's text. Raises AssertionBroken."""
    found = [item for item in objects(text) if "score" in item]
    if not found:
        raise AssertionBroken(f"the judge gave no verdict: {excerpt(text)}")
    scores = [item["score"] for item in found]
    if any(not _is_number(score) for score in scores):
        raise AssertionBroken(f"the judge's score is not a number: {excerpt(compact(scores[0]))}")
    if any(score != scores[0] for score in scores):
        raise AssertionBroken("the judge gave two verdicts that differ")
    reason = found[-1].get("reason", "")
    return float(scores[0]), reason if isinstance(reason, str) else compact(reason)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
