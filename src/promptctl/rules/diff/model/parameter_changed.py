"""Other arguments of the call."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import same
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.words import was_now


@diff_rule("PD302", Severity.WARNING, Category.MODEL, Level.MINOR)
def parameter_changed(pair: PromptPair) -> Iterator[Difference]:
    """A parameter changed.

    Why: A higher temperature makes answers vary more, a lower limit cuts them off; neither shows in the text.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {temperature: 0, max_tokens: 400}
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {temperature: 0.7, max_tokens: 400}
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {temperature: 0, max_tokens: 400}
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    parameters: {temperature: 0, max_tokens: 400}
    system_prompt: You answer questions briefly.
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is None or after is None:
        return
    for name in dict.fromkeys((*before.parameters, *after.parameters)):
        old, new = before.parameters.get(name), after.parameters.get(name)
        if not same(old, new):
            at = ("parameters", name) if name in after.parameters else ("parameters",)
            yield Difference(f"{name} {was_now(old, new)}", (name, old, new), at=at)
