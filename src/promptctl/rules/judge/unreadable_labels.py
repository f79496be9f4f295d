"""A judge's labels that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.model.source import Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.labels import parse_labels
from promptctl.text.paths import labels_path


@rule("PL506", Severity.ERROR, Subject.PROJECT)
def unreadable_labels(outline: Outline, context: Context) -> Iterator[Hit]:
    """A line of a judge's labels cannot be read.

    Why: people's labels decide whether a judge may block a merge (`gate.min_tnr`). One damaged line, a merge marker that
    was left behind, or a line edited by hand makes the file worthless: `judge audit` and the gate refuse it.

    Bad:
    ```yaml
    # file: judges/strict.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Score from 0 to 1.
    # file: judges/strict.labels.jsonl
    garbage
    ```
    Good:
    ```yaml
    # file: judges/strict.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: Score from 0 to 1.
    # file: judges/strict.labels.jsonl
    {"at":"2026-11-30T10:00:00+00:00","case":"reset","item":"ae0b82266d6d7c4b9362e2a0a1d5ce10bf2ac932061489ab252164dbd4d32acb","label":"pass","labeller":"ann","prompt":"bot","values":{"output":"Go to Settings."}}
    ```
    """
    of_judges = {labels_path(one.path) for one in outline.judges}
    for path in outline.labels:
        if path not in of_judges:
            continue
        try:
            parse_labels(context.read(path))
        except InputError as error:
            for problem in error.problems:
                span = None if problem.line is None else Span(problem.line, problem.column or 1)
                yield Hit(problem.message, path=path, span=span, hint=problem.hint)
