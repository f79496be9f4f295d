"""A prompt nobody measures."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.pairing import by_name, current
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.paths import identity_of


@rule("PL307", Severity.WARNING, Subject.PROJECT)
def missing_golden_set(outline: Outline, context: Context) -> Iterator[Hit]:
    """A prompt has no golden set.

    Why: without cases nothing can say whether a change made the prompt worse; `eval` and `gate` pass it by. Only the
    current version of a prompt needs one. A `golden:` that names a file that is not there is an error: the prompt
    claims to be measured.

    Bad:
    ```yaml
    # file: prompts/support-bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Bad (the file is missing):
    ```yaml
    # file: prompts/support-bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    golden: golden/bot.yaml
    ```
    Good:
    ```yaml
    # file: prompts/support-bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: golden/support-bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        assertions:
          - contains: Settings > Security
    ```
    """
    for prompts in by_name(outline.prompts).values():
        one = current(prompts)
        if one is None or (one.golden is None and outline.golden_of.get(one.path)):
            continue
        if one.golden is None:
            folder = next((entry for entry in outline.config.golden if not set(entry) & set("*?[")), "golden")
            hint = f"write {folder.strip('/')}/{identity_of(one.path)[0]}.yaml, or name one with `golden:`"
            yield Hit(f"{one.name} has no golden set", path=one.path, at=("name",), hint=hint)
        elif (fault := _fault(one.golden, context)) is not None:
            message = f"the golden set {one.golden} cannot be read: {fault}"
            hint = "paths are relative to the project root"
            yield Hit(message, path=one.path, at=("golden",), hint=hint, severity=Severity.ERROR)


def _fault(path: str, context: Context) -> str | None:
    try:
        context.read(path)
    except InputError as error:
        return error.problems[0].message
    return None
