"""An answer that promises more."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.schemas import fields, refusals
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.outputs import AT, gone
from promptctl.rules.diff.reading.words import several


@diff_rule("PD210", Severity.INFO, Category.CONTRACT_OUT, Level.MINOR)
def output_extended(pair: PromptPair) -> Iterator[Difference]:
    """The answer promises more than it did.

    Why: Nobody breaks; the model is asked for more, which may change the rest of its answers.

    Bad:
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
    if before is None or after is None or after.output_schema is None or not pair.change.output:
        return
    if before.output_schema is None:
        if before.output_format == "json":
            yield Difference("the answer has a schema now", (None, dict(after.output_schema)), at=AT)
        return
    if gone(pair.change) or next(refusals(after.output_schema, before.output_schema), None) is not None:
        return
    new = [name for name in fields(after.output_schema) if name not in set(fields(before.output_schema))]
    what = f"has the new field{'s' * (len(new) > 1)} {several(new)}" if new else "has a schema that asks for more"
    yield Difference(f"the answer {what}", (dict(before.output_schema), dict(after.output_schema)), at=AT)
