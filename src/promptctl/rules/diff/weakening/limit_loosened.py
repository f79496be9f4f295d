"""A limit that allows more."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.policy import HIGHER, weaker_bound
from promptctl.changes.values import dotted
from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.words import was_now


@diff_rule("PD516", Severity.WARNING, Category.TESTS, None)
def limit_loosened(pair: PromptPair) -> Iterator[Difference]:
    """A limit on tokens, cost or latency was raised or is gone.

    Why: A prompt that outgrew its limit is not cured by a higher one; somebody pays for it.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    limits: {prompt_tokens: 2000}
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    limits: {prompt_tokens: 8000}
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    limits: {prompt_tokens: 2000}
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    limits: {prompt_tokens: 1500}
    system_prompt: You answer questions.
    ```
    """
    for one in pair.change.limits:
        if one.path[0] == "limits" and weaker_bound(one.before, one.after, HIGHER):
            yield Difference(
                f"{dotted(one.path)} {was_now(one.before, one.after)}",
                (list(one.path), one.before, one.after),
                at=one.path,
            )
