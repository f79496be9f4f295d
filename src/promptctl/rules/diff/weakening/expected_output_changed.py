"""Another right answer."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.words import was_now


@diff_rule("PD504", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def expected_output_changed(tests: Tests) -> Iterator[Difference]:
    """What a case expects was edited.

    Why: Changing the question paper together with the answer hides a regression. Where the old expectation was
    wrong, accept the finding and say so.

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
        expected_output: Settings
        assertions: [equals]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        expected_output: Profile
        assertions: [equals]
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
        expected_output: Settings
        assertions: [equals]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        expected_output: Settings
        assertions: [equals]
      - id: more
        input: And now?
        assertions: [{contains: a}]
    ```
    """
    for case in tests.golden.edited:
        if case.of("expected_output"):
            old, new = case.before.expected_output, case.after.expected_output
            at = ("cases", tests.golden.index(case.after) or 0, "expected_output")
            yield Difference(f"{case.after.id}: what is expected {was_now(old, new)}", (case.after.id, old, new), at=at)
