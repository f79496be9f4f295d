"""An ignore that says not what it ignores."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.ignores import Ignore
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL003", Severity.ERROR, Subject.IGNORE)
def ignore_without_code(ignore: Ignore, _context: Context) -> Iterator[Hit]:
    """A comment ignores, but names no rule.

    Why: an ignore of everything would also hide what nobody has seen yet. Such a comment ignores nothing.

    Bad:
    ```yaml
    model: openai/gpt-4o  # promptctl: ignore
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o  # promptctl: ignore PL101
    system_prompt: You answer customers' questions.
    ```
    """
    if not ignore.codes:
        yield Hit("the comment names no rule, so it ignores nothing", hint="name the codes: # promptctl: ignore PL101")
