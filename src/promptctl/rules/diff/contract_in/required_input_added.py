"""A new input that has to be given."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule


@diff_rule("PD104", Severity.ERROR, Category.CONTRACT_IN, Level.MAJOR)
def required_input_added(pair: PromptPair) -> Iterator[Difference]:
    """A new input is required.

    Why: Callers do not give it yet, and rendering fails without it.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string}}
    user_prompt: "{{ tier }}: {{ question }}"
    ```
    Good (it has a default):
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string, default: free}}
    user_prompt: "{{ tier }}: {{ question }}"
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is None or after is None:
        return
    known = {one.name for one in before.inputs}
    for one in after.inputs:
        if one.name not in known and one.required:
            hint = "give it a default, so that callers may leave it out"
            yield Difference(f"the new input {one.name!r} is required", (one.name,), at=("inputs", one.name), hint=hint)
