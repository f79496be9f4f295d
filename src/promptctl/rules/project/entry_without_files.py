"""An entry of the configuration that means nothing."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.config import Config
from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.paths import matching


@rule("PL005", Severity.ERROR, Subject.PROJECT)
def entry_without_files(outline: Outline, _context: Context) -> Iterator[Hit]:
    """An entry under `prompts`, `golden` or `judges` of promptctl.yaml matches no file.

    Why: a misspelt folder selects nothing, and nothing measured looks like nothing wrong.

    Bad:
    ```yaml
    # file: promptctl.yaml
    prompts: [prompts, promts/support]
    # file: prompts/example.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    # file: promptctl.yaml
    prompts: [prompts]
    # file: prompts/example.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    config, default = outline.config, Config()
    entries_of = (
        ("prompts", config.prompts, default.prompts, outline.prompts),
        ("golden", config.golden, default.golden, outline.golden),
        ("judges", config.judges, default.judges, outline.judges),
    )
    for key, entries, usual, files in entries_of:
        paths = [one.path for one in files]
        for entry in entries if entries != usual else ():
            if not matching(entry, paths, ("",)):
                hint = "an entry is a file, a folder or a glob, relative to the project root"
                yield Hit(f"{key}: {entry!r} matches no file", path=config.path, hint=hint)
