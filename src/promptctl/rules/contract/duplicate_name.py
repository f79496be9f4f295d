"""Two files that claim to be the same prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Facts, Outline
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.paths import identity_of


@rule("PL306", Severity.ERROR, Subject.PROJECT)
def duplicate_name(outline: Outline, _context: Context) -> Iterator[Hit]:
    """Two prompts have one name and one version, or one name in two layouts.

    Why: name and version are a prompt's identity. Baselines, recordings and `NAME@VERSION` find prompts by them, and
    with two of a kind they find the wrong one. Where one prompt is kept both as a file of its own and as a folder with a
    file a version, an edit of the wrong one is easily made and hard to see: a warning.

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
    Bad (two layouts):
    ```yaml
    # file: prompts/support-bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: prompts/support-bot/v1.1.0.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions, briefly.
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
    plain: dict[str, Facts] = {}
    for one in outline.prompts:
        if one.name is None:
            continue
        first = seen.setdefault((one.name, one.version), one)
        if first is not one:
            version = f" at version {one.version}" if one.version else ""
            message = f"{one.name}{version} is also {first.path}"
            hint = "give one of the two another name or version"
            yield Hit(message, path=one.path, at=("name",), hint=hint)
        elif identity_of(one.path)[1] is None:
            plain.setdefault(one.name, one)
    yield from _two_layouts(outline, plain)


def _two_layouts(outline: Outline, plain: Mapping[str, Facts]) -> Iterator[Hit]:
    """The plain files of prompts that have files named as versions too."""
    told: set[str] = set()
    for one in outline.prompts:
        if one.name is None or one.name not in plain or one.name in told:
            continue
        if identity_of(one.path)[1] is not None:
            told.add(one.name)
            message = f"{one.name} is kept in two layouts: here, and as a file a version ({one.path})"
            hint = f"move it to {PurePosixPath(one.path).parent}/, or those files into this one's history"
            yield Hit(message, path=plain[one.name].path, at=("name",), hint=hint, severity=Severity.WARNING)
