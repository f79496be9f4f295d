"""A field of the answer that may be missing."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.outputs import AT, loosened


@diff_rule("PD202", Severity.ERROR, Category.CONTRACT_OUT, Level.MAJOR)
def output_field_optional(pair: PromptPair) -> Iterator[Difference]:
    """A field of the answer is not required any more.

    Why: Consumers could rely on it, and now some answers will lack it.

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
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue]}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue, reason]}
    ```
    """
    for one in loosened(pair.change, "required"):
        name = f"{one.where}.{one.names[0]}" if one.where else one.names[0]
        yield Difference(
            f"the answer may lack {name!r}, which it had to have", (name,), at=AT, hint="require it, or allow null"
        )
