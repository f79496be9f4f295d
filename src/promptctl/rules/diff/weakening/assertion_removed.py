"""A demand less."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.assertions import groups, identity
from promptctl.rules.diff.reading.cases import assertions_at, in_cases, spelled


@diff_rule("PD506", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def assertion_removed(tests: Tests) -> Iterator[Difference]:
    """An assertion is gone.

    Why: A case that asserts less passes more often. One finding stands for all cases it was removed from, as with
    the set's `defaults`.

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
        assertions: [{contains: Settings}, {not-contains: sorry}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{contains: Settings}]
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
        assertions: [{contains: Settings}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{contains: Settings}, {not-contains: sorry}]
    ```
    """
    for change, cases in groups(tests.golden, "removed"):
        message = f"{in_cases(cases)} does not assert {spelled(change.spec)} any more"
        yield Difference(message, identity((change, cases)), at=assertions_at(tests.golden, cases))
