"""A field of the answer that is gone."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.outputs import AT, gone


@diff_rule("PD201", Severity.ERROR, Category.CONTRACT_OUT, Level.MAJOR)
def output_field_removed(pair: PromptPair) -> Iterator[Difference]:
    """The answer has lost a field.

    Why: Consumers that read it find nothing there, and fail or go on without it.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue, reason]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}}, required: [queue]}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}}, required: [queue]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue, reason]}
    ```
    """
    for name in gone(pair.change):
        hint = "consumers read it: keep it until they have changed"
        yield Difference(f"the answer has no field {name!r} any more", (name,), at=AT, hint=hint)
