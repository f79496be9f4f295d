"""A golden set that measures nothing."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL008", Severity.WARNING, Subject.PROJECT)
def unused_golden_set(outline: Outline, _context: Context) -> Iterator[Hit]:
    """No prompt uses a golden set.

    Why: its cases are never asked, and nobody is told: after a rename the prompt goes unmeasured while its tests still
    lie there.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: golden/support-bot.yaml
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    golden: golden/support-bot.yaml
    system_prompt: You answer customers' questions.
    # file: golden/support-bot.yaml
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    ```
    """
    unreadable = any(not one.readable for one in outline.prompts)
    for golden in outline.golden:
        if golden.path not in outline.tests and not unreadable:
            hint = "name it with `golden:` in its prompt, or give it the prompt's stem"
            yield Hit("no prompt uses this golden set", path=golden.path, hint=hint)
