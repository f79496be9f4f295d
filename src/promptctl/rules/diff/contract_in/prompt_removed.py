"""A prompt that is gone."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.words import several


@diff_rule("PD101", Severity.ERROR, Category.CONTRACT_IN, Level.MAJOR)
def prompt_removed(pair: PromptPair) -> Iterator[Difference]:
    """A prompt, or a version of it, is gone.

    Why: Whoever loads it by name or by `NAME@VERSION` fails at the next deployment. A single version that goes
    while others stay is a warning.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # base: prompts/other.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    # file: prompts/other.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    ```
    Good (moved, the name is the same):
    ```yaml
    # base: prompts/bot.yaml
    name: bot
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/help/answers.yaml
    name: bot
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    """
    before = pair.change.before
    if before is None or pair.change.after is not None:
        return
    if pair.versions_left:
        called = f"{before.name}@{before.version}" if before.version else f"{before.name} (without a version)"
        message = (
            f"{called} is gone; {several(pair.versions_left)} {'is' if len(pair.versions_left) == 1 else 'are'} left"
        )
        yield Difference(message, ("version", before.version), path=before.source.path, severity=Severity.WARNING)
    else:
        hint = "callers load it by this name: keep it until they have changed"
        yield Difference(f"the prompt {before.name} is gone", ("prompt",), path=before.source.path, hint=hint)
