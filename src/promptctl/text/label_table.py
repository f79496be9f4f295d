"""Labels as a CSV table, for people who label in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Blob
from promptctl.text.checked import suggestion
from promptctl.text.decode import decode
from promptctl.text.sheet import cells_of, fitting, rows_of

COLUMNS = ("item", "rubric", "input", "output", "expected_output", "context", "label", "note")
OPTIONAL = ("labeller",)
_MARK = b"\xef\xbb\xbf"
TEXTS = ("rubric", "input", "output", "expected_output", "context")  # what a person reads of the item


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
    """What a person wrote in one row. number: the row's, as spreadsheets count. labeller: None without such a column.

    texts: what the row says its item is, column to text.
    """

    number: int
    item: str
    label: str
    note: str
    labeller: str | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


def encode_table(rows: Iterable[Row]) -> bytes:
    """The CSV: with a byte order mark, which is how spreadsheets know UTF-8, no cell a formula, none longer than fits."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(getattr(row, column)) for column in COLUMNS])
    return _MARK + out.getvalue().encode("utf-8", "replace")


def parse_table(blob: Blob) -> tuple[Filled, ...]:
    """The rows of a table that came back, also with semicolons or tabs, as some spreadsheets save it.

    Raises InputError: a header without `item` or `label`, an unknown column, a row of another width, bad quoting.
    """
    text = decode(blob)
    rows = rows_of(text, blob.path)
    _, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    _check_header(names, blob.path)
    return tuple(_filled(number, row) for number, row in cells_of(rows, names, blob.path))


def _filled(number: int, row: Mapping[str, str]) -> Filled:
    labeller = row["labeller"].strip() if "labeller" in row else None
    texts = {name: row[name] for name in TEXTS if name in row}
    return Filled(number, row["item"].strip(), row["label"].strip(), row.get("note", ""), labeller, texts)


def texts_of(rows: Iterable[Row]) -> Mapping[str, Mapping[str, str]]:
    """The texts of each item as its table has them, cut where they are too long: what an import holds them against."""
    return {one.item: one.texts for one in parse_table(Blob("", encode_table(rows)))}


def _cell(text: str) -> str:
    return fitting(text, cut=f" ... [cut here: {len(text):,} characters; 'promptctl judge label' shows all of them]")


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
