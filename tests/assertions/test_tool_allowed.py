"""Which tools an answer may call, and with what."""

from __future__ import annotations

import pytest

from promptctl.model.errors import InputError

REFUND = {"refund": {"type": "object", "properties": {"eur": {"type": "number", "maximum": 50}}, "required": ["eur"]}}


def called(answer, *calls):
    return answer({"output": "", "tool_calls": [{"name": name, "arguments": arguments} for name, arguments in calls]})


def test_what_was_called_and_what_was_refused(bound, answer):
    made = bound({"tool-allowed": ["search"]})
    result = made.judge(called(answer, ("search", "{}"), ("wipe", "{}"), ("search", "{}"), ("wipe", "{}")))
    assert (result.outcome.value, result.score) == ("fail", 0.5)
    assert result.detail["called"] == ["search", "wipe", "search", "wipe"]
    assert result.detail["refused"] == [{"name": "wipe", "why": "which is not allowed"}] * 2


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ('{"eur": 50}', None),
        ('{"eur": 51}', "out of bounds: eur: 51"),
        ("{}", "out of bounds"),
        ("eur=20", "not a JSON object"),
        ("[20]", "not a JSON object"),
        ('{"eur": NaN}', "not a JSON object"),
    ],
)
def test_arguments_in_bounds(arguments, why, bound, answer):
    result = bound({"tool-allowed": {"value": ["refund"], "arguments": REFUND}}).judge(
        called(answer, ("refund", arguments))
    )
    assert result.outcome.value == ("pass" if why is None else "fail")
    assert why is None or why in result.reason


def test_bounds_alone_allow_every_other_tool(bound, answer):
    made = bound({"tool-allowed": {"arguments": REFUND}})
    assert made.judge(called(answer, ("search", "{}"))).outcome.value == "pass"
    assert made.judge(called(answer, ("refund", '{"eur": 900}'))).outcome.value == "fail"


def test_the_schema_may_stand_in_a_file_and_is_part_of_the_digest(bound, bench):
    from dataclasses import replace

    entry = {"tool-allowed": {"arguments": {"a": "schemas/answer.json"}}}
    other = replace(bench, read=lambda _: b'{"type": "object"}')
    assert bound(entry).digest != bound(entry, bench=other).digest


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"tool-allowed": {}}, "it says nothing"),
        ({"tool-allowed": {"value": ["a"], "deny": ["a"]}}, "a is both allowed and denied"),
        ({"tool-allowed": {"value": ["a"], "arguments": {"b": {}}}}, "bounds b, which may not be called"),
        ({"tool-allowed": {"arguments": {"b": {"type": "objekt"}}}}, "not a valid JSON Schema"),
        ({"tool-allowed": {"arguments": {"b": 3}}}, "must be bounded by a JSON Schema"),
        ({"tool-allowed": ["a", ""]}, "empty"),
    ],
)
def test_mistakes_are_found_before_anything_is_asked(entry, message, bound):
    with pytest.raises(InputError, match=message):
        bound(entry)
