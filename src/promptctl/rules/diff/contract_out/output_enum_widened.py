"""An answer with values nobody has heard of."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.outputs import AT, loosened, place
from promptctl.rules.diff.reading.words import several


@diff_rule("PD203", Severity.ERROR, Category.CONTRACT_OUT, Level.MAJOR)
def output_enum_widened(pair: PromptPair) -> Iterator[Difference]:
    """A field of the answer may hold values it could not hold.

    Why: Consumers switch over the values they know; a new one falls through.

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
      schema: {type: object, properties: {queue: {enum: [billing, bug, other]}, reason: {type: string}}, required: [queue, reason]}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug, other]}, reason: {type: string}}, required: [queue, reason]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue, reason]}
    ```
    """
    for one in loosened(pair.change, "enum"):
        more = f"may be {several(one.names)} now" if one.names else "may be anything now"
        yield Difference(
            f"the answer{place(one)} {more}",
            (one.where, list(one.names)),
            at=AT,
            hint="consumers know the old values only",
        )
