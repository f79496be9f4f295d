"""An expected output its own case would fail."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.rules.golden.reading import demands


@rule("PL404", Severity.WARNING, Subject.GOLDEN)
def expected_output_fails(tested: Tested, context: Context) -> Iterator[Hit]:
    """A case's `expected_output` fails an assertion of the same case.

    Why: the answer you want would be marked wrong. One of the two is out of date. Only assertions that the text of an
    answer decides are asked. Where the case compares answers with `expected_output` (an `equals`, `levenshtein`, `rouge-l`,
    `bleu` or `similar` without a value) it is an error; elsewhere `expected_output` may be a note for a judge, and it is a
    warning.

    Bad:
    ```yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        expected_output: Open Settings, then Security, and press Reset.
        assertions:
          - contains: Settings > Security
          - rouge-l: {threshold: 0.6}
    ```
    Bad (a warning):
    ```yaml
    cases:
      - id: order
        input: Two books for 30 euros
        expected_output: "{total: 30}"
        assertions:
          - is-json
    ```
    Good:
    ```yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        expected_output: Open Settings > Security and press Reset.
        assertions:
          - contains: Settings > Security
          - rouge-l: {threshold: 0.6}
    ```
    """
    for index, case in enumerate(tested.golden.cases):
        if case.expected_output is None:
            continue
        specs = list(demands.binding(case))
        compared = any(spec.type in demands.COMPARING and not spec.has_value and not spec.negated for spec in specs)
        output = demands.answer_text(case.expected_output)
        for spec in specs:
            own = spec.type == "equals" and not spec.has_value
            if own or not demands.is_pure(spec):
                continue
            why = demands.failure(spec, output, case, context.bench, tested.golden.source)
            if why is None:
                continue
            message = f"the expected output of {case.id!r} fails {demands.described(spec)}"
            where = f" in line {spec.span.line}" if spec.span else ""
            yield Hit(
                f"{message}{where}: {why}",
                at=("cases", index, "expected_output"),
                hint="correct the expected output, or the assertion",
                severity=Severity.ERROR if compared else Severity.WARNING,
            )
