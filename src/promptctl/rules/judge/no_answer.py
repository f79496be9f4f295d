"""A judge that is not shown the answer."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.judge.reading.judges import shows


@rule("PL505", Severity.ERROR, Subject.JUDGE)
def no_answer(judge: Prompt, _context: Context) -> Iterator[Hit]:
    """A judge is not shown the answer it is to judge.

    Why: what the prompt under test answered is the variable `output`. A judge without it still returns scores, of
    nothing: the evaluation is green or red by chance.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Does the answer meet the rubric? Reply with JSON: {"score": 0 to 1, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><question>{{ question }}</question>"
    ```
    Bad (a judge of pairs sees one of them):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    scale: pairwise
    system_prompt: Which answer is better by the rubric?
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ first }}</answer>"
    ```
    Good (both):
    ```yaml
    model: openai/gpt-4o-2024-08-06
    scale: pairwise
    system_prompt: Which answer is better by the rubric?
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ first }}</answer><answer>{{ second }}</answer>"
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: 'Does the answer meet the rubric? Reply with JSON: {"score": 0 to 1, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    ```
    """
    kind = judge.scale.kind if judge.scale is not None else "range"
    if kind == "pairwise":
        for name in ("first", "second"):
            if not shows(judge, name):
                yield Hit(f"the judge never sees the {name} answer", hint=f"put {{{{ {name} }}}} into its text")
    elif not shows(judge, *(("output", "context", "expected_output") if kind == "claims" else ("output",))):
        yield Hit("the judge never sees the answer", hint="put {{ output }} into its text")
