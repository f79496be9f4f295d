"""Other passages."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import dotted
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.words import was_now


@diff_rule("PD304", Severity.WARNING, Category.MODEL, Level.MINOR)
def retrieval_changed(pair: PromptPair) -> Iterator[Difference]:
    """What is retrieved for the prompt changed.

    Why: Another index or another number of passages gives the model other facts.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    retrieval: {index: kb-2026-10, top_k: 5}
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    retrieval: {index: kb-2026-10, top_k: 20}
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    retrieval: {index: kb-2026-10, top_k: 5}
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    retrieval: {index: kb-2026-10, top_k: 5}
    system_prompt: You answer questions briefly.
    ```
    """
    for one in pair.change.settings:
        if one.path[0] == "retrieval":
            message = f"{dotted(one.path)} {was_now(one.before, one.after)}"
            yield Difference(message, (list(one.path), one.before, one.after), at=one.path)
