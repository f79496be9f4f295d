"""CSV between a program and a person's spreadsheet: no part of a cell a formula, rows by the numbers a spreadsheet shows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence

from promptctl.model.errors import InputError, Problem

LONGEST = 32_000  # characters a cell: spreadsheets cut at 32,767 without a word
# Of a comma's table opened where semicolons or tabs part cells, every part of a text is a cell; of a text with line
# breaks, whose quotes are then none, every line begins one. Blanks and quotes before the sign may be taken off.
_START = r"(?:(?<=[;\t\r\n])|\A)"
_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(rf"{_START}(?=['\" \xa0]*{_SIGN})")
_DEFUSED = re.compile(rf"{_START}'(?=['\" \xa0]*{_SIGN})")
_BLANK = re.compile(r"'*[\t\r\n]")
_DELIMITERS = ",;\t"
_TOLD = 3  # as many unknown items are told one by one; more come of a table of something else
_ORDER = "sort whole rows, never one column; '--export' writes the table as it was"
OTHER_LABEL = ("the same item by the same labeller has another label above", "keep one of the two rows")
"""What is wrong with a row that contradicts one before it, and what to do about it."""


def defused(cell: str) -> str:
    """`cell` as no spreadsheet takes it, or a part of it, for a formula, whichever sign parts cells where it is opened.

    An apostrophe before `=`, `+`, `-` and `@` (also of full width) at the beginning and after a semicolon, a tab or a
    line break, and before a tab or a line break at the beginning. Source: OWASP, CSV injection. Where an apostrophe
    stands already another is added, so that `restored` knows.
    """
    shown = _FORMULA.sub("'", cell)
    return f"'{shown}" if _BLANK.match(shown) else shown


def restored(cell: str) -> str:
    """What `defused` was given."""
    shown = cell[1:] if cell.startswith("'") and _BLANK.match(cell[1:]) else cell
    return _DEFUSED.sub("", shown)


def fitting(cell: str, *, cut: str) -> str:
    """`cell`, defused, cut where a spreadsheet would; `cut` then says so."""
    shown = defused(cell)
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}{cut}"


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
