"""An input whose default is another."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import same
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.inputs import kept_inputs
from promptctl.rules.diff.reading.words import said


@diff_rule("PD108", Severity.WARNING, Category.CONTRACT_IN, Level.MINOR)
def input_default_changed(pair: PromptPair) -> Iterator[Difference]:
    """An input has another default.

    Why: Callers that leave it out get another prompt without asking for it.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string, default: free}}
    user_prompt: "{{ tier }}: {{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string, default: pro}}
    user_prompt: "{{ tier }}: {{ question }}"
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string, default: free}}
    user_prompt: "{{ tier }}: {{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string, default: free}}
    user_prompt: "{{ tier }}: {{ question }}"
    ```
    """
    for old, new in kept_inputs(pair.change):
        if not new.required and (old.required or not same(old.default, new.default)):
            now = f"it is {said(new.default)} now"
            message = (
                f"the input {new.name!r} may be left out; {now}"
                if old.required
                else f"the default of {new.name!r}: {now}, not {said(old.default)}"
            )
            severity = Severity.INFO if old.required else None
            change = (new.name, None if old.required else old.default, new.default)
            yield Difference(message, change, at=("inputs", new.name), severity=severity)
