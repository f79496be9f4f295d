"""The same messages in another order."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.parts import called, written
from promptctl.rules.diff.reading.words import several


@diff_rule("PD404", Severity.WARNING, Category.TEXT, Level.PATCH)
def order_changed(pair: PromptPair) -> Iterator[Difference]:
    """Messages or examples stand in another order.

    Why: Models weigh what comes last, and a provider's cache begins at the first difference.

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
      - {user: Where is my invoice?, assistant: Settings > Billing}
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
    moved = [one for one in pair.change.messages if one.kind == "moved"]
    if moved:
        change = tuple([one.part.role, one.part.content] for one in moved)
        names = several([called(one) for one in moved])
        yield Difference(f"the order changed: {names} moved", change, at=written(pair.change, moved[0]))
