"""A few-shot example that shows something else."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.parts import called, text_of, written
from promptctl.rules.diff.reading.words import said


@diff_rule("PD406", Severity.WARNING, Category.TEXT, Level.PATCH)
def example_changed(pair: PromptPair) -> Iterator[Difference]:
    """A few-shot example changed.

    Why: The model imitates what it is shown, in form as in content.

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
      - {user: Where is my invoice?, assistant: Settings > Invoices}
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
        if one.kind == "changed" and one.part.kind == "example":
            change = (one.part.role, text_of(one.before), text_of(one.after))
            yield Difference(
                f"{called(one)} changed: {said(one.part.texts[0][1])}", change, at=written(pair.change, one)
            )
