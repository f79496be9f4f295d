"""Another question under the same id."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD505", Severity.WARNING, Category.TESTS, None, Looks.TESTS)
def case_input_changed(tests: Tests) -> Iterator[Difference]:
    """A case asks something else.

    Why: Under one id two questions are compared as if they were one.

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
        input: Hello?
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
        assertions: [{contains: Settings}]
      - id: invoice
        input: Where is my invoice?
        assertions: [{contains: Billing}]
    ```
    """
    for case in tests.golden.edited:
        asked = [name for name in ("input", "history", "context") if case.of(name)]
        if asked:
            at = ("cases", tests.golden.index(case.after) or 0, asked[0])
            change = (
                case.after.id,
                *([list(one.path), one.before, one.after] for name in asked for one in case.of(name)),
            )
            message = f"{case.after.id}: the {' and '.join(asked)} changed"
            yield Difference(message, change, at=at, hint="give a new question a new id")
