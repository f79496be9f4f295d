"""No tests any more."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD501", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def golden_set_removed(tests: Tests) -> Iterator[Difference]:
    """The golden set is gone.

    Why: Nothing is measured any more, and nothing measured is never a pass.

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
      - id: reset-password
        input: How do I reset my password?
        assertions: [{contains: Settings}]
    ```
    """
    if tests.golden.before is not None and tests.golden.after is None:
        cases = len(tests.golden.before.cases)
        message = f"the golden set of {tests.name} is gone, with {cases} case{'s' * (cases != 1)}"
        yield Difference(message, (tests.golden.before.digest,), path=tests.golden.before.source.path)
