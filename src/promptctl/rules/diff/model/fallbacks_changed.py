"""Other models that stand in."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule


@diff_rule("PD303", Severity.WARNING, Category.MODEL, Level.MINOR)
def fallbacks_changed(pair: PromptPair) -> Iterator[Difference]:
    """Other models stand in when the first one fails.

    Why: A fallback answers real users, on the days when nobody looks.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    fallbacks: [anthropic/claude-sonnet-4-20250514]
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    fallbacks: [anthropic/claude-sonnet-4-20250514]
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    fallbacks: [anthropic/claude-sonnet-4-20250514]
    system_prompt: You answer questions briefly.
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is not None and after is not None and before.fallbacks != after.fallbacks:
        old, new = (", ".join(one.fallbacks) or "none" for one in (before, after))
        change = (list(before.fallbacks), list(after.fallbacks))
        yield Difference(f"the fallbacks: {new} now, not {old}", change, at=("fallbacks",))
