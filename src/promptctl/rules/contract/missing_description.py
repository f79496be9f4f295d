"""A prompt that does not say what it is for."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL305", Severity.INFO, Subject.PROMPT)
def missing_description(prompt: Prompt, _context: Context) -> Iterator[Hit]:
    """A prompt has no description.

    Why: reports, diffs and whoever looks for a prompt to reuse show it. What a prompt is for is seldom clear from the text alone. It is not part of the digest: writing one changes no version.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    version: 1.0.0
    description: Answers customers' questions from the help centre
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    if not (prompt.description or "").strip():
        yield Hit(
            f"{prompt.name} has no description",
            at=("description",),
            hint="description: Answers customers' questions from the help centre",
        )
