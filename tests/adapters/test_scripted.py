"""Scripted models: the file, the rules, and the whole way through litellm."""

from __future__ import annotations

import hashlib
import json
import math

import pytest

from promptctl.adapters.llm_models import served_model_verdict
from promptctl.adapters.scripted import ScriptedFailure, Scripts, answer, embedding, scripted_snapshot
from promptctl.model.errors import CallFailed, InputError
from promptctl.model.run import Request, ToolCall

SCRIPT = r"""
description: A support agent
prices: {input: 0.15, output: 0.60}
rules:
  - when: {system: never quote a price, user: (?i)price|cost}
    reply: Please see our pricing page.
  - when: {user: (?i)price}
    reply: It is $5.
  - when: {user: "(?i)order (?P<number>\\d+)"}
    reply: Order <<number>> is on its way.
  - when: {user: flaky}
    replies: [one, two, {reply: three, finish_reason: length}]
  - when: {any: grade the answer}
    reply: {score: 4, reason: Clär}
  - when: {last: look it up}
    tool_calls: [{name: search, arguments: {query: refunds}}]
  - when: {user: overload}
    error: {status: 429, retry_after_s: 3, message: Slow down}
  - when: {user: [weather, today], not_system: meteorologist}
    reply: Rain.
  - when: {user: slow}
    latency_s: 0.05
    reply: at last
default: I do not know.
"""


def script(text=SCRIPT, path="scripted/x.yaml"):
    files = {path: text.encode()}

    def read(wanted):
        if wanted not in files:
            raise InputError(f"no {wanted}")
        return files[wanted]

    return Scripts(read).of("scripted/x.yaml")


def talk(user, system="Be kind."):
    return ({"role": "system", "content": system}, {"role": "user", "content": user})


@pytest.mark.parametrize(
    ("messages", "reply"),
    [
        (talk("What is the PRICE?", "Please never quote a price."), "Please see our pricing page."),
        (talk("What is the PRICE?"), "It is $5."),
        (talk("Where is order 42?"), "Order 42 is on its way."),
        (talk("weather today?"), "Rain."),
        (talk("weather?"), "I do not know."),
        (talk("weather today?", "You are a meteorologist"), "I do not know."),
        (
            (*talk("order 1"), {"role": "assistant", "content": "ok"}, {"role": "user", "content": "bye"}),
            "I do not know.",
        ),
        (talk("x", "grade the answer"), '{"score": 4, "reason": "Clär"}'),
        (({"role": "user", "content": [{"type": "text", "text": "order 7"}]},), "Order 7 is on its way."),
    ],
)
def test_the_first_rule_whose_tests_all_hold_answers(messages, reply):
    assert answer(script(), messages).text == reply


def test_samples_take_turns_and_are_the_same_every_time():
    said = [answer(script(), talk("flaky"), "digest", sample).text for sample in range(6)]
    assert sorted(said[:3]) == ["one", "three", "two"]
    assert said[:3] == said[3:]
    starts = {answer(script(), talk("flaky"), f"digest {n}").text for n in range(50)}
    assert starts == {"one", "two", "three"}


def test_without_a_default_nothing_is_made_up():
    only = script("rules: [{when: {user: x}, reply: y}]")
    with pytest.raises(ScriptedFailure) as caught:
        answer(only, talk("z"))
    assert caught.value.status == 400
    assert "no default" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("rules:\n  - when: {usr: x}\n    reply: y", 2, "unknown key `usr`"),
        ("rules:\n  - when: {user: x}\n    repyl: y", 3, "unknown key `repyl`"),
        ("defualt: x", 1, "unknown key `defualt`"),
        ("rules:\n  - when: {user: '('}\n    reply: y", 2, "not a regular expression"),
        ("rules:\n  - when: {user: x}", 2, "says nothing"),
        ("rules:\n  - reply: <<name>>", 2, "<<name>>"),
        ("rules:\n  - error: {status: 200}", 2, "400 to 599"),
        ("rules:\n  - error: {status: yes}", 2, "400 to 599"),
        ("rules:\n  - reply: x\n    latency_s: -1", 3, "0 or more"),
        ("rules:\n  - replies: []", 2, "empty"),
        ("rules:\n  - replies: [x]\n    reply: y", 3, "unknown key `reply`"),
        ("rules: {user: x}\ndefault: y", 1, "a list"),
        ("prices: {input: 1}\ndefault: x", 1, "`output`"),
        ("prices: {input: free, output: 1}\ndefault: x", 1, "a number"),
        ("description: nothing else", 1, "needs `rules:`"),
        ("[]", 1, "a mapping"),
        ("rules:\n  - tool_calls: [{arguments: {}}]", 2, "text is expected"),
    ],
)
def test_every_mistake_has_its_place(text, line, message):
    with pytest.raises(InputError) as caught:
        script(text)
    assert any(message in problem.message and problem.line == line for problem in caught.value.problems), caught.value
    assert all(problem.path == "scripted/x.yaml" and problem.column for problem in caught.value.problems)


