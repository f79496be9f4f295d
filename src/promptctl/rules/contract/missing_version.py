"""A prompt without a version."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL301", Severity.WARNING, Subject.PROMPT)
def missing_version(prompt: Prompt, _context: Context) -> Iterator[Hit]:
    """A prompt has no version.

    Why: name and version are what callers, baselines and `NAME@VERSION` refer to. Without a version nobody can
    say which text gave an answer, and no rule can tell whether a change was announced. A file named as a version
    (`prompts/support-bot/v1.0.0.yaml`) has one.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good (the file's name says it):
    ```yaml
    # file: prompts/support-bot/v1.0.0.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    if prompt.version is None:
        yield Hit(f"{prompt.name} has no version", at=("version",), hint="version: 1.0.0")
