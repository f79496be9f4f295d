"""A case without an id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Json
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.fixes import Fix
from promptctl.rules.engine.rule import Hit, Subject, rule

_WORDS = 5


@rule("PL401", Severity.ERROR, Subject.FILE)
def missing_id(file: File, _context: Context) -> Iterator[Hit]:
    """A case has no id.

    Why: the id pairs a case with itself in the baseline. A number would pair a case with its neighbour as soon as one is
    put before it. `--fix` makes ids of the first words of the input; they are yours to change before the first run.

    Bad:
    ```yaml
    cases:
      - input: How do I reset my password?
        assertions: [{contains: Settings}]
    ```
    Good:
    ```yaml
    cases:
      - id: reset-password
        input: How do I reset my password?
        assertions: [{contains: Settings}]
    ```
    """
    if file.kind != "golden" or not file.problems:
        return  # a set that could be read has an id for every case
    value = file.value
    cases = value.get("cases") if isinstance(value, dict) else None
    taken = (
        {str(case.get("id")) for case in cases or () if isinstance(case, dict)} if isinstance(cases, list) else set()
    )
    for index, case in enumerate(cases if isinstance(cases, list) else ()):
        if isinstance(case, dict) and case and case.get("id") is None:
            name = _unique(_slug(case.get("input")) or f"case-{index + 1}", taken)
            taken.add(name)
            fix = Fix(("cases", index), name, key="id") if "id" not in case else None
            yield Hit("the case has no id", at=("cases", index), hint=f"give it one that stays: id: {name}", fix=fix)


def _slug(given: Json) -> str:
    """The first words of an input, as an id."""
    while isinstance(given, dict | list) and given:
        given = next(iter(given.values() if isinstance(given, dict) else given))
    words = re.findall(r"[a-z0-9]+", given.lower()) if isinstance(given, str) else []
    return "-".join(words[:_WORDS])[:60]


def _unique(name: str, taken: set[str]) -> str:
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}-{number}", number + 1
    return unique
