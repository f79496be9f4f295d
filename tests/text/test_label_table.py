"""The table of labels: out and in again, no cell a formula, every wrong row told."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.text.reading import problems_of

from promptctl.model.source import Blob
from promptctl.text.label_table import COLUMNS, Row, encode_table, parse_table
from promptctl.text.sheet import LONGEST

cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def parse(data: bytes):
    return parse_table(Blob("t.csv", data))


@settings(max_examples=50)
@given(st.lists(st.builds(Row, *[cells] * 8), max_size=4), st.sampled_from(",;\t"))
def test_what_was_written_is_read_again_however_a_spreadsheet_saves_it(rows, delimiter) -> None:
    data = encode_table(rows)
    if delimiter != ",":
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
        data = out.getvalue().encode()
    found = parse(data)
    kept = [row for row in rows if any(getattr(row, name).strip() for name in COLUMNS)]
    assert [(one.item, one.label, one.note) for one in found] == [
        (row.item.strip(), row.label.strip(), row.note) for row in kept
    ]


def test_spreadsheets_know_the_encoding_and_get_no_cell_they_would_cut() -> None:
    data = encode_table([Row("i", "é", "", "x" * 40_000, "", "")])
    assert data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert row["rubric"] == "é"
    assert len(row["output"]) < 32_767
    assert row["output"].startswith("x" * LONGEST + " ... [cut here: 40,000 characters")


def test_rows_are_numbered_as_spreadsheets_count_them() -> None:
    found = parse(b'item,label,note\nx,pass,"two\nlines"\n,,\ny,fail,z\n')
    assert [(one.number, one.item, one.note) for one in found] == [(2, "x", "two\nlines"), (4, "y", "z")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"item,labels\n", "unknown column 'labels'"),
        (b"item,note\n", "there is no column 'label'"),
        (b"label,label,item\n", "the column 'label' occurs twice"),
        (b"", "there is no column 'item'"),
        (b"item,label\nx\n", "row 2 has 1 cells, the header 2"),
        (b'item,label\n"x,pass\n', "row 2 is not valid CSV"),
        (b"item,label\n\xff,pass\n", "is not UTF-8"),
    ],
)
def test_a_table_that_is_none_says_why(data, message) -> None:
    assert any(message in one.message for one in problems_of(lambda: parse(data)))
