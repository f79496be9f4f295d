"""An input that takes more."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.schemas import refusals
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.inputs import kept_inputs
from promptctl.rules.diff.reading.words import several


@diff_rule("PD109", Severity.INFO, Category.CONTRACT_IN, Level.MINOR)
def input_widened(pair: PromptPair) -> Iterator[Difference]:
    """An input takes more than it did.

    Why: Nobody breaks; the prompt's text has to cope with the new values, and the golden set should hold some.

    Bad:
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
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    ```
    """
    for old, new in kept_inputs(pair.change):
        more = [f"{one.where}: {one.what}" if one.where else one.what for one in refusals(new.schema, old.schema)]
        if more and next(refusals(old.schema, new.schema), None) is None:
            message = f"the input {new.name!r} takes more; before: {several(more)}"
            yield Difference(message, (new.name, dict(old.schema), dict(new.schema)), at=("inputs", new.name))
