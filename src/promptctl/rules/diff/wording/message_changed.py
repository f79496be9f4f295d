"""A message that says something else."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.parts import called, text_of, written


@diff_rule("PD401", Severity.WARNING, Category.TEXT, Level.PATCH)
def message_changed(pair: PromptPair) -> Iterator[Difference]:
    """A message changed.

    Why: A few words can change every answer, and no rule can tell: only an evaluation can.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions briefly.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    description: Answers questions
    ```
    """
    for one in pair.change.messages:
        if one.kind == "changed" and one.part.kind == "message":
            change = (one.part.role, text_of(one.before), text_of(one.after))
            yield Difference(
                f"{called(one)} changed",
                change,
                at=written(pair.change, one),
                hint="only an evaluation can tell: promptctl gate",
            )
