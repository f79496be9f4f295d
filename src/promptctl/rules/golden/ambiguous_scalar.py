"""A word that two YAML readers read as two things."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptctl.model.finding import Severity
from promptctl.model.prompt import Json
from promptctl.model.source import NodePath, Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.fixes import Fix
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.golden.reading.yaml11 import CANDIDATE, is_date, other_reading
from promptctl.text.canonical import canonical

_YAML = (".yaml", ".yml")


@rule("PL409", Severity.WARNING, Subject.FILE)
def ambiguous_scalar(file: File, _context: Context) -> Iterator[Hit]:
    """A plain scalar of a golden set means something else to tools that read YAML 1.1.

    Why: promptctl reads YAML 1.2: `no` is the text "no", `012` is twelve, `12:30` and `1_000` are texts. To
    PyYAML, Ruby and other readers of YAML 1.1 they are false, ten, 750 and 1000, so that the same golden set asks other
    questions there. Quotes make it the same everywhere. Dates, which are texts here and dates there, are an info.

    Bad:
    ```yaml
    # file: golden/example.yaml
    cases:
      - id: allowed
        input: May I bring a dog?
        expected_output: no
        assertions: [equals]
    ```
    Bad (numbers):
    ```yaml
    # file: golden/example.yaml
    cases:
      - id: opening
        input: {question: When do you open?, branch: 012}
        assertions: [{contains: 12:30}]
    ```
    Good:
    ```yaml
    # file: golden/example.yaml
    cases:
      - id: allowed
        input: May I bring a dog?
        expected_output: "no"
        assertions: [equals]
      - id: opening
        input: {question: When do you open?, branch: 12}
        assertions: [{contains: "12:30"}]
    ```
    """
    if file.kind != "golden" or not file.path.endswith(_YAML) or CANDIDATE.search(file.text) is None:
        return
    lines = file.text.split("\n")
    for at, value, key in _scalars(file.value, ()):
        if isinstance(value, str) and other_reading(value) is None:
            continue
        span = file.where_key(at) if key else file.where(at)
        written = _written(lines, span)
        if written is None or (isinstance(value, str) and written != value):
            continue
        theirs = other_reading(written)
        if theirs is not None:
            yield _hit(at, value, written, theirs, key=key, span=span)


def _hit(at: NodePath, value: Json, written: str, theirs: str, *, key: bool, span: Span | None) -> Hit:
    ours = f"the text {value!r}" if isinstance(value, str) else f"the number {canonical(value)}"
    hint = f'quote it: "{written}"' if isinstance(value, str) else f"write {canonical(value)}, or quote it"
    fixable = isinstance(value, str) and not key and ":" not in written  # a colon would be left plain
    return Hit(
        f"{written} is {ours} here, and {theirs} to readers of YAML 1.1",
        at=at,
        span=span,
        hint=hint,
        severity=Severity.INFO if is_date(written) else Severity.WARNING,
        fix=Fix(at, written) if fixable else None,
    )


def _scalars(value: Json, at: NodePath) -> Iterator[tuple[NodePath, Json, bool]]:
    """Every text, number and key of a document: its path, its value, whether it is a key."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*at, name), name, True
            yield from _scalars(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _scalars(inner, (*at, index))
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield at, value, False


def _written(lines: Sequence[str], span: Span | None) -> str | None:
    """The characters of a scalar that stands on one line."""
    if span is None or span.end_line != span.line or span.end_column is None:
        return None
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]