def test_a_misspelt_key_is_corrected():
    with pytest.raises(InputError) as caught:
        script("defualt: x\nrules: [{reply: y}]")
    assert "did you mean `default`" in caught.value.problems[0].hint


def test_all_mistakes_are_told_at_once():
    with pytest.raises(InputError) as caught:
        script("rules: [{when: {usr: a}, reply: b}, {when: {user: '['}, repl: b}]")
    assert len(caught.value.problems) >= 3


def test_the_snapshot_is_the_files_digest():
    digest = hashlib.sha256(b"default: y").hexdigest()
    assert scripted_snapshot(lambda path: b"default: y" if "/" in path else _raise(path), "scripted/x.yaml") == (
        f"scripted/x.yaml@sha256:{digest[:12]}"
    )


def _raise(path):
    raise InputError(f"no {path}")


def test_vectors_are_close_where_words_are_common():
    def close(one, other):
        return sum(a * b for a, b in zip(embedding(one), embedding(other), strict=True))

    assert close("reset my password", "Reset my PASSWORD!") == pytest.approx(1)
    assert close("reset my password now", "please reset my password") > close(
        "reset my password", "quarterly revenue grew"
    )
    assert math.hypot(*embedding("some words")) == pytest.approx(1)
    assert set(embedding("")) == {0.0}


@pytest.fixture
def asked(runner, roads, request):
    """Ask a scripted model through the whole road."""
    files = request.getfixturevalue("script_files")

    def ask(messages, *, stream=False, sample=0, text=SCRIPT, **parameters):
        digest = hashlib.sha256(text.encode()).hexdigest()
        name = f"scripted/{digest[:8]}.yaml"
        files[name] = text.encode()
        asked = Request(name, messages, "d", parameters, endpoint=f"sha256:{digest}")
        return runner.run(roads["short"].send(asked, timeout_s=20, stream=stream, sample=sample))

    return ask


@pytest.mark.parametrize("stream", [False, True])
def test_the_whole_road(asked, stream):
    found = asked(talk("Where is order 42?"), stream=stream, temperature=0, max_tokens=5, seed=1)
    assert found.output == "Order 42 is on its way."
    assert found.finish_reason == "stop"
    assert (found.input_tokens, found.output_tokens) == (2 + 4, 5)
    assert found.cost_usd == pytest.approx((6 * 0.15 + 5 * 0.60) / 1e6)
    digest = hashlib.sha256(SCRIPT.encode()).hexdigest()
    assert served_model_verdict(f"scripted/{digest[:8]}.yaml", found.model) == "same"
    assert found.model == f"scripted/{digest[:8]}.yaml@sha256:{digest[:12]}"


@pytest.mark.parametrize("stream", [False, True])
def test_tool_calls(asked, stream):
    found = asked(talk("look it up"), stream=stream)
    assert found.tool_calls == (ToolCall("search", '{"query": "refunds"}', "call_1"),)
    assert found.finish_reason == "tool_calls"


def test_a_judges_verdict(asked):
    assert json.loads(asked(talk("grade the answer")).output)["score"] == 4


def test_samples_and_finish_reasons(asked):
    found = [asked(talk("flaky"), sample=sample) for sample in range(3)]
    assert {(each.output, each.finish_reason) for each in found} == {
        ("one", "stop"),
        ("two", "stop"),
        ("three", "length"),
    }


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_on_purpose_is_a_failure_like_any(asked, stream):
    with pytest.raises(CallFailed) as caught:
        asked(talk("overload"), stream=stream)
    error = caught.value
    assert (error.kind, error.status, error.retryable, error.retry_after_s) == ("rate_limit", 429, True, 3.0)
    assert "Slow down" in error.message


def test_latency(asked):
    assert asked(talk("slow")).latency_s >= 0.05


def test_no_rule_and_no_default_is_an_error(asked):
    with pytest.raises(CallFailed) as caught:
        asked(talk("z"), text="rules: [{when: {user: x}, reply: y}]")
    assert caught.value.kind == "bad_request"


def test_a_script_that_changed_while_it_was_used_is_not_asked(runner, roads, script_files):
    script_files["scripted/changed.yaml"] = b"default: new"
    request = Request("scripted/changed.yaml", talk("x"), "d", endpoint="sha256:" + "0" * 64)
    with pytest.raises(CallFailed, match="changed while it was used"):
        runner.run(roads["short"].send(request, timeout_s=5))


def test_embeddings_through_the_road(runner, roads, script_files):
    script_files["scripted/vectors.yaml"] = b"{default: x, prices: {input: 1, output: 0}}"
    request = Request("scripted/vectors.yaml", (), "d", kind="embedding", texts=("reset my password", "other words"))
    found = runner.run(roads["short"].send(request, timeout_s=20))
    assert found.embeddings[0] == pytest.approx(embedding("reset my password"))
    assert len(found.embeddings) == 2
    assert found.cost_usd == pytest.approx(7 / 1e6)
