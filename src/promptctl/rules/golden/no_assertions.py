"""A case that asserts nothing."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule


@rule("PL403", Severity.ERROR, Subject.GOLDEN)
def no_assertions(tested: Tested, _context: Context) -> Iterator[Hit]:
    """A case has no assertions.

    Why: a case that asserts nothing can only be an ERROR when it is run ("nothing was asserted"), after its answer
    has been paid for.

    Bad:
    ```yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
    ```
    Good:
    ```yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        assertions:
          - contains: Settings > Security
    ```
    """
    for index, case in enumerate(tested.golden.cases):
        if not case.assertions:
            hint = "add assertions, or a rubric; `defaults:` can give some to every case"
            yield Hit(f"the case {case.id!r} asserts nothing", at=("cases", index), hint=hint)
