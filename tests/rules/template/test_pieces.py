"""The scanner of templates: every character accounted for, and the names Jinja2 itself finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.errors import InputError
from promptctl.rules.template.reading.pieces import constant_include, other_include, pieces
from promptctl.text.template import undeclared

_BITS = st.sampled_from([
    "{{ a }}", "{{ b.c }}", "{{- d['e'] | upper -}}", "{% if f is defined %}x{% endif %}", "{# {{ g }} #}", "text\n", "{ ",
    "{% raw %}{{ h }}{% endraw %}", "{% for i in items %}{{ i.name }}{{ loop.index }}{% endfor %}", "}}", "100 %", "'",
    "{% set k = l ~ 'm' %}{{ k }}", '{{ n | default("}} o") }}', "{{ p | replace('x', old=q) }}", "{{ r if s else t }}",
    r"{{ u ~ 'it\'s }}' }}", '{{ v["a\\""] }}',
])  # fmt: skip


@given(st.lists(_BITS, max_size=8).map("".join))
def test_the_scanner_finds_the_names_that_jinja2_finds(template: str) -> None:
    try:
        names = undeclared(template)
    except InputError:
        return
    found = frozenset().union(*(piece.names for piece in pieces(template)))
    assert found - {"loop"} == names


@given(st.text(alphabet="{}%#'\" abif-\n", max_size=60))
def test_any_text_is_taken_apart_without_a_gap(template: str) -> None:
    at = 0
    for piece in pieces(template):
        assert piece.start >= at
        between = template[at : piece.start]
        assert between == "" or between.startswith("{#")
        at = piece.end
    assert template[at:] == "" or template[at:].startswith("{#")


def test_what_an_include_holds_stands_where_the_include_stands() -> None:
    found = pieces('ab{% include "x" %}', {"x": "{{ q }}!"})
    assert [(one.kind, one.start, one.end) for one in found] == [
        ("text", 0, 2), ("statement", 2, 19), ("output", 2, 19), ("text", 2, 19),
    ]  # fmt: skip
    assert found[2].names == {"q"}


def test_variables_of_the_template_are_what_they_are_made_of() -> None:
    found = pieces("{% for key, row in rows.items() %}{% set x = row.a %}{{ x }}{% endfor %}")
    assert [one.names for one in found if one.kind == "output"] == [frozenset({"rows"})]


def test_includes_that_name_a_file_and_those_that_do_not() -> None:
    texts = ['{% include "a.txt" %}', "{%- include 'a.txt' without context -%}"]
    others = ["{% include name %}", '{% include "a" ~ b %}', '{% include ["a"] %}', '{% include "a" ignore missing %}',
              '{% extends "a" %}', '{% from "a" import b %}', '{% import "a" as b %}']  # fmt: skip
    assert [constant_include(pieces(text)[0]) for text in texts] == ["a.txt", "a.txt"]
    assert [constant_include(pieces(text)[0]) for text in others] == [None] * len(others)
    assert [other_include(pieces(text)[0]) for text in (*texts, *others)] == [False] * 2 + [True] * len(others)


def test_what_is_never_closed_costs_no_more_than_its_length() -> None:
    """Quadratic, a hundred thousand openings would take minutes."""
    for mark in ("{{", "{%", "{#", "{{ '", '{% "'):
        assert [piece.kind for piece in pieces(mark * 100_000)] == ["text"]
