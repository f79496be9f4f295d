"""Two golden sets that both claim a prompt."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL006", Severity.ERROR, Subject.PROJECT)
def two_golden_sets(outline: Outline, _context: Context) -> Iterator[Hit]:
    """Two golden sets have the stem of one prompt.

    Why: which of the two measures the prompt would depend on chance, so `eval` refuses the prompt.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: golden/bot.yaml
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    # file: golden/old/bot.yaml
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    golden: golden/bot.yaml
    system_prompt: You answer customers' questions.
    # file: golden/bot.yaml
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    # file: golden/old/bot.yaml
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    ```
    """
    for prompt, found in outline.golden_of.items():
        if len(found) > 1:
            hint = "remove one, or name one with `golden:`"
            yield Hit(f"two golden sets for one prompt: {' and '.join(found)}", path=prompt, hint=hint)
