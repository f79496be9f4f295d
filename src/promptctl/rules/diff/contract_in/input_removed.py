"""An input that is gone."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule


@diff_rule("PD103", Severity.ERROR, Category.CONTRACT_IN, Level.MAJOR)
def input_removed(pair: PromptPair) -> Iterator[Difference]:
    """An input is gone.

    Why: Callers still give it, and an input that a prompt does not take is refused.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string}}
    user_prompt: "{{ tier }}: {{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
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
    user_prompt: "Question: {{ question }}"
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is None or after is None:
        return
    left = {one.name for one in after.inputs}
    for one in before.inputs:
        if one.name not in left:
            yield Difference(
                f"the input {one.name!r} is gone", (one.name,), at=("inputs",), hint="callers still give it"
            )
