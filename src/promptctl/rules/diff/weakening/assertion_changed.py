"""A demand for something else."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.assertions import changed, identity, looser, of_rubric
from promptctl.rules.diff.reading.cases import assertions_at, in_cases, spelled


@diff_rule("PD508", Severity.WARNING, Category.TESTS, None, Looks.TESTS)
def assertion_changed(tests: Tests) -> Iterator[Difference]:
    """An assertion asks for something else.

    Why: Whether it asks for more or for less cannot be told from the text; a reviewer has to look.

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
        assertions: [{contains: Settings}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{contains: Profile}]
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
        assertions: [{max-tokens: 100}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{max-tokens: 100}, {contains: a}]
    ```
    """
    for before, after, (change, cases) in changed(tests.golden):
        if not of_rubric(before, after) and next(looser(before, after), None) is None:
            message = f"{in_cases(cases)} asserts {spelled(after)} now, not {spelled(before)}"
            yield Difference(message, identity((change, cases)), at=assertions_at(tests.golden, cases))
