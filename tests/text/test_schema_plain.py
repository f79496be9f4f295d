"""Schemas judged without jsonschema, with jsonschema as the witness."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.prompt import Json
from promptctl.text.schema import check_schema, validating, violations
from promptctl.text.schema.plain import conforms, is_plain

TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=8,
)
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*TYPES, "text", ["string", "null"], 3]),
        "description": st.sampled_from(["a", 3]),
        "default": VALUES,
        "minLength": st.sampled_from([1, -1]),
    },
)
SCHEMAS = st.recursive(
    LEAVES,
    lambda inner: st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES)},
        optional={"items": inner, "properties": st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2)},
    ),
    max_leaves=4,
)


@given(SCHEMAS, VALUES)
def test_what_it_says_jsonschema_says(schema: Json, value: Json) -> None:
    if is_plain(schema):
        validating.check_schema(schema)
        if conforms(schema, value):
            assert validating.violations(schema, value) == ()


@pytest.mark.parametrize(
    ("schema", "value", "holds"),
    [
        ({"type": "string"}, "a", True), ({"type": "string"}, 1, False), ({"type": "integer"}, True, False),
        ({"type": "number"}, 1, True), ({"type": "boolean"}, True, True), ({"type": "array", "items": {"type": "string"}}, ["a"], True),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], False), ({"properties": {"a": {"type": "null"}}}, {"a": 1}, False),
        ({"properties": {"a": {"type": "null"}}}, {"a": None, "b": 1}, True), ({"description": "anything"}, 1, True),
    ],
)  # fmt: skip
def test_what_it_judges_itself(schema: dict[str, Json], value: Json, holds: bool) -> None:
    assert is_plain(schema)
    assert conforms(schema, value) is holds
    assert (violations(schema, value) == ()) is holds


@pytest.mark.parametrize(
    "schema",
    [
        {"enum": ["a"]},
        {"type": ["string"]},
        {"type": "text"},
        {"$ref": "#"},
        {"default": 1.5},
        {"items": True},
        True,
        "string",
        {"tpye": "string"},
    ],
)
def test_what_it_leaves_to_jsonschema(schema: Json) -> None:
    assert not is_plain(schema)


def test_a_schema_nested_without_measure_is_left_to_jsonschema() -> None:
    schema: dict[str, Json] = {"type": "string"}
    for _ in range(30):
        schema = {"type": "array", "items": schema}
    assert not is_plain(schema)
    check_schema(schema)
