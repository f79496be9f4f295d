"""An answer with fewer promises."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.outputs import AT, loosened, place


@diff_rule("PD205", Severity.ERROR, Category.CONTRACT_OUT, Level.MAJOR)
def output_loosened(pair: PromptPair) -> Iterator[Difference]:
    """The answer's schema promises less.

    Why: A bound, a pattern or a closed object was given up: consumers may get what they never got. Schemas combined
    by `anyOf`, `$ref` and the like are only compared as a whole.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {type: string, maxLength: 20}}, required: [queue]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {type: string, maxLength: 200}}, required: [queue]}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {type: string, maxLength: 200}}, required: [queue]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You route tickets.
    output:
      format: json
      schema: {type: object, properties: {queue: {type: string, maxLength: 20}}, required: [queue]}
    ```
    """
    for one in loosened(pair.change, "bound", "closed", "other"):
        message = f"the answer{place(one)} is not held to {one.what} any more"
        yield Difference(message, (one.where, one.word, one.what), at=AT)
