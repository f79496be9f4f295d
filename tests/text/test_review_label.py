"""Labels as lines and as a table: what is read back is what was given, and a spreadsheet calculates nothing."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.errors import InputError
from promptctl.model.review import Label
from promptctl.model.source import Blob
from promptctl.text.review_label import MOST_CHARACTERS, Row, label_line, read_labels, read_table, table

TEXT = st.text(max_size=40)
LABELS = st.builds(
    Label, item=TEXT, labeller=TEXT, passes=st.sampled_from([True, False, None]), note=TEXT | st.none(), at=TEXT
)


def took(text: str | bytes, known: tuple[str, ...] = ("r1", "r2", "r3")) -> dict[str, tuple[bool | None, str | None]]:
    data = text if isinstance(text, bytes) else text.encode()
    return {
        one.item: (one.passes, one.note) for one in read_table(Blob("t.csv", data), known, labeller="ann", at="now")
    }


@given(st.lists(LABELS, max_size=5))
def test_lines_come_back(labels: list[Label]) -> None:
    assert list(read_labels("".join(map(label_line, labels)).encode())) == labels


@given(st.lists(LABELS, min_size=1, max_size=4), st.binary(max_size=30))
def test_a_line_that_was_cut_off_loses_itself_alone(labels: list[Label], rest: bytes) -> None:
    whole = "".join(map(label_line, labels)).encode()
    torn = label_line(labels[0]).encode()[: len(rest) % 20 + 1]
    assert list(read_labels(whole + torn)) == labels
    assert list(read_labels(whole + torn + b"\n" + whole)) == labels * 2


@pytest.mark.parametrize(
    "line", ["[]", "1", "{}", '{"item": 1, "labeller": "a"}', '{"item": "a", "labeller": "b", "label": 7}']
)
def test_what_is_no_label_is_none(line: str) -> None:
    assert read_labels(line.encode()) == ()


@given(TEXT, TEXT, TEXT)
def test_no_cell_is_a_formula_and_the_item_survives(case: str, asked: str, answer: str) -> None:
    written = table([Row("r1", "bot", case, asked, "Is good.", answer)])
    header, row = csv.reader(io.StringIO(written, newline=""))
    assert header[0] == "item"
    assert row[0] == "r1"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)
    assert row[5] in (answer, f"'{answer}")


def test_a_cell_is_not_cut_off_in_silence() -> None:
    _, row = csv.reader(io.StringIO(table([Row("r1", "", "", "", "", "x" * 40_000)]), newline=""))
    assert len(row[5]) < 32_767
    assert row[5].endswith(f"[{40_000 - MOST_CHARACTERS:,} more characters: see them with promptctl review]")


@pytest.mark.parametrize(
    "text",
    [
        "item,label,note\nr1,pass,\nr2,FAIL,rude\nr3,,\n",
        "\ufeffitem;answer;label;note\r\nr1;a,b;p;\r\nr2;x;f;rude\r\n",
        'Item,Note,Label\r\nr1,,"Pass"\r\n\r\nr2,rude, fail \r\n',
    ],
)
def test_what_spreadsheets_save_is_read(text: str) -> None:
    assert took(text) == {"r1": (True, None), "r2": (False, "rude")}


def test_every_problem_is_told() -> None:
    with pytest.raises(InputError) as caught:
        took("item,label\nr1,good\nq,pass\nr2,pass\nr2,fail\nr3,pass\n")
    assert [(one.line, one.message) for one in caught.value.problems] == [
        (2, "'good' is no label"),
        (3, "this review has no item 'q'"),
        (5, "item r2 has another label in line 4"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "there is no column 'item' and no column 'label'"),
        ("item,answer\nr1,x\n", "there is no column 'label'"),
        (b"item,label\nr1,\xff\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_no_table(text: str | bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        took(text)
