"""A few-shot example less."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.parts import called, text_of, written
from promptctl.rules.diff.reading.words import said


@diff_rule("PD405", Severity.WARNING, Category.TEXT, Level.PATCH)
def example_removed(pair: PromptPair) -> Iterator[Difference]:
    """A few-shot example is gone.

    Why: Examples teach the form of an answer better than rules do; without one, cases like it may fail.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    few_shot_examples:
      - {user: How do I reset my password?, assistant: Settings > Security}
      - {user: Where is my invoice?, assistant: Settings > Billing}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    few_shot_examples:
      - {user: How do I reset my password?, assistant: Settings > Security}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    few_shot_examples:
      - {user: How do I reset my password?, assistant: Settings > Security}
      - {user: Where is my invoice?, assistant: Settings > Billing}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    few_shot_examples:
      - {user: How do I reset my password?, assistant: Settings > Security}
      - {user: Where is my invoice?, assistant: Settings > Billing}
    ```
    """
    for one in pair.change.messages:
        if one.kind == "removed" and one.part.kind == "example":
            change = (one.part.role, text_of(one.before), text_of(one.after))
            yield Difference(
                f"{called(one)} is gone: {said(one.part.texts[0][1])}", change, at=written(pair.change, one)
            )
