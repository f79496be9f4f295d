"""Nobody is named who answers for a prompt."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL304", Severity.INFO, Subject.PROMPT)
def missing_owner(prompt: Prompt, _context: Context) -> Iterator[Hit]:
    """A prompt has no owner.

    Why: the one who is asked when it fails, when its model retires, or when somebody wants to change it, is not found by reading git log. An address of a team outlives its members.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    version: 1.0.0
    owner: support-platform@example.com
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    if not (prompt.owner or "").strip():
        yield Hit(f"{prompt.name} has no owner", at=("owner",), hint="owner: support-platform@example.com")
