"""A check that is written anew."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD512", Severity.WARNING, Category.TESTS, None, Looks.TESTS)
def check_file_changed(tests: Tests) -> Iterator[Difference]:
    """A file that an assertion runs or reads changed.

    Why: The assertion in the golden set is the same; what it demands is in a Python file, a command or a JSON
    Schema, and that changed.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # base: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{python: "checks/tone.py:polite"}]
    # base: checks/tone.py
    def polite(output, context): return 'please' in output
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{python: "checks/tone.py:polite"}]
    # file: checks/tone.py
    def polite(output, context): return True
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
    for path in tests.checks:
        yield Difference(
            f"{path} changed, which assertions of {tests.name} use", (path,), hint="look at what it demands now"
        )
