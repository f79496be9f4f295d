"""Labels as a CSV table, for people who label in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Blob
from promptctl.text.checked import suggestion
from promptctl.text.decode import decode

COLUMNS = ("item", "rubric", "input", "output", "expected_output", "context", "label", "note")
OPTIONAL = ("labeller",)
LONGEST = 32_000  # characters a cell: spreadsheets cut at 32,767 without a word
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_MARK = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Row:
    """One answer in the table; texts as a person reads them."""

    item: str
    rubric: str
    input: str
    output: str
    expected_output: str
    context: str
    label: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a person wrote in one row. number: the row's, as spreadsheets count. labeller: None without such a column."""

    number: int
    item: str
    label: str
    note: str
    labeller: str | None = None


def encode_table(rows: Iterable[Row]) -> bytes:
    """The CSV: with a byte order mark, which is how spreadsheets know UTF-8, no cell a formula, none longer than fits."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([defused(_fitting(getattr(row, column))) for column in COLUMNS])
    return _MARK + out.getvalue().encode("utf-8", "replace")


def parse_table(blob: Blob) -> tuple[Filled, ...]:
    """The rows of a table that came back, also with semicolons or tabs, as some spreadsheets save it.

    Raises InputError: a header without `item` or `label`, an unknown column, a row of another width, bad quoting.
    """
    text = decode(blob)
    rows = _rows(text, blob.path)
    number, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    _check_header(names, blob.path)
    out, problems = [], []
    for number, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            message = f"row {number} has {len(cells)} cells, the header {len(names)}"
            problems.append(Problem(message, blob.path, hint="a cell with line breaks or commas stands in quotes"))
            continue
        row = {name: restored(cell) for name, cell in zip(names, cells, strict=True)}
        labeller = row["labeller"].strip() if "labeller" in row else None
        out.append(Filled(number, row["item"].strip(), row["label"].strip(), row.get("note", ""), labeller))
    if problems:
        raise InputError(*problems)
    return tuple(out)


def defused(cell: str) -> str:
    """`cell` as no spreadsheet takes for a formula: an apostrophe before `=`, `+`, `-`, `@`, a tab or a line break.

    Source: OWASP, CSV injection. An apostrophe that stands there already gets another, so that `restored` knows.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    """What `defused` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def _fitting(cell: str) -> str:
    if len(cell) <= LONGEST:
        return cell
    return f"{cell[:LONGEST]} ... [cut here: {len(cell):,} characters; 'promptctl judge label' shows all of them]"


def _rows(text: str, path: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Every row with its number, as a spreadsheet counts rows."""
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


def _check_header(names: Sequence[str], path: str) -> None:
    known = (*COLUMNS, *OPTIONAL)
    problems = [
        Problem(
            f"unknown column {name!r}", path, 1, hint=suggestion(name, known) or f"the columns are {', '.join(known)}"
        )
        for name in names
        if name not in known
    ]
    problems += [
        Problem(f"there is no column {name!r}", path, 1, hint="'promptctl judge label --export' writes the table")
        for name in ("item", "label")
        if name not in names
    ]
    problems += [Problem(f"the column {name!r} occurs twice", path, 1) for name in set(names) if names.count(name) > 1]
    if problems:
        raise InputError(*problems)
