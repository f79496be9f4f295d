"""One input, asked twice."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.golden import Case
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.text.canonical import canonical


@rule("PL402", Severity.WARNING, Subject.GOLDEN)
def duplicate_case_input(tested: Tested, _context: Context) -> Iterator[Hit]:
    """Two cases have one input.

    Why: both send the same request, so that one answer counts twice: a pass rate over them is surer of itself than it may
    be. Put the assertions of both into one case; to ask several times, set `samples`. History and context are part of
    the input.

    Bad:
    ```yaml
    cases:
      - id: refund-days
        input: Can I have my money back?
        assertions: [{contains: 14 days}]
      - id: refund-tone
        input: Can I have my money back?
        assertions: [{not-icontains: unfortunately}]
    ```
    Good:
    ```yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{contains: 14 days}, {not-icontains: unfortunately}]
    ```
    """
    seen: dict[str, Case] = {}
    for index, case in enumerate(tested.golden.cases):
        first = seen.setdefault(_asked(case), case)
        if first is not case:
            where = f" (line {first.span.line})" if first.span else ""
            message = f"{case.id!r} has the same input as {first.id!r}{where}"
            hint = "put the assertions of both into one case, or set `samples` to ask several times"
            yield Hit(message, at=("cases", index, "input"), hint=hint)


def _asked(case: Case) -> str:
    """All of a case that reaches the model."""
    value = case.input if case.plain_input is None else case.plain_input
    history = [[one.role, one.content, dict(one.extra)] for one in case.history]
    return canonical([value, history, list(case.context)])
