"""A test less."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD502", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def case_removed(tests: Tests) -> Iterator[Difference]:
    """A case of the golden set is gone.

    Why: Whatever it guarded may break unseen. A case that is wrong is corrected, not removed.

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
      - id: invoice
        input: Where is my invoice?
        assertions: [{contains: Billing}]
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
        assertions: [{contains: Settings}]
      - id: invoice
        input: Where is my invoice?
        assertions: [{contains: Billing}]
    ```
    """
    if tests.golden.after is None:
        return
    for case in tests.golden.removed:
        hint = "correct a case that is wrong; accept the finding where it is meant"
        yield Difference(f"the case {case.id!r} is gone", (case.id, case.digest), at=("cases",), hint=hint)
