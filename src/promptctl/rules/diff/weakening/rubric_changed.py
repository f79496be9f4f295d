"""A judge that is asked something else."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.assertions import changed, identity, of_rubric
from promptctl.rules.diff.reading.cases import assertions_at, in_cases, spelled


@diff_rule("PD509", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def rubric_changed(tests: Tests) -> Iterator[Difference]:
    """A rubric changed, or another judge is asked.

    Why: Scores by two rubrics cannot be compared, and a kinder rubric passes what the old one failed.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # base: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        rubric: Names the exact menu path.
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        rubric: Is polite.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # base: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        rubric: Names the exact menu path.
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        rubric: Names the exact menu path.
        assertions: [{contains: Settings}]
    ```
    """
    for before, after, (change, cases) in changed(tests.golden):
        if of_rubric(before, after):
            message = f"{in_cases(cases)} the judge is asked {spelled(after)} now, not {spelled(before)}"
            yield Difference(message, identity((change, cases)), at=assertions_at(tests.golden, cases))
