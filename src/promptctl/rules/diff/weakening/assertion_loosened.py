"""A demand that is easier to meet."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Tests
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.assertions import changed, identity, looser
from promptctl.rules.diff.reading.cases import assertions_at, in_cases
from promptctl.rules.diff.reading.words import several


@diff_rule("PD507", Severity.ERROR, Category.TESTS, None, Looks.TESTS)
def assertion_loosened(tests: Tests) -> Iterator[Difference]:
    """An assertion asks for less.

    Why: A lower threshold, a wider bound or one more word that will do turns failures into passes without a better
    prompt.

    Bad (a threshold):
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
        assertions: [{similar: {value: Settings, model: openai/text-embedding-3-small, threshold: 0.9}}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{similar: {value: Settings, model: openai/text-embedding-3-small, threshold: 0.6}}]
    ```
    Bad (a word that will do):
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
        assertions: [{contains-any: [Settings]}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{contains-any: [Settings, sorry]}]
    ```
    Good (more words are forbidden):
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
        assertions: [{not-contains-any: [sorry]}]
    # file: golden/bot.yaml
    cases:
      - id: reset
        input: How do I reset my password?
        assertions: [{not-contains-any: [sorry, AI]}]
    ```
    """
    for before, after, (change, cases) in changed(tests.golden):
        reasons = list(looser(before, after))
        if reasons:
            message = f"{in_cases(cases)} {after.spelling} asks for less: {several(reasons)}"
            yield Difference(message, identity((change, cases)), at=assertions_at(tests.golden, cases))
