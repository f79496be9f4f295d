"""A case that may fail now."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD510", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def must_pass_tag_dropped(tests: Tests) -> Iterator[Difference]:
    """A case has lost a tag whose cases have to pass.

    Why: `gate.must_pass` names tags (by default `critical`) whose cases block a change by themselves. Which tags
    those are is read from the base.

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
        tags: [critical]
        assertions: [{contains: Settings}]
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
        tags: [critical]
        assertions: [{contains: Settings}]
    ```
    """
    for case in tests.golden.edited:
        for tag in case.before.tags:
            if tag in tests.must_pass and tag not in case.after.tags:
                at = ("cases", tests.golden.index(case.after) or 0, "tags")
                yield Difference(f"{case.after.id}: is not tagged {tag!r} any more", (case.after.id, tag), at=at)
