"""A judge that is a relative of the model it judges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptctl.assertions.engine import bind
from promptctl.assertions.results.judged import JUDGED
from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.model.golden import AssertionSpec, Case, GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import NodePath
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.rules.judge.reading.families import family_of


@rule("PL503", Severity.WARNING, Subject.GOLDEN)
def same_family(tested: Tested, context: Context) -> Iterator[Hit]:
    """A prompt is judged by a model of its own family.

    Why: models prefer what they and their relatives write (Zheng et al. 2023, "Judging LLM-as-a-Judge", 3.3; Panickssery
    et al. 2024, "LLM Evaluators Recognize and Favor Their Own Generations"), and share their mistakes. A judge of
    another house does not flatter. Known by the names of the models; an Azure deployment or a scripted model has none.

    Bad:
    ```yaml
    # file: judges/strict.yaml
    model: openai/gpt-4.1-2025-04-14
    system_prompt: 'Does the answer meet the rubric? Reply with JSON: {"score": 0 to 1, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: golden/bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        rubric: Points to the exact menu path.
    ```
    Good:
    ```yaml
    # file: judges/strict.yaml
    model: anthropic/claude-sonnet-4-6
    system_prompt: 'Does the answer meet the rubric? Reply with JSON: {"score": 0 to 1, "reason": text}.'
    user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: golden/bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        rubric: Points to the exact menu path.
    ```
    """
    family = family_of(tested.prompt.model) if tested.prompt is not None else None
    if tested.prompt is None or family is None:
        return
    seen: set[str] = set()
    for at, spec, judge in _judgements(tested.golden, context):
        if judge.name in seen or family_of(judge.model) != family:
            continue
        seen.add(judge.name)
        message = f"the judge {judge.name} ({judge.model}) is of one family with what it judges: {family}"
        yield Hit(message, at=at, span=spec.span, hint=f"{tested.prompt.model} had better be judged by another house")


def _judgements(golden: GoldenSet, context: Context) -> Iterator[tuple[NodePath, AssertionSpec, Prompt]]:
    """Every assertion that a judge decides, with each of its judges; one that cannot be bound is another rule's."""
    known: dict[str, tuple[Prompt, ...]] = {}
    for index, case in enumerate(golden.cases):
        for spec in _flat(case.assertions):
            if spec.type not in JUDGED:
                continue
            judges = known.get(spec.digest) or _judges_of(spec, golden, case, context)
            if judges:  # whether it can be bound is also the case's doing: the next one may
                known[spec.digest] = judges
            yield from ((("cases", index), spec, judge) for judge in judges)


def _judges_of(spec: AssertionSpec, golden: GoldenSet, case: Case, context: Context) -> tuple[Prompt, ...]:
    try:
        return tuple(one.prompt for one in bind(spec, context.bench, golden.source, case).judges)
    except InputError:
        return ()


def _flat(specs: Sequence[AssertionSpec]) -> Iterator[AssertionSpec]:
    for spec in specs:
        yield spec
        yield from _flat(spec.children)
