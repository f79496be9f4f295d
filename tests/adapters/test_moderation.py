"""Moderation through litellm: what is sent, what comes back, and what goes wrong, over the wire."""

from __future__ import annotations

import json

import pytest

from promptctl.model.errors import CallFailed
from promptctl.model.run import Source
from promptctl.text.wire import moderation_request

MODEL = "openai/omni-moderation-2024-09-26"


def ask(runner, provider, server, text="I hate mondays.", model=MODEL, **options):
    request = moderation_request(model=model, text=text, endpoint=server.url)
    return runner.run(provider.send(request, **{"timeout_s": 20.0} | options))


@pytest.mark.parametrize("road", ["short", "long"])
def test_a_text_and_what_it_is_flagged_for(runner, roads, loopback_server, road):
    found = ask(runner, roads[road], loopback_server)
    said = json.loads(found.output)
    assert said["flagged"] is True
    assert [name for name, flag in said["categories"].items() if flag] == ["hate"]
    assert said["scores"]["hate"] == 0.9
    assert "self-harm/intent" in said["categories"]  # as OpenAI writes it, not as its library does
    assert not [name for name in said["categories"] if "_" in name]
    assert (found.model, found.source, found.cost_usd) == ("omni-moderation-2024-09-26", Source.LIVE, 0.0)
    [request] = loopback_server.requests
    assert request.path == "/v1/moderations"
    assert request.json == {"model": "omni-moderation-2024-09-26", "input": "I hate mondays."}
    assert request.headers["authorization"] == "Bearer no-key"


@pytest.mark.parametrize(
    ("fault", "kind", "retryable", "aborts"),
    [
        ("400", "bad_request", False, False),
        ("401", "auth", False, True),
        ("403", "auth", False, True),
        ("404", "not_found", False, True),
        ("429:retry-after=3", "rate_limit", True, False),
        ("quota", "quota", False, True),
        ("500", "server", True, False),
        ("503", "server", True, False),
        ("malformed", "malformed", True, False),
        ("empty", "malformed", True, False),
        ("half", "connection", True, False),
        ("reset", "connection", True, False),
    ],
)
def test_one_attempt_and_a_classified_failure(runner, roads, loopback_server, fault, kind, retryable, aborts):
    loopback_server.fail(fault)
    with pytest.raises(CallFailed) as caught:
        ask(runner, roads["long"], loopback_server)
    error = caught.value
    assert (error.kind, error.retryable, error.aborts) == (kind, retryable, aborts)
    assert error.message.startswith(MODEL)
    assert len(loopback_server.requests) == 1
    assert error.retry_after_s == (3 if "retry" in fault else None)


def test_the_time_allowed_is_kept(runner, roads, loopback_server):
    loopback_server.latency_s = 5.0
    with pytest.raises(CallFailed, match=r"0\.3 s") as caught:
        ask(runner, roads["long"], loopback_server, timeout_s=0.3)
    assert caught.value.kind == "timeout"


@pytest.mark.parametrize(
    "wire",
    [
        {},
        {"id": "m", "model": "x", "results": []},
        {"id": "m", "model": "x", "results": [{"flagged": False}]},
        {"id": "m", "model": "x", "results": [{"categories": {"hate": False}, "category_scores": {}}]},
        {"id": "m", "model": "x", "results": [{"flagged": False, "categories": {}, "category_scores": {}}] * 2},
        {"choices": [{"message": {"content": "fine"}}]},
    ],
)
def test_an_answer_that_is_none_is_malformed(runner, roads, loopback_server, wire):
    loopback_server.answers.moderations = lambda _body, _served: wire
    with pytest.raises(CallFailed) as caught:
        ask(runner, roads["long"], loopback_server)
    assert caught.value.kind == "malformed", caught.value


def test_another_provider_s_categories_are_its_own(runner, roads, loopback_server):
    result = {"flagged": True, "categories": {"pii": True, "law": False}, "category_scores": {"pii": 0.99, "law": 0.0}}
    loopback_server.answers.moderations = lambda _body, served: {"id": "m", "model": served, "results": [result]}
    found = ask(runner, roads["long"], loopback_server, model="mistral/mistral-moderation-2411")
    said = json.loads(found.output)
    assert said == {"flagged": True, "categories": {"law": False, "pii": True}, "scores": {"law": 0.0, "pii": 0.99}}
    assert loopback_server.requests[0].json["model"] == "mistral-moderation-2411"
    assert found.cost_usd is None  # no price is known


def test_no_key_of_another_provider_goes_to_openai(runner, loopback_server):
    """litellm would: it knows one address for moderation."""
    from promptctl.adapters.llm import Provider
    from promptctl.model.config import Config

    provider = Provider(Config(), {"ANTHROPIC_API_KEY": "sk-ant-secret"}, read=lambda _: b"")
    request = moderation_request(model="anthropic/claude-sonnet-4-5-20250929", text="hello")
    with pytest.raises(CallFailed, match=r"set providers\.anthropic\.api_base"):
        runner.run(provider.send(request, timeout_s=5.0))


def test_categories_that_are_undecided_are_none(runner, roads, loopback_server):
    result = {"flagged": False, "categories": {"hate": None, "violence": False}, "category_scores": {}}
    loopback_server.answers.moderations = lambda _body, served: {"id": "m", "model": served, "results": [result]}
    said = json.loads(ask(runner, roads["long"], loopback_server, model="mistral/mistral-moderation-2411").output)
    assert said["categories"] == {"violence": False}


def test_a_scripted_model_moderates_by_its_rules(runner, roads, script_files):
    script_files["scripted/mod.yaml"] = (
        b'rules:\n  - when: {user: hate}\n    reply: \'{"flagged": true, "categories": {"hate": true}}\'\n'
        b"  - when: {user: odd}\n    reply: Yes.\n"
        b'default: {reply: \'{"flagged": false, "categories": {"hate": false}, "scores": {"hate": 0.2}}\'}\n'
    )

    def said(text):
        request = moderation_request(model="scripted/mod.yaml", text=text)
        return runner.run(roads["long"].send(request, timeout_s=20.0))

    assert json.loads(said("I hate it").output) == {"flagged": True, "categories": {"hate": True}, "scores": {}}
    assert json.loads(said("I like it").output)["scores"] == {"hate": 0.2}
    with pytest.raises(CallFailed, match="no JSON") as caught:
        said("how odd")
    assert caught.value.kind == "malformed"
