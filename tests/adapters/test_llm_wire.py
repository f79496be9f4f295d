"""Both roads send the same bytes and read the same answer, for everything the short road takes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from promptctl.adapters import llm_body
from promptctl.model.errors import CallFailed
from promptctl.model.run import Request

PLAIN = ({"role": "system", "content": "Answer briefly."}, {"role": "user", "content": "hello there"})
UNICODE = ({"role": "user", "content": 'Sié ünï 😀 \u2028 \x7f <&> " \\ \n\ttab'},)
TURNS = (*PLAIN, {"role": "assistant", "content": ""}, {"role": "user", "content": "and then"})
TOOL = {
    "type": "function",
    "function": {
        "name": "lookup",
        "description": "Looks things up",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"text": {"type": "string", "minLength": 1}},
            "required": ["text"],
            "additionalProperties": False,
        },
    },
}
CALLING = ({"role": "user", "content": "please lookup the tide"},)
SCHEMA = {
    "type": "json_schema",
    "json_schema": {
        "name": "answer",
        "strict": True,
        "schema": {"type": "object", "properties": {"answer": {"type": "string"}}},
    },
}
EVERYTHING = {
    "temperature": 0.25,
    "top_p": 0.5,
    "max_tokens": 400,
    "seed": 7,
    "stop": ["END", "\n\n"],
    "presence_penalty": 0.1,
    "frequency_penalty": -0.2,
    "extra_body": {"top_k": 3, "guided": {"b": 1, "a": [1.5, None, True]}},
}
OPENAI = (
    "openai/gpt-4o-2024-08-06",
    "openai/gpt-4.1-mini",
    "openai/gpt-3.5-turbo-0125",
    "openai/my-llama",
    "openai/meta-llama/Llama-3.1-8B",
)
VLLM = ("hosted_vllm/my-llama", "hosted_vllm/org/model-7b")
REQUESTS = {
    "plain": (PLAIN, {}),
    "unicode": (UNICODE, {}),
    "turns": (TURNS, {"temperature": 0}),
    "everything": (PLAIN, EVERYTHING),
    "stop-text": (PLAIN, {"stop": "END", "max_completion_tokens": 9}),
    "json-object": (PLAIN, {"response_format": {"type": "json_object"}}),
    "json-schema": (PLAIN, {"response_format": SCHEMA}),
    "tools": (CALLING, {"tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": False}),
    "tools-unused": (PLAIN, {"tools": [TOOL]}),
}
MATRIX = [
    pytest.param(model, name, stream, id=f"{model}-{name}-{'stream' if stream else 'whole'}")
    for model in (*OPENAI, *VLLM)
    for name in REQUESTS
    for stream in (False, True)
    if not (model in VLLM and name.startswith("tools"))
]


def ask(runner, provider, request, *, stream=False, timeout_s=20.0):
    return runner.run(provider.send(request, timeout_s=timeout_s, stream=stream))


def comparable(completion):
    """Everything but times."""
    return replace(completion, latency_s=None, first_token_s=None, received_at=None)


@pytest.mark.parametrize(("model", "name", "stream"), MATRIX)
def test_same_body_and_same_completion(runner, roads, loopback_server, model, name, stream):
    messages, parameters = REQUESTS[name]
    request = Request(model, messages, "d", parameters, endpoint=loopback_server.url)
    assert llm_body.fits(request)
    answers = [ask(runner, roads[road], request, stream=stream) for road in ("short", "long")]
    short, long = loopback_server.requests
    assert json.loads(short.body) == json.loads(long.body)  # the order of keys differs from release to release
    assert short.path == long.path
    assert short.headers["user-agent"].startswith("promptctl/")
    assert not long.headers["user-agent"].startswith("promptctl/")
    for header in ("authorization", "content-type"):
        assert short.headers[header] == long.headers[header]
    assert comparable(answers[0]) == comparable(answers[1])


@pytest.mark.parametrize("model", [OPENAI[0], VLLM[0]])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "fault", ["400", "401", "403", "404", "422", "429:retry-after=3", "quota", "500", "503", "529"]
)
def test_same_failure(runner, roads, loopback_server, model, stream, fault):
    request = Request(model, PLAIN, "d", {}, endpoint=loopback_server.url)
    loopback_server.fail(fault)
    seen = []
    for road in ("short", "long"):
        with pytest.raises(CallFailed) as caught:
            ask(runner, roads[road], request, stream=stream)
        error = caught.value
        seen.append((error.message, error.kind, error.status, error.retryable, error.aborts, error.retry_after_s))
    assert seen[0] == seen[1]
    assert len(loopback_server.requests) == 2


@pytest.mark.parametrize("model", [OPENAI[0], VLLM[0]])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("malformed", "malformed"),
        ("empty", "malformed"),
        ("half", "connection"),
        ("reset", "connection"),
        ("hang", "timeout"),
    ],
)
def test_same_kind_where_no_answer_came(runner, roads, loopback_server, model, stream, fault, kind):
    request = Request(model, PLAIN, "d", {}, endpoint=loopback_server.url)
    loopback_server.fail(fault)
    for road in ("short", "long"):
        with pytest.raises(CallFailed) as caught:
            ask(runner, roads[road], request, stream=stream, timeout_s=0.2 if fault == "hang" else 20.0)
        assert (caught.value.kind, caught.value.retryable, caught.value.aborts) == (kind, True, False)


@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_are_taken_out_alike(runner, roads, loopback_server, stream):
    loopback_server.answers.reply = lambda body: "<think>hm\nhm</think>Yes."
    request = Request(VLLM[0], PLAIN, "d", {}, endpoint=loopback_server.url)
    short, long = (ask(runner, roads[road], request, stream=stream).output for road in ("short", "long"))
    assert short == long


LONG_ROAD = [
    Request("openai/gpt-5", PLAIN, "d"),
    Request("openai/o3-mini", PLAIN, "d", endpoint="http://127.0.0.1:1/v1"),
    Request("openai/gpt-4o-audio-preview", PLAIN, "d"),
    Request("openai/gpt-4o-search-preview", PLAIN, "d"),
    Request("openai/ft:gpt-4o-2024-08-06:org::id", PLAIN, "d"),
    Request("openai/unheard-of", PLAIN, "d"),
    Request("anthropic/claude-sonnet-4-5-20250929", PLAIN, "d"),
    Request("groq/llama-3.1-8b-instant", PLAIN, "d"),
    Request("hosted_vllm/x", PLAIN, "d"),
    Request("hosted_vllm/x", PLAIN, "d", {"tools": [TOOL]}, endpoint="http://127.0.0.1:1/v1"),
    Request("openai/gpt-4", PLAIN, "d", {"response_format": {"type": "json_object"}}),
    Request("openai/gpt-4o", PLAIN, "d", {"tool_choice": "none"}),
    Request("openai/gpt-4o", PLAIN, "d", {"reasoning_effort": "low"}),
    Request("openai/gpt-4o", PLAIN, "d", {"temperature": None}),
    Request("openai/gpt-4o", PLAIN, "d", {"temperature": True}),
    Request("openai/gpt-4o", PLAIN, "d", {"extra_body": {"model": "other"}}),
    Request("openai/gpt-4o", ({"role": "user", "content": [{"type": "text", "text": "x"}]},), "d"),
    Request("openai/gpt-4o", ({"role": "user", "content": "x", "cache_control": {"type": "ephemeral"}},), "d"),
    Request("openai/gpt-4o", ({"role": "tool", "content": "x", "tool_call_id": "1"},), "d"),
    Request("openai/gpt-4o", PLAIN, "d", {"tools": [{**TOOL, "cache_control": {}}]}),
    Request("openai/text-embedding-3-small", (), "d", kind="embedding", texts=("x",)),
]


@pytest.mark.parametrize("request_", LONG_ROAD, ids=[f"{at}-{request.model}" for at, request in enumerate(LONG_ROAD)])
def test_what_litellm_might_change_takes_the_long_road(request_):
    assert not llm_body.fits(request_)


def test_a_number_json_does_not_have_is_refused_by_both(runner, roads, loopback_server):
    request = Request("openai/gpt-4o", PLAIN, "d", {"temperature": float("inf")}, endpoint=loopback_server.url)
    with pytest.raises((CallFailed, ValueError)):
        ask(runner, roads["short"], request)
    assert loopback_server.requests == []
