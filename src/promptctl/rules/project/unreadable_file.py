"""A file that cannot be read as what it is."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.source import Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL001", Severity.ERROR, Subject.FILE)
def unreadable_file(file: File, _context: Context) -> Iterator[Hit]:
    """A file cannot be read as a prompt, a golden set or a judge.

    Why: what cannot be read cannot be evaluated. Invalid YAML, a misspelt key, a value of the wrong type, a missing
    include: every other command refuses the file with exit code 2; lint reports all such places at once, and goes on
    with the other files.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    sytem_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    for problem in file.problems:
        line = problem.line if problem.path in (None, file.path) else None
        elsewhere = "" if problem.path in (None, file.path) else f"{problem.path}: "
        span = Span(line, problem.column or 1) if line is not None else None
        yield Hit(elsewhere + problem.message, hint=problem.hint, span=span)
