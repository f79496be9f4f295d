"""Assertions no answer can pass together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptctl.model.finding import Severity
from promptctl.model.golden import AssertionSpec, Case
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.rules.golden.reading import demands
from promptctl.rules.golden.reading.contradiction import Conflict, conflicts


@rule("PL405", Severity.ERROR, Subject.GOLDEN)
def contradictory_assertions(tested: Tested, context: Context) -> Iterator[Hit]:
    """Two assertions of a case contradict one another.

    Why: whatever the model says, the case fails, and a suite that always fails is one that people stop reading. Only
    what is certain is reported: an assertion and its negation, a text that is demanded and forbidden, two beginnings or
    ends, numbers of words that do not meet, and an `equals` whose value fails another assertion. Assertions from
    `defaults:` count; cases with a `threshold`, which may pass with a failed assertion, are left alone.

    Bad:
    ```yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions:
          - contains: within 14 days
          - not-icontains-any: [days, weeks]
    ```
    Bad (a value that fails another assertion):
    ```yaml
    defaults:
      assertions:
        - is-json
    cases:
      - id: sentiment
        input: I love it
        assertions:
          - equals: positive
    ```
    Bad (numbers of words):
    ```yaml
    cases:
      - id: summary
        input: A long report
        assertions:
          - word-count: {min: 100}
          - word-count: {max: 60}
    ```
    Good:
    ```yaml
    cases:
      - id: refund
        input: Can I have my money back?
        assertions:
          - contains: within 14 days
          - not-icontains-any: [weeks, months]
          - word-count: {min: 4, max: 60}
    ```
    """
    for index, case in enumerate(tested.golden.cases):
        specs = list(demands.binding(case))
        if len(specs) < 2:
            continue
        told: set[tuple[str, str]] = set()
        for conflict in (*conflicts(specs), *_unequal(specs, case, tested, context)):
            pair = (conflict.one.digest, conflict.other.digest)
            if pair not in told and pair[::-1] not in told:
                told.add(pair)
                yield _hit(conflict, case, index)


def _unequal(specs: Sequence[AssertionSpec], case: Case, tested: Tested, context: Context) -> Iterator[Conflict]:
    """Assertions that the value of an `equals` beside them fails."""
    for spec in specs:
        text = demands.exact_text(spec)
        for other in specs if text is not None else ():
            comparing = other.type == "equals" and not other.has_value
            if other is spec or comparing or not demands.is_pure(other):
                continue
            why = demands.failure(other, text or "", case, context.bench, tested.golden.source)
            if why is not None:
                yield Conflict(spec, other, f"for {text!r}: {why}" if len(text or "") <= 60 else why)


def _hit(conflict: Conflict, case: Case, index: int) -> Hit:
    first, second = conflict.one, conflict.other
    if first.span and second.span and (first.span.line, first.span.column) > (second.span.line, second.span.column):
        first, second = second, first
    where = f" (line {first.span.line})" if first.span else ""
    message = f"no answer to {case.id!r} passes both {demands.described(first)}{where} and {demands.described(second)}"
    why = f": {conflict.why}" if conflict.why else ""
    return Hit(
        message + why, at=("cases", index), span=second.span, hint="remove one of the two, or put both into `any`"
    )
