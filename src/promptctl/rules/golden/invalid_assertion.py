"""An assertion that cannot judge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from promptctl.assertions.engine import bind, looks_at_case
from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.model.golden import AssertionSpec
from promptctl.model.source import NodePath, Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule

_NO_JUDGE = re.compile(r"\b(?:there is no judge '|the project has no judge\b|no judge is chosen of )")


@rule("PL413", Severity.ERROR, Subject.GOLDEN)
def invalid_assertion(tested: Tested, context: Context) -> Iterator[Hit]:
    """An assertion does not exist, or is given what it does not take.

    Why: a misspelt assertion asserts nothing, and an invalid pattern or schema cannot judge. `eval` refuses the
    golden set before the first call; lint says it earlier, for all cases at once.

    Bad (a name that does not exist):
    ```yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{contians: 14 days}]
    ```
    Bad (not a regular expression):
    ```yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{regex: "(14 days"}]
    ```
    Good:
    ```yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions: [{contains: 14 days}, {regex: "(14|fourteen) days"}]
    ```
    """
    sound: set[str] = set()
    broken: set[tuple[str, Span | None]] = set()
    found: list[Hit] = []
    for index, case in enumerate(tested.golden.cases):
        for spec in case.assertions:
            mark = (spec.digest, spec.span)
            if mark in broken or (spec.digest in sound and not _takes_from_case(spec)):
                continue
            try:
                bind(spec, context.bench, tested.golden.source, case)
                sound.add(spec.digest)
            except InputError as error:
                broken.add(mark)
                found += _hits(error, spec, tested.golden.source.path, ("cases", index))
    yield from _judges_once(found)


def _judges_once(found: Sequence[Hit]) -> Iterator[Hit]:
    """A judge that is not there is one finding of the golden set, at its first case and with how many there are."""
    absent: dict[str, list[Hit]] = {}
    for hit in found:
        if _NO_JUDGE.search(hit.message):
            absent.setdefault(hit.message, []).append(hit)
    for hit in found:
        alike = absent.get(hit.message, [hit])
        if hit is alike[0]:
            yield hit if len(alike) == 1 else replace(hit, message=f"{hit.message} ({len(alike):,} times in this file)")


def _takes_from_case(spec: AssertionSpec) -> bool:
    """Whether a case may matter for the assertion: its `expected_output`, or what it says it looks at."""
    return not spec.has_value or looks_at_case(spec) or any(_takes_from_case(child) for child in spec.children)


def _hits(error: InputError, spec: AssertionSpec, path: str, at: NodePath) -> Iterator[Hit]:
    for problem in error.problems:
        own = problem.path in (None, path)
        span = Span(problem.line, problem.column or 1) if own and problem.line is not None else spec.span
        message = problem.message if own else f"{spec.spelling}: {problem.path}: {problem.message}"
        yield Hit(message, at=at, span=span, hint=problem.hint)
