"""A case under another id."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD503", Severity.WARNING, Category.TESTS, None, Looks.TESTS)
def case_renamed(tests: Tests) -> Iterator[Difference]:
    """A case has another id.

    Why: Base and head are compared case by case, by id: a renamed case has no partner, and its history ends.

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
      - id: reset-password
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
        assertions: [{contains: Settings}]
      - id: invoice
        input: Where is my invoice?
        assertions: [{contains: Billing}]
    ```
    """
    for old, new in tests.golden.renamed:
        at = ("cases", tests.golden.index(new) or 0, "id")
        yield Difference(
            f"the case {old.id!r} is called {new.id!r} now", (old.id, new.id), at=at, hint="ids pair runs: keep them"
        )
