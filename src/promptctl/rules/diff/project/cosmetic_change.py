"""A change that nobody notices."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import dotted
from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.words import several, was_now


@diff_rule("PD601", Severity.INFO, Category.COSMETIC, None)
def cosmetic_change(pair: PromptPair) -> Iterator[Difference]:
    """Nothing that reaches the model, a caller or a test changed.

    Why: The digest is the same, so nothing has to be evaluated anew. Comments, order, quoting, descriptions, owners
    and the place of the file are such changes.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    description: Answers questions
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions briefly.
    ```
    """
    change = pair.change
    before, after = change.before, change.after
    if before is None or after is None or not change.cosmetic:
        return
    if pair.golden is not None or pair.checks or pair.code:
        return
    said = [f"moved from {before.source.path}"] if before.source.path != after.source.path else []
    said += [f"{dotted(one.path)} {one.kind}" for one in change.about]
    if before.version != after.version:
        said.append(f"version {was_now(before.version, after.version)}")
    yield Difference(f"cosmetic: {several(said) if said else 'comments or layout'}", ("cosmetic", *said))
