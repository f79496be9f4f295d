"""An ignore of a rule that does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.ignores import Ignore
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.engine.settings import nearest_code
from promptctl.rules.engine.shelf import rules


@rule("PL004", Severity.ERROR, Subject.IGNORE)
def unknown_code_in_ignore(ignore: Ignore, _context: Context) -> Iterator[Hit]:
    """A comment ignores a code that no rule has.

    Why: the finding it was written for is still reported, or the code was misspelt and the comment does nothing.

    Bad:
    ```yaml
    model: openai/gpt-4o  # promptctl: ignore PL1001
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    model: openai/gpt-4o  # promptctl: ignore PL101
    system_prompt: You answer customers' questions.
    ```
    """
    for code in ignore.unknown:
        near = nearest_code(code, {one.code: one.name for one in rules()})
        yield Hit(f"there is no rule {code}", hint=f"did you mean {near}?" if near else "'promptctl rules' lists all")
