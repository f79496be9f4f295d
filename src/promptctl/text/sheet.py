"""CSV between a program and a person's spreadsheet: no cell a formula, rows by the numbers a spreadsheet shows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from promptctl.model.errors import InputError, Problem

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_DELIMITERS = ",;\t"
_TOLD = 3  # as many unknown items are told one by one; more come of a table of something else
_ORDER = "sort whole rows, never one column; '--export' writes the table as it was"
OTHER_LABEL = ("the same item by the same labeller has another label above", "keep one of the two rows")
"""What is wrong with a row that contradicts one before it, and what to do about it."""


def defused(cell: str) -> str:
    """`cell` as no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@`, a tab or a line break.

    Source: OWASP, CSV injection. An apostrophe that stands there already gets another, so that `restored` knows.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """What `defused` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def rows_of(text: str, path: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Every row with its number, the header's 1, parted by commas, semicolons or tabs. Raises InputError."""
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise InputError(
                Problem(f"row {number} is not valid CSV: {error}", path, hint="check the quotes")
            ) from None
        yield number, row


def cells_of(
    rows: Iterator[tuple[int, Sequence[str]]], names: Sequence[str], path: str
) -> list[tuple[int, dict[str, str]]]:
    """The rows under a header, `restored`, each with its number; empty ones are left out.

    Raises InputError for rows that are not as wide as the header.
    """
    found, problems = [], []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            message = f"row {number} has {len(cells)} cells, the header {len(names)}"
            problems.append(Problem(message, path, hint="a cell with line breaks or commas stands in quotes"))
            continue
        found.append((number, {name: restored(cell) for name, cell in zip(names, cells, strict=True)}))
    if problems:
        raise InputError(*problems)
    return found


def moved(cells: Mapping[str, str], exported: Mapping[str, str]) -> tuple[str, str] | None:
    """What is wrong with a row whose texts are not those its item went out with, and what to do; None for nothing.

    exported: column to text. A column that was removed says nothing; line ends and space at the end of a line count
    for nothing, since spreadsheets change them.
    """
    for column, text in exported.items():
        if column in cells and _plain(cells[column]) != _plain(text):
            return f"its {column!r} is not the one that its item was exported with", _ORDER
    return None


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def unknown_items(rows: Sequence[tuple[int, str]], path: str, hint: str) -> list[Problem]:
    """A problem for each row whose item nobody knows; where there are many of them, one for all."""
    if len(rows) <= _TOLD:
        return [Problem(f"row {number}: unknown item {item[:16]!r}", path, hint=hint) for number, item in rows]
    told = f"{len(rows):,} unknown items, in rows {_spans([number for number, _ in rows])}"
    return [Problem(told, path, hint=hint)]


def _spans(numbers: Sequence[int]) -> str:
    """Ascending numbers, those that follow each other as one span: `2-13, 15`."""
    spans: list[tuple[int, int]] = []
    for one in numbers:
        if spans and spans[-1][1] == one - 1:
            spans[-1] = (spans[-1][0], one)
        else:
            spans.append((one, one))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)
