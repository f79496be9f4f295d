"""A field of the answer that is of another type."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.outputs import AT, loosened, place


@diff_rule("PD204", Severity.ERROR, Category.CONTRACT_OUT, Level.MAJOR)
def output_type_changed(pair: PromptPair) -> Iterator[Difference]:
    """A field of the answer may be of a type it could not be.

    Why: Consumers parse it as what it was, and most languages fail on another type.

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
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: [string, 'null']}}, required: [queue, reason]}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: [string, 'null']}}, required: [queue, reason]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue, reason]}
    ```
    """
    for one in loosened(pair.change, "type"):
        types = f"may be of type {' or '.join(one.names)} now" if one.names else "may be of any type now"
        yield Difference(
            f"the answer{place(one)} {types}", (one.where, list(one.names)), at=AT, hint=f"it was {one.what}"
        )
