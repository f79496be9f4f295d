"""A new input that may be left out."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.words import said


@diff_rule("PD107", Severity.INFO, Category.CONTRACT_IN, Level.MINOR)
def optional_input_added(pair: PromptPair) -> Iterator[Difference]:
    """A new input may be left out.

    Why: Nobody breaks, and callers may want to know.

    Bad:
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
    description: Answers questions
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is None or after is None:
        return
    known = {one.name for one in before.inputs}
    for one in after.inputs:
        if one.name not in known and not one.required:
            message = f"the optional input {one.name!r} is new; its default is {said(one.default)}"
            yield Difference(message, (one.name, one.default), at=("inputs", one.name))
