"""Labels as lines and as a table: what is read back is what was given, and a spreadsheet calculates nothing."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.errors import InputError
from promptctl.model.review import Label
from promptctl.model.source import Blob
from promptctl.text.review_label import Row, answers_of, label_line, read_labels, read_table, table
from promptctl.text.sheet import restored
from promptctl.text.visible import visible

TEXT = st.text(max_size=40)
LABELS = st.builds(
    Label, item=TEXT, labeller=TEXT, passes=st.sampled_from([True, False, None]), note=TEXT | st.none(), at=TEXT
)


EXPORTED = {"r1": "a,b", "r2": "x", "r3": ""}


def took(text: str | bytes, exported: Mapping[str, str] = EXPORTED) -> dict[str, tuple[bool | None, str | None]]:
    data = text if isinstance(text, bytes) else text.encode()
    found = read_table(Blob("t.csv", data), exported, labeller="ann", at="now")
    return {one.item: (one.passes, one.note) for one in found}


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
    assert restored(row[5]) == visible(answer)


def test_a_cell_is_not_cut_off_in_silence() -> None:
    _, row = csv.reader(io.StringIO(table([Row("r1", "", "", "", "", "x" * 40_000)]), newline=""))
    assert len(row[5]) < 32_767
    assert row[5].endswith("[cut here: 40,000 characters; see them with promptctl review]")


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
        took('item,label,note\nr1,Good,"two\nlines"\nq,pass,\nr2,pass,\nr2,fail,\nr3,pass,\n')
    assert [one.message for one in caught.value.problems] == [
        "row 3: unknown item 'q'",
        "row 2: 'Good' is no label",
        "row 5: the same item by the same labeller has another label above",
    ]


def test_a_table_of_something_else_is_one_problem() -> None:
    with pytest.raises(InputError) as caught:
        took("item,label\nq1,pass\nq2,\nr1,pass\n" + "q3,pass\n" * 3)
    assert [one.message for one in caught.value.problems] == ["5 unknown items, in rows 2-3, 5-7"]


@given(st.lists(TEXT, min_size=1, max_size=4), st.sampled_from(["\r\n", "\n", " \n"]))
def test_an_answer_is_known_again_however_a_spreadsheet_saved_it(answers: list[str], end: str) -> None:
    written = table(Row(f"r{place}", "bot", "c", "", "", one) for place, one in enumerate(answers))
    exported = answers_of(written)
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["label", "answer", "item"])
    for row in csv.DictReader(io.StringIO(written, newline="")):
        writer.writerow(["p", row["answer"].replace("\n", end), row["item"]])
    assert took(out.getvalue(), exported) == {f"r{place}": (True, None) for place in range(len(answers))}


def test_an_answer_of_another_item_is_told_and_a_column_that_is_gone_is_not() -> None:
    swapped = 'item,answer,label\nr1,x,pass\nr2,"a,b",fail\nr3,,pass\n'
    with pytest.raises(InputError) as caught:
        took(swapped)
    said = "its 'answer' is not the one that its item was exported with"
    assert [one.message for one in caught.value.problems] == [f"row 2: {said}", f"row 3: {said}"]
    assert took(swapped.replace("pass", "").replace("fail", "")) == {}
    assert len(took("item,label\nr1,pass\nr2,fail\n")) == 2


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
