"""An answer in another format, or without its schema."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule


@diff_rule("PD206", Severity.ERROR, Category.CONTRACT_OUT, Level.MAJOR)
def output_format_changed(pair: PromptPair) -> Iterator[Difference]:
    """The answer has another format, or has lost its schema.

    Why: Consumers parse JSON or read text, not both; without a schema nothing is promised any more.

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
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue, reason]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You kindly route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {enum: [billing, bug]}, reason: {type: string}}, required: [queue, reason]}
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is None or after is None:
        return
    old, new = before.output_format or "text", after.output_format or "text"
    if old != new:
        yield Difference(f"the answer is {new} now, not {old}", (old, new), at=("output", "format"))
    elif before.output_schema is not None and after.output_schema is None:
        yield Difference("the answer has no schema any more", (dict(before.output_schema), None), at=("output",))
