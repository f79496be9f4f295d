"""A version that is not semantic."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.source import Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.fixes import Fix
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.semver import is_version

_NUMBER = r"(?:0|[1-9][0-9]*)"
_ALMOST = re.compile(rf"[vV]?({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?\Z")


@rule("PL302", Severity.ERROR, Subject.FILE)
def invalid_version(file: File, _context: Context) -> Iterator[Hit]:
    """A version is not a semantic version.

    Why: three numbers, and nothing else, say which of two versions is higher and whether one breaks the other
    (https://semver.org). `2.1` is a number to YAML, so that `2.10` is lower than `2.9`; `v2.1.0` is a tag. The file is
    refused. `--fix` completes what lacks only a part.

    Bad:
    ```yaml
    version: 2.1
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Bad (a tag):
    ```yaml
    version: v2.1.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    Good:
    ```yaml
    version: 2.1.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    if not file.problems or file.kind not in {"prompt", "judge"} or not isinstance(file.value, dict):
        return
    value = file.value.get("version")
    if isinstance(value, bool) or not isinstance(value, str | int | float) or is_version(str(value)):
        return
    at = ("version",)
    written = value if isinstance(value, str) else _as_written(file.text, file.where(at)) or str(value)
    almost = _ALMOST.match(written)
    meant = ".".join(part or "0" for part in almost.groups()) if almost else None
    hint = f"version: {meant or '1.0.0'}"
    yield Hit(f"{written!r} is not a semantic version", at=at, hint=hint, fix=Fix(at, meant) if meant else None)


def _as_written(text: str, span: Span | None) -> str | None:
    """The characters of a number as they stand in the file: 2.10, which is 2.1 to a computer."""
    if span is None or span.end_line != span.line or span.end_column is None:
        return None
    return text.split("\n")[span.line - 1][span.column - 1 : span.end_column - 1]
