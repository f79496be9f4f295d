"""An ignore that silences nothing."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.ignores import Ignore
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL002", Severity.WARNING, Subject.IGNORE)
def unused_ignore(ignore: Ignore, _context: Context) -> Iterator[Hit]:
    """A comment ignores a rule that finds nothing on its line.

    Why: an ignore that outlives its reason hides the next finding of that rule. Only rules that were asked are
    counted: an ignore of a rule that is switched off, or that compares with another revision, stays silent.

    Bad:
    ```yaml
    model: openai/gpt-4o-2024-08-06  # promptctl: ignore PL101
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o  # promptctl: ignore PL101 the nightly run watches the alias
    system_prompt: You answer customers' questions.
    ```
    """
    for code in ignore.unused:
        yield Hit(f"nothing on this line is found by {code}", hint="remove the comment, or this code from it")
