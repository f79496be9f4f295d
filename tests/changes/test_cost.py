"""Tokens and price at the median and the largest case; what cannot be known is None, never 0."""

from __future__ import annotations

import json

import pytest

from promptctl.changes.cost import Bill, Meter, cached_share, cost_changes, static_prefix
from promptctl.model.source import Blob
from promptctl.text.golden import parse_golden
from promptctl.text.prompt import parse_prompt

FILES = {"tone.txt": "Be kind. ", "live.txt": "{{ q }}!"}
METER = Meter(
    tokens=lambda request: sum(len(one["content"]) for one in request.messages),
    usd=lambda _request, tokens: tokens * 0.5,
    longest=lambda request, _tokens: request.parameters.get("max_tokens"),
    text=lambda text, _model: len(text),
)


def prompt(**keys):
    text = json.dumps({"model": "openai/gpt-4o-2024-08-06", "user_prompt": "{{ q }}", **keys})
    return parse_prompt(Blob("prompts/bot.yaml", text.encode()), lambda path: Blob(path, FILES[path].encode()))


def golden(*sizes: int):
    cases = [{"id": f"c{size}", "input": "x" * size, "assertions": [{"contains": "a"}]} for size in sizes]
    return parse_golden(Blob("golden/bot.yaml", json.dumps({"cases": cases}).encode()))


def test_median_and_largest_are_those_of_the_golden_set() -> None:
    found = cost_changes((prompt(), golden(1)), (prompt(system_prompt="12345"), golden(90, 10, 30)), METER)
    assert [(one.which, one.case, one.before.tokens, one.after.tokens) for one in found] == [
        ("median", "c30", 30, 35),
        ("largest", "c90", 90, 95),
    ]
    even = cost_changes((prompt(), None), (prompt(), golden(1, 2, 3, 4)), METER)
    assert [one.case for one in even] == ["c2", "c4"]


def test_money_is_known_or_none() -> None:
    found = cost_changes((prompt(), golden(4)), (prompt(parameters={"max_tokens": 7}), golden(4)), METER)[0]
    assert found.before == Bill(4, 2.0, None)
    assert found.before.most_usd is None
    assert found.after.most_usd == 9.0


def test_a_side_that_cannot_render_a_case_has_no_bill() -> None:
    needs_more = prompt(user_prompt="{{ q }} {{ more }}")
    found = cost_changes((prompt(), golden(4)), (needs_more, golden(4)), METER)
    assert [(one.before.tokens, one.after.tokens) for one in found] == [(4, None), (4, None)]
    assert cost_changes((needs_more, golden(4)), (needs_more, golden(4)), METER) == ()
    assert cost_changes((prompt(), None), (prompt(), None), METER) == ()


@pytest.mark.parametrize(
    ("keys", "prefix"),
    [
        ({"system_prompt": "Static."}, "Static.\n"),
        ({"system_prompt": "Hi {{ q }} and more"}, "Hi "),
        ({"system_prompt": "{% if q %}x{% endif %}"}, ""),
        ({"system_prompt": 'A {% include "tone.txt" %}B {{ q }}'}, "A Be kind. B "),
        ({"system_prompt": 'A {% include "live.txt" %}B'}, "A "),
        (
            {"system_prompt": "A", "few_shot_examples": [{"user": "{{ literal }}", "assistant": "b"}]},
            "A\n{{ literal }}\nb\n",
        ),
    ],
)
def test_the_prefix_ends_at_the_first_variable(keys, prefix: str) -> None:
    assert static_prefix(prompt(**keys)) == prefix


def test_the_share_of_the_prefix_is_of_the_whole_call() -> None:
    assert cached_share(prompt(system_prompt="1234567"), Bill(16), METER) == 0.5
    assert cached_share(prompt(system_prompt="1234567"), Bill(None), METER) is None
