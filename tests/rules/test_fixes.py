"""Edits by place: comments, quoting, order and line ends stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.source import Blob
from promptctl.rules.engine.fixes import Edit, Fix, apply, edit_of
from promptctl.text.yaml import load


def fixed(text: str, fix: Fix) -> str:
    document = load(Blob("a.yaml", text.encode()))
    edit = edit_of(fix, text, document.where((*fix.at, fix.after) if fix.after else fix.at))
    return text if edit is None else apply(text, [edit])[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("model: gpt-4.1 # why\nb: 1\n", "model: gpt-4.1-2025-04-14 # why\nb: 1\n"),
        ("b: 1\r\nmodel: 'gpt-4.1'\r\n", "b: 1\r\nmodel: 'gpt-4.1-2025-04-14'\r\n"),
        ('{"model": "gpt-4.1", "b": 1}', '{"model": "gpt-4.1-2025-04-14", "b": 1}'),
        ("é: ü\nmodel:   gpt-4.1", "é: ü\nmodel:   gpt-4.1-2025-04-14"),
        ("model: |-\n  gpt-4.1\n", "model: |-\n  gpt-4.1\n"),
        ("model: !!str gpt-4.1\n", "model: !!str gpt-4.1\n"),
    ],
)
def test_a_value_is_replaced_in_its_own_quotes_or_not_at_all(before: str, after: str) -> None:
    assert fixed(before, Fix(("model",), "gpt-4.1-2025-04-14")) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("cases:\n  - input: a\n    tags: []\n", "cases:\n  - id: case-1\n    input: a\n    tags: []\n"),
        ("cases:\r\n- input: a\r\n", "cases:\r\n- id: case-1\r\n  input: a\r\n"),
        ("cases: [{input: a}, {input: b}]\n", "cases: [{id: case-1, input: a}, {input: b}]\n"),
        ("cases:\n  - # first\n    input: a\n", "cases:\n  - # first\n    id: case-1\n    input: a\n"),
    ],
)
def test_a_key_is_put_first_into_its_mapping(before: str, after: str) -> None:
    assert fixed(before, Fix(("cases", 0), "case-1", key="id")) == after


def test_a_key_is_put_behind_another() -> None:
    fix = Fix((), "0.1.0", key="version", after="name")
    assert fixed("name: bot # x\nmodel: m\n", fix) == "name: bot # x\nversion: 0.1.0\nmodel: m\n"
    assert fixed("model: m\nname: bot", fix) == "model: m\nname: bot\nversion: 0.1.0"


def test_of_edits_that_overlap_the_first_is_done() -> None:
    assert apply("abcdef", [Edit(1, 4, "X"), Edit(3, 5, "Y"), Edit(5, 6, "Z"), Edit(1, 4, "X")]) == ("aXeZ", 2)


@given(
    st.text(
        st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029\ufffe\uffff"), min_size=1
    )
)
def test_whatever_is_written_is_read_back_as_that_text(value: str) -> None:
    for text in ("a: x # c\n", "a: 'x' # c\n", 'a: "x" # c\n'):
        edited = fixed(text, Fix(("a",), value))
        assert load(Blob("a.yaml", edited.encode())).value == {"a": value}, edited
        assert edited.endswith(" # c\n")
