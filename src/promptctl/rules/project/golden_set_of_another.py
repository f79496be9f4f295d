"""A golden set that says it belongs to another prompt."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL007", Severity.ERROR, Subject.PROJECT)
def golden_set_of_another(outline: Outline, _context: Context) -> Iterator[Hit]:
    """A golden set names another prompt than the one that uses it.

    Why: its cases were written for another prompt, so what they measure here says nothing; `eval` refuses the pair.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: golden/bot.yaml
    prompt: router
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: golden/bot.yaml
    prompt: bot
    cases: [{id: reset, input: How do I reset it?, assertions: [{contains: Settings}]}]
    ```
    """
    prompts = {one.path: one for one in outline.prompts}
    for golden in outline.golden:
        user = outline.tests.get(golden.path)
        name = prompts[user].name if user is not None else None
        if golden.prompt is not None and name is not None and golden.prompt != name:
            message = f"this golden set is for {golden.prompt!r}, and {name!r} uses it"
            yield Hit(
                message,
                path=golden.path,
                at=("prompt",),
                hint=f"write prompt: {name}, or rename the file",
            )
