"""Two files that claim to be the same prompt."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Facts, Outline
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL306", Severity.ERROR, Subject.PROJECT)
def duplicate_name(outline: Outline, _context: Context) -> Iterator[Hit]:
    """Two prompts have one name and one version.

    Why: name and version are a prompt's identity. Baselines, recordings and `NAME@VERSION` find prompts by them, and
    with two of a kind they find the wrong one.

    Bad:
    ```yaml
    # file: prompts/support-bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: prompts/old-bot.yaml
    name: support-bot
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    # file: prompts/support-bot/v1.0.0.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: prompts/support-bot/v1.1.0.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions, briefly.
    ```
    """
    seen: dict[tuple[str, str | None], Facts] = {}
    for one in outline.prompts:
        if one.name is None:
            continue
        first = seen.setdefault((one.name, one.version), one)
        if first is not one:
            version = f" at version {one.version}" if one.version else ""
            message = f"{one.name}{version} is also {first.path}"
            hint = "give one of the two another name or version"
            yield Hit(message, path=one.path, at=("name",), hint=hint)
