"""An input that could be left out and cannot any more."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.inputs import kept_inputs
from promptctl.rules.diff.reading.words import said


@diff_rule("PD105", Severity.ERROR, Category.CONTRACT_IN, Level.MAJOR)
def input_default_removed(pair: PromptPair) -> Iterator[Difference]:
    """An input has lost its default.

    Why: Callers that leave it out, which was fine until now, fail at their next call.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string, default: free}}
    user_prompt: "{{ tier }}: {{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string}}
    user_prompt: "{{ tier }}: {{ question }}"
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string}}
    user_prompt: "{{ tier }}: {{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string, default: free}}
    user_prompt: "{{ tier }}: {{ question }}"
    ```
    """
    for old, new in kept_inputs(pair.change):
        if new.required and not old.required:
            message = f"the input {new.name!r} has no default any more, it was {said(old.default)}"
            yield Difference(
                message, (new.name, old.default), at=("inputs", new.name), hint="callers may leave it out today"
            )
