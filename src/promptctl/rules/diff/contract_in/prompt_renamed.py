"""A prompt that has another name."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule


@diff_rule("PD102", Severity.ERROR, Category.CONTRACT_IN, Level.MAJOR)
def prompt_renamed(pair: PromptPair) -> Iterator[Difference]:
    """A prompt has another name.

    Why: The name is what callers load, and what baselines, recordings and production logs are found by. Files may
    move; names may not.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    name: bot
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    name: helper
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    name: bot
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    name: bot
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions briefly.
    ```
    """
    old = pair.change.replaced
    if old is not None:
        hint = f"callers load {old}: keep the name, or keep both for a while"
        yield Difference(f"{old} is called {pair.name} now", (old,), at=("name",), hint=hint)
