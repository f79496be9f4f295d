"""Golden sets line by line: JSONL, where a line is a case, and CSV, where a row is."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, NodePath, Span
from promptctl.text.checked import suggestion
from promptctl.text.decode import decode
from promptctl.text.strict_json import parse_json

COLUMNS = ("id", "input", "expected_output", "tags", "assertions")
_INPUT = "input."


class Lines:
    """Where the cases of a line-based file stand: by line, and by column where the whole line is one case."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def where(self, path: NodePath) -> Span | None:
        """The span of `("cases", i, ...)`: its line."""
        if len(path) > 1 and path[0] == "cases" and isinstance(path[1], int) and path[1] < len(self.numbers):
            return Span(self.numbers[path[1]], 1)
        return None


def jsonl_cases(blob: Blob) -> tuple[list[Json], Lines]:
    """The value of every line that is not blank. Lines end at line feeds only; U+2028 inside a line is text.

    Raises InputError with a problem for every line that is not JSON.
    """
    cases: list[Json] = []
    lines = Lines()
    problems: list[Problem] = []
    for number, line in enumerate(decode(blob).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            cases.append(parse_json(line.removesuffix("\r"), path=blob.path, line=number))
            lines.numbers.append(number)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return cases, lines


def csv_cases(blob: Blob) -> tuple[list[Json], Lines]:
    """The rows of a CSV file as cases. Values are text; an empty cell is a value not given.

    Raises InputError: a header that is missing, has an unknown column or one twice; a row of another width than the
    header; a cell that is no JSON where JSON belongs; bad quoting.
    """
    rows = _rows(blob)
    lines = Lines()
    header = next(rows, None)
    if header is None:
        raise InputError(Problem("the file is empty", blob.path, 1, hint="its first line names the columns"))
    _check_header(header[1], blob.path)
    cases: list[Json] = []
    problems: list[Problem] = []
    for number, row in rows:
        if not row:
            continue
        if len(row) != len(header[1]):
            hint = 'quote a cell that holds a comma: "a, b"'
            message = f"the row has {len(row)} cells, the header {len(header[1])}"
            problems.append(Problem(message, blob.path, number, 1, hint=hint))
            continue
        try:
            cases.append(_case(dict(zip(header[1], row, strict=True)), blob.path, number))
            lines.numbers.append(number)
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return cases, lines


def _rows(blob: Blob) -> Iterator[tuple[int, list[str]]]:
    """Every row with the line it begins on."""
    reader = csv.reader(io.StringIO(decode(blob), newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = "a cell of more than 131,072 characters fits JSONL" if "limit" in str(error) else "check the quotes"
            raise InputError(Problem(f"not valid CSV: {error}", blob.path, number, hint=hint)) from None
        yield number, row


def _check_header(header: list[str], path: str) -> None:
    problems = []
    seen: set[str] = set()
    for name in header:
        if name in seen:
            problems.append(Problem(f"the column {name!r} occurs twice", path, 1))
        elif name not in COLUMNS and not (name.startswith(_INPUT) and len(name) > len(_INPUT)):
            hint = suggestion(name, COLUMNS) or f"the columns are {', '.join(COLUMNS)} and input.NAME"
            problems.append(Problem(f"unknown column {name!r}", path, 1, hint=hint))
        seen.add(name)
    if "id" not in seen:
        problems.append(Problem("there is no column 'id'", path, 1, hint="the first line names the columns"))
    if "input" in seen and any(name.startswith(_INPUT) for name in seen):
        problems.append(Problem("both 'input' and 'input.NAME' columns", path, 1, hint="use one of the two"))
    if problems:
        raise InputError(*problems)


def _case(row: dict[str, str], path: str, line: int) -> dict[str, Json]:
    case: dict[str, Json] = {}
    values = {name[len(_INPUT) :]: cell for name, cell in row.items() if name.startswith(_INPUT) and cell != ""}
    if values:
        case["input"] = values
    for name in ("id", "input", "expected_output"):
        if row.get(name):
            case[name] = row[name]
    if row.get("tags"):
        case["tags"] = [tag.strip() for tag in row["tags"].split(";") if tag.strip()]
    if row.get("assertions"):
        try:
            case["assertions"] = parse_json(row["assertions"], path=path, line=line)
        except InputError as error:
            hint = '"[{""contains"": ""a""}]"'
            messages = (f"the cell 'assertions' is {problem.message}" for problem in error.problems)
            raise InputError(*(Problem(message, path, line, hint=hint) for message in messages)) from None
    return case
