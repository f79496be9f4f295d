"""A review's labels: one JSON object a line, appended as they are given; and the table for people without a terminal.

A line: `{"item", "label": "pass" | "fail" | null, "labeller", "note", "at"}`; null takes an earlier label back. The table
has the columns of `COLUMNS`. It says nothing of which side an answer is from: `item` is the answer's key in the review.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.review import Label
from promptctl.model.source import Blob
from promptctl.text.decode import decode
from promptctl.text.sheet import OTHER_LABEL, cells_of, fitting, moved, rows_of, unknown_items
from promptctl.text.visible import visible

COLUMNS = ("item", "prompt", "case", "input", "pass_if", "answer", "label", "note")
_WORDS = {"pass": True, "p": True, "fail": False, "f": False}
_UNKNOWN = "the table is of another review or judge, or an item was edited"


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
    shown = visible(text)
    return fitting(shown, cut=f"\n[cut here: {len(shown):,} characters; see them with promptctl review]")


def answers_of(written: str) -> Mapping[str, str]:
    """Item to answer, as a table that `table` wrote has them: what an import holds its rows against."""
    rows = rows_of(written, "")
    next(rows)
    return {row["item"]: row["answer"] for _, row in cells_of(rows, COLUMNS, "")}


def read_table(blob: Blob, exported: Mapping[str, str], *, labeller: str, at: str) -> tuple[Label, ...]:
    """The labels of a table that came back; a row without one is left out. exported: the review's items, and the answer
    each went out with.

    Commas, semicolons or tabs part the cells. Raises InputError with every problem: columns that are missing, items the
    review does not have, an answer that is another item's, a word that is no label, two different labels of one item.
    """
    found: dict[str, Label] = {}
    problems, unknown = list[Problem](), list[tuple[int, str]]()
    for number, row in _rows(blob):
        item = row["item"].strip()
        if item not in exported:
            unknown.append((number, item))
        elif row["label"].strip():
            complaint = _take(row, exported[item], found, labeller, at)
            if complaint is not None:
                problems.append(Problem(f"row {number}: {complaint[0]}", blob.path, hint=complaint[1]))
    problems = [*unknown_items(unknown, blob.path, _UNKNOWN), *problems]
    if problems:
        raise InputError(*problems)
    return tuple(found.values())


def _rows(blob: Blob) -> list[tuple[int, dict[str, str]]]:
    rows = rows_of(decode(blob), blob.path)
    _, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    missing = [name for name in ("item", "label") if name not in names]
    if missing:
        hint = "`promptctl review ... --export FILE.csv` writes the table that is to be filled in"
        told = f"there is no column {' and no column '.join(map(repr, missing))}"
        raise InputError(Problem(told, blob.path, 1, hint=hint))
    return cells_of(rows, names, blob.path)


def _take(
    row: Mapping[str, str], answer: str, found: dict[str, Label], labeller: str, at: str
) -> tuple[str, str] | None:
    """Add the row's label to `found`, or say what is wrong with it, and what to do about it."""
    item, word = row["item"].strip(), row["label"].strip()
    elsewhere = moved(row, {"answer": answer})
    if elsewhere is not None:
        return elsewhere
    passes = _WORDS.get(word.casefold())
    if passes is None:
        return f"{word!r} is no label", "write pass or fail, or nothing"
    label = Label(item, labeller, passes, row.get("note", "").strip() or None, at)
    return None if found.setdefault(item, label).passes is passes else OTHER_LABEL
