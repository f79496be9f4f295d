"""A judge without a scale."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.judge.reading.judges import (
    DEFAULT_SCALE,
    Scale,
    declared_scale,
    is_scale,
    named_scales,
    says_both_ends,
)


@rule("PL501", Severity.ERROR, Subject.JUDGE)
def no_scale(judge: Prompt, _context: Context) -> Iterator[Hit]:
    """A judge does not say on which scale it scores, or says another than the one its scores are read on.

    Why: a score means something only on a scale. Scores are read on the judge's `scale:` (which it is then told),
    without it from 0 to 1, and a score off the scale is an ERROR: a judge that is told "1 to 5" and read from 0 to 1
    fails on every good answer, after it has been paid for.

    Bad (no scale at all):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Judge the answer by the rubric. Reply with JSON: {"score": number, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Bad (told another than it is read on):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Score the answer on a scale of 1 to 5. Reply with JSON: {"score": number, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Bad (a scale, and a text that speaks of another):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    scale: 1-5
    system_prompt: Score the answer on a scale of 0 to 10.
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Good (it is told its scale):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    scale: 1-5
    system_prompt: Judge the answer by the rubric.
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Good (words):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    scale: pass/fail
    system_prompt: Does the answer meet the rubric?
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Good (under metadata):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    metadata: {scale: [1, 5]}
    system_prompt: 'Score the answer on a scale of 1 to 5. Reply with JSON: {"score": number, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    Good (the usual scale):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Reply with JSON: {"score": 1 if the rubric is met, 0 if not, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    """
    if judge.scale is not None:
        yield from _contradicted(judge)
        return
    declared = declared_scale(judge)
    if declared is not None and not is_scale(declared):
        yield Hit("scale must be [low, high], two numbers", at=("metadata", "scale"), hint="metadata: {scale: [1, 5]}")
        return
    named = named_scales(judge)
    if declared is None:
        yield from _undeclared(judge, named)
    elif (scale := (float(declared[0]), float(declared[1]))) not in named and not says_both_ends(judge, scale):
        message = f"the judge's text never says its scale of {_shown(scale)}"
        yield Hit(message, at=("metadata", "scale"), hint="say it in the prompt", severity=Severity.WARNING)


def _contradicted(judge: Prompt) -> Iterator[Hit]:
    """A judge with `scale:` is told it; what its own text says must not be another one."""
    scale, named = judge.scale, named_scales(judge)
    if scale is None or scale.kind != "range" or not named or (scale.low, scale.high) in named:
        return
    message = f"the judge's text speaks of {_shown(named[0])}, its scale is {_shown((scale.low, scale.high))}"
    yield Hit(message, at=("scale",), hint="keep one of the two")


def _undeclared(judge: Prompt, named: tuple[Scale, ...]) -> Iterator[Hit]:
    if DEFAULT_SCALE in named:
        return
    if named:
        low, high = named[0]
        message = f"the judge is told to score {_shown(named[0])}, but its scores are read from 0 to 1"
        yield Hit(message, hint=f"add scale: {low:g}-{high:g}")
    elif not says_both_ends(judge, DEFAULT_SCALE):
        yield Hit("the judge has no scale", hint="scale: 1-5, scale: pass/fail, or scale: [wrong, partly, right]")


def _shown(scale: Scale) -> str:
    return f"{scale[0]:g} to {scale[1]:g}"
