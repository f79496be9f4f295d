"""Refusals between two schemas: witnessed by values, and agreeing with the rule about versions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.changes.schemas import fields, refusals
from promptctl.rules.contract.reading import schema_change
from promptctl.text.schema import violations

KINDS = ["string", "integer", "number", "boolean", "null"]
scalars = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(KINDS) | st.lists(st.sampled_from(KINDS), min_size=1, max_size=3, unique=True),
        "enum": st.lists(st.sampled_from(["a", "b", 1, 2, None, True]), min_size=1, max_size=3, unique_by=repr),
        "maximum": st.integers(0, 3),
        "minLength": st.integers(0, 2),
    },
)
objects = st.fixed_dictionaries(
    {"properties": st.dictionaries(st.sampled_from("pq"), scalars, max_size=2)},
    optional={
        "required": st.lists(st.sampled_from("pq"), unique=True, max_size=2),
        "additionalProperties": st.booleans(),
        "type": st.just("object"),
    },
)
schemas = scalars | objects
samples = ["a", "b", "", 1, 2, 1.5, None, True, {}, {"p": "a"}, {"p": 1, "q": "b"}, {"q": None}, {"r": 1}]


@settings(max_examples=300, deadline=None)
@given(scalars, scalars)
def test_where_nothing_is_refused_every_value_still_fits(taking, refusing) -> None:
    if next(refusals(taking, refusing), None) is None:
        assert all(not violations(refusing, value) for value in samples if not violations(taking, value))


@settings(max_examples=300, deadline=None)
@given(schemas, schemas)
def test_the_rule_about_versions_sees_the_same(taking, refusing) -> None:
    mine = next(refusals(taking, refusing), None)
    theirs = next(schema_change.refusals(taking, refusing), None)
    assert (mine is None) == (theirs is None)


@pytest.mark.parametrize(
    ("taking", "refusing", "expected"),
    [
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, ("", "enum", ('"b"',))),
        ({}, {"type": "string"}, ("", "type", ())),
        ({"type": ["string", "null"]}, {"type": "string"}, ("", "type", ("null",))),
        ({"properties": {"a": {}}}, {"properties": {"a": {}}, "required": ["a"]}, ("", "required", ("a",))),
        ({"items": {"maximum": 5}}, {"items": {"maximum": 3}}, ("[]", "bound", ())),
        ({"properties": {"a": {}}}, {"properties": {"a": {"pattern": "x"}}}, ("a", "bound", ())),
        ({"type": "object"}, {"type": "object", "additionalProperties": False}, ("", "closed", ())),
        ({"anyOf": [{}, {}]}, {"anyOf": [{}]}, ("", "other", ())),
    ],
)
def test_each_kind_is_told_with_its_place(taking, refusing, expected) -> None:
    found = [(one.where, one.kind, one.names) for one in refusals(taking, refusing)]
    assert found == [expected]


def test_what_takes_more_refuses_nothing() -> None:
    assert list(refusals({"type": "integer"}, {"type": "number"})) == []
    assert list(refusals({"enum": ["a"]}, {"enum": ["b", "a"]})) == []
    assert list(fields({"properties": {"a": {"items": {"properties": {"b": {}}}}}})) == ["a", "a[].b"]
