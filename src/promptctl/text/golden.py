"""A golden set file to GoldenSet, in YAML, JSONL or CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import Case, GoldenSet
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, Source
from promptctl.text.canonical import digest
from promptctl.text.checked import Fields, Problems, described
from promptctl.text.golden_case import Defaults, read_case, read_defaults
from promptctl.text.golden_table import Lines, csv_cases, jsonl_cases
from promptctl.text.paths import GOLDEN_SUFFIXES
from promptctl.text.yaml import load

KEYS = ("prompt", "defaults", "cases")
_HINTS = {
    "tests": "did you mean 'cases'?",
    "assertions": "assertions for every case stand under `defaults:`",
    "description": "a comment (# ...) can hold it",
}


def parse_golden(blob: Blob) -> GoldenSet:
    """The golden set in `blob`, its format by its suffix. Raises InputError with every problem of the file."""
    suffix = PurePosixPath(blob.path).suffix.lower()
    if suffix in {".yaml", ".yml"}:
        return _from_yaml(blob)
    tables = {".jsonl": jsonl_cases, ".csv": csv_cases}
    if suffix not in tables:
        message = f"a golden set is YAML, JSONL or CSV, not {suffix or 'a file without a suffix'}"
        raise InputError(Problem(message, blob.path, hint=f"its name ends in {', '.join(GOLDEN_SUFFIXES)}"))
    return _from_table(blob, tables[suffix])


def _from_yaml(blob: Blob) -> GoldenSet:
    document = load(blob)
    problems = Problems(blob.path, document.where, document.where_key)
    root = Fields({} if document.value is None else document.value, (), problems, what="the golden set")
    root.known(KEYS, _HINTS)
    defaults = read_defaults(root.fields("defaults"))
    prompt = root.text("prompt")
    items = root.items("cases")
    if not items and not problems.found:
        _note_empty(problems)
    cases = _cases(items, defaults, problems)
    document.release()
    return GoldenSet(
        prompt=prompt, cases=cases, source=Source(blob.path, blob.rev, document.where), digest=_digest(cases)
    )


def _from_table(blob: Blob, read: Callable[[Blob], tuple[list[Json], Lines]]) -> GoldenSet:
    items, lines = read(blob)
    problems = Problems(blob.path, lines.where)
    if not items:
        _note_empty(problems)
    cases = _cases(items, Defaults(), problems)
    return GoldenSet(prompt=None, cases=cases, source=Source(blob.path, blob.rev, lines.where), digest=_digest(cases))


def _note_empty(problems: Problems) -> None:
    problems.add(("cases",), "the golden set has no cases: nothing could be measured", hint="add a case under `cases:`")


def _cases(items: Iterable[Json], defaults: Defaults, problems: Problems) -> tuple[Case, ...]:
    cases: list[Case] = []
    seen: dict[str, Case] = {}
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            problems.add(("cases", index), f"a case is a mapping, not {described(item)}", hint="- id: a-name")
            continue
        case = read_case(Fields(item, ("cases", index), problems, what="the case"), defaults)
        if case is None:
            continue
        if case.id in seen:
            first = seen[case.id].span
            line = f"; the first is in line {first.line}" if first else ""
            hint = "ids are unique: they pair the cases of one run with those of another"
            problems.add(("cases", index, "id"), f"duplicate case id {case.id!r}{line}", hint=hint)
        seen.setdefault(case.id, case)
        cases.append(case)
    problems.finish()
    return tuple(cases)


def _digest(cases: Iterable[Case]) -> str:
    """Of the cases by id, defaults merged in: their order means nothing."""
    return digest({case.id: case.digest for case in cases})
