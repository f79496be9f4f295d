"""A review's labels: one JSON object a line, appended as they are given; and the table for people without a terminal.

A line: `{"item", "label": "pass" | "fail" | null, "labeller", "note", "at"}`; null takes an earlier label back. The table
has the columns of `COLUMNS`. It says nothing of which side an answer is from: `item` is the answer's key in the review.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.review import Label
from promptctl.model.source import Blob
from promptctl.model.suggest import closest
from promptctl.text.decode import decode

COLUMNS = ("item", "prompt", "case", "input", "pass_if", "answer", "label", "note")
MOST_CHARACTERS = 32_000  # a spreadsheet cuts a cell at 32,767, and says nothing
_WORDS = {"pass": True, "p": True, "fail": False, "f": False}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """An answer in the table. pass_if: what it is judged by."""

    item: str
    prompt: str
    case: str
    input: str
    pass_if: str
    answer: str


def label_line(label: Label) -> str:
    """The label as a line, its end included."""
    word = None if label.passes is None else "pass" if label.passes else "fail"
    row = {"item": label.item, "label": word, "labeller": label.labeller, "note": label.note, "at": label.at}
    return json.dumps(row, ensure_ascii=True) + "\n"


def read_labels(data: bytes) -> tuple[Label, ...]:
    """The labels of a file, in their order. A line that a kill cut off was never given; others are skipped likewise."""
    found = []
    for line in data.split(b"\n"):
        try:
            row = json.loads(line)
        except ValueError:
            continue
        label = _label(row)
        if label is not None:
            found.append(label)
    return tuple(found)


def _label(row: Json) -> Label | None:
    if not isinstance(row, dict) or not isinstance(row.get("item"), str) or not isinstance(row.get("labeller"), str):
        return None
    word, note, at = row.get("label"), row.get("note"), row.get("at")
    if word not in ("pass", "fail", None):
        return None
    passes = None if word is None else word == "pass"
    return Label(row["item"], row["labeller"], passes, note if isinstance(note, str) else None, str(at or ""))


def table(rows: Iterable[Row]) -> str:
    """The rows as CSV, the label's cell empty. No cell is a formula to a spreadsheet, none is longer than it keeps."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        cells = (row.item, row.prompt, row.case, row.input, row.pass_if, row.answer, "", "")
        writer.writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(text: str) -> str:
    """A leading apostrophe keeps a spreadsheet from calculating: OWASP, CSV Injection."""
    text = text.encode("utf-8", "backslashreplace").decode()
    if len(text) > MOST_CHARACTERS:
        text = f"{text[:MOST_CHARACTERS]}\n[{len(text) - MOST_CHARACTERS:,} more characters: see them with promptctl review]"
    return f"'{text}" if text.startswith(_FORMULA) else text


def read_table(blob: Blob, known: Sequence[str], *, labeller: str, at: str) -> tuple[Label, ...]:
    """The labels of a table that came back; a row without one is left out. known: the items of the review.

    Commas or semicolons part the cells. Raises InputError with every problem: columns that are missing, an item the
    review does not have, a word that is no label, two different labels of one item.
    """
    rows = _rows(blob)
    items, problems = frozenset(known), list[Problem]()
    found: dict[str, tuple[Label, int]] = {}
    for line, row in rows:
        problem = _take(row, line, blob.path, items, found, labeller, at)
        if problem is not None:
            problems.append(problem)
    if problems:
        raise InputError(*problems)
    return tuple(label for label, _ in found.values())


def _rows(blob: Blob) -> list[tuple[int, Mapping[str, str]]]:
    text = decode(blob)
    first = text.partition("\n")[0]
    delimiter = ";" if ";" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in ("item", "label") if name not in header]
        if missing:
            hint = "`promptctl review ... --export FILE.csv` writes the table that is to be filled in"
            told = f"there is no column {' and no column '.join(map(repr, missing))}"
            raise InputError(Problem(told, blob.path, 1, hint=hint))
        rows: list[tuple[int, Mapping[str, str]]] = []
        start = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((start, dict(zip(header, cells, strict=False))))
            start = reader.line_num + 1
    except csv.Error as error:
        raise InputError(Problem(f"not valid CSV: {error}", blob.path, reader.line_num)) from None
    return rows


def _take(
    row: Mapping[str, str],
    line: int,
    path: str,
    items: frozenset[str],
    found: dict[str, tuple[Label, int]],
    labeller: str,
    at: str,
) -> Problem | None:
    """Add the row's label to `found`, or say what is wrong with it."""
    item, word = row.get("item", "").strip(), row.get("label", "").strip().lower()
    if item not in items:
        near = closest(item, sorted(items))
        hint = f"did you mean {near}?" if near else "the table is of another review, or an item was edited"
        return Problem(f"this review has no item {item!r}", path, line, hint=hint)
    if not word:
        return None
    if word not in _WORDS:
        return Problem(f"{word!r} is no label", path, line, hint="write pass or fail, or leave the cell empty")
    label = Label(item, labeller, _WORDS[word], row.get("note", "").strip() or None, at)
    before = found.get(item)
    if before is not None and before[0].passes != label.passes:
        return Problem(f"item {item} has another label in line {before[1]}", path, line)
    found[item] = (label, line)
    return None
