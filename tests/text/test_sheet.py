"""Cells for spreadsheets: no part of one is calculated, whatever parts the cells, and all of it comes back."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from promptctl.model.source import Blob
from promptctl.text.label_table import Row, encode_table, parse_table
from promptctl.text.review_label import Row as ReviewRow
from promptctl.text.review_label import table
from promptctl.text.sheet import LONGEST, defused, fitting, restored

ATTACK = "foo;=cmd|' /C calc'!A0;bar"
SIGNS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
hostile = st.text("'\"=+-@;,\t\r\n ab\uff1d", max_size=12) | st.text(max_size=30)


def parts(text):
    """What a program makes cells of that splits at semicolons, tabs and lines, and knows no quotes."""
    return [part.strip('" ') for part in re.split("[;\t\r\n]", text)]


@given(hostile)
@example(ATTACK)
@example("a\n- b\n'- c")
@example("'\t=1")
def test_no_part_of_a_cell_is_a_formula_and_all_of_it_comes_back(cell) -> None:
    shown = defused(cell)
    assert not any(part.startswith(SIGNS) for part in parts(shown))
    assert not shown.startswith(("\t", "\r", "\n"))
    assert restored(shown) == cell
    assert len(shown) <= 2 * len(cell) + 1


@given(st.text("ab ;'\n,", max_size=12))
def test_what_is_no_formula_stays_as_it_is(cell) -> None:
    assert defused(cell) == cell or cell.lstrip("'").startswith("\n")


def test_the_table_of_either_command_holds_when_it_is_opened_with_semicolons() -> None:
    written = [
        encode_table([Row("i", ATTACK, ATTACK, f"\n{ATTACK}", ATTACK, ATTACK, note=ATTACK)]).decode("utf-8-sig"),
        table([ReviewRow("i", ATTACK, "c\t=1", ATTACK, ATTACK, f"a\n@x{ATTACK}")]),
    ]
    for text in written:
        assert "cmd|" in text
        for delimiter in ",;\t":
            for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
                rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting)
                assert not any(cell.strip('" ').startswith(SIGNS) for row in rows for cell in row), (delimiter, quoting)
    (row,) = parse_table(Blob("t.csv", written[0].encode()))
    assert row.note == ATTACK


def test_a_cell_that_is_cut_says_so_and_fits_also_with_what_defuses_it() -> None:
    cell = "-\n" * LONGEST
    shown = fitting(cell, cut=" [cut]")
    assert len(shown) == LONGEST + len(" [cut]") < 32_767
    assert not any(part.startswith(SIGNS) for part in parts(shown))
    assert fitting("short", cut=" [cut]") == "short"


@pytest.mark.parametrize("hidden", ["\x1b[31m", "\u202e", "\x00", "\ud800"])
def test_a_review_shows_what_would_steer_or_hide(hidden) -> None:
    assert hidden not in table([ReviewRow("i", "p", "c", hidden, "x", f"a{hidden}b")])
