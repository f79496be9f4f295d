"""An input that takes less."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.schemas import refusals
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.inputs import kept_inputs
from promptctl.rules.diff.reading.words import several


@diff_rule("PD106", Severity.ERROR, Category.CONTRACT_IN, Level.MAJOR)
def input_narrowed(pair: PromptPair) -> Iterator[Difference]:
    """An input takes less than it did.

    Why: A value that was fine is refused now: another type, fewer words to choose from, tighter bounds.

    Bad (the enum):
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {tier: {enum: [free, pro, team]}}
    user_prompt: "{{ tier }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {tier: {enum: [free, pro]}}
    user_prompt: "{{ tier }}"
    ```
    Bad (the type):
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {count: {type: [integer, string]}}
    user_prompt: "{{ count }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {count: {type: integer}}
    user_prompt: "{{ count }}"
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {tier: {enum: [free, pro]}}
    user_prompt: "{{ tier }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {tier: {enum: [free, pro, team]}}
    user_prompt: "{{ tier }}"
    ```
    """
    for old, new in kept_inputs(pair.change):
        reasons = [f"{one.where}: {one.what}" if one.where else one.what for one in refusals(old.schema, new.schema)]
        if reasons:
            message = f"the input {new.name!r} takes less: {several(reasons)}"
            yield Difference(message, (new.name, dict(old.schema), dict(new.schema)), at=("inputs", new.name))
