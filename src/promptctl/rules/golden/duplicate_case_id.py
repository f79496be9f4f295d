"""Two cases of one id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.source import Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule

_TWICE = re.compile(r"duplicate case id (.*?)(; the first is in line \d+)?\Z")


@rule("PL412", Severity.ERROR, Subject.FILE)
def duplicate_case_id(file: File, _context: Context) -> Iterator[Hit]:
    """Two cases have one id.

    Why: ids pair the cases of one run with those of another. With two of a kind a comparison would pair the wrong ones,
    so that the file is refused.

    Bad:
    ```yaml
    # file: golden/example.yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{contains: 14 days}]
      - id: refund
        input: How long does a refund take?
        assertions: [{contains: 5 days}]
    ```
    Good:
    ```yaml
    # file: golden/example.yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{contains: 14 days}]
      - id: refund-duration
        input: How long does a refund take?
        assertions: [{contains: 5 days}]
    ```
    """
    for problem in file.problems if file.kind == "golden" else ():
        found = _TWICE.match(problem.message)
        if found is not None and problem.line is not None:
            span = Span(problem.line, problem.column or 1)
            message = f"another case has the id {found[1]} already{found[2] or ''}"
            yield Hit(message, span=span, hint="rename the newer one: ids pair this run's cases with earlier ones")
