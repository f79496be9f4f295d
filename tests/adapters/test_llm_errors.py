"""What a refusal means, by status and words; and whether the model that answered is the one that was asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.adapters import llm_errors
from promptctl.adapters.llm_errors import Refusal, classify, readable, retry_after
from promptctl.adapters.llm_models import served_model_verdict

NOW = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "retryable", "aborts"),
    [
        (400, "bad_request", False, False),
        (401, "auth", False, True),
        (402, "quota", False, True),
        (403, "auth", False, True),
        (404, "not_found", False, True),
        (408, "timeout", True, False),
        (409, "server", True, False),
        (413, "bad_request", False, False),
        (422, "bad_request", False, False),
        (425, "server", True, False),
        (429, "rate_limit", True, False),
        (500, "server", True, False),
        (502, "server", True, False),
        (503, "server", True, False),
        (529, "server", True, False),
        (302, "bad_request", False, False),
    ],
)
def test_statuses(status, kind, retryable, aborts):
    error = classify(Refusal("p/m", status, "no"))
    assert (error.kind, error.retryable, error.aborts, error.status) == (kind, retryable, aborts, status)
    assert error.message == f"p/m answered {status}: no"


@pytest.mark.parametrize(
    ("status", "body", "kind", "retryable"),
    [
        (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}, "quota", False),
        (429, {"error": {"message": "check your billing details"}}, "quota", False),
        (400, {"error": {"message": "This model's maximum context length is 8192 tokens"}}, "context_window", False),
        (
            400,
            {"type": "error", "error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}},
            "context_window",
            False,
        ),
        (400, {"error": {"code": "content_filter", "message": "The response was filtered"}}, "content_filter", False),
        (500, {"error": {"message": "maximum context length"}}, "server", True),
    ],
)
def test_words_decide_where_the_status_does_not(status, body, kind, retryable):
    error = classify(Refusal("p/m", status, body=body))
    assert (error.kind, error.retryable) == (kind, retryable)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"RETRY-AFTER": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "Friday, 20-Nov-26 12:00:10 GMT"}, 10.0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_retry_after(headers, seconds):
    assert retry_after(headers, now=NOW) == seconds


@given(st.text(max_size=60))
def test_any_retry_after_is_a_number_of_seconds_or_nothing(value):
    found = retry_after({"retry-after": value}, now=NOW)
    assert found is None or 0 <= found < float("inf")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("litellm.AuthenticationError: AuthenticationError: OpenAIException - bad key", "bad key"),
        ("litellm.Timeout: Timeout Error: Hosted_vllmException - late", "late"),
        ('litellm.BadRequestError: AnthropicException - b\'{"error": {"message": "no"}}\'', "no"),
        (
            'litellm.InternalServerError: AnthropicException - {"error": {"message": "no"}}. Handle with `litellm.InternalServerError`.',
            "no",
        ),
        ("plain words: and more", "plain words: and more"),
        ("{not json", "{not json"),
        ("", ""),
    ],
)
def test_the_providers_own_sentence(text, said):
    assert readable(text, None) == said


def test_keys_in_an_error_are_masked():
    said = readable("Incorrect API key provided: sk-proj-abcDEF123456. Find yours", None)
    assert "abcDEF" not in said
    assert "[key]" in said


def test_a_long_page_of_html_is_cut():
    assert len(readable("<html>" + "x" * 100_000, None)) < 1000


@given(st.text(max_size=300), st.one_of(st.none(), st.dictionaries(st.text(max_size=8), st.text(max_size=30))))
def test_nothing_a_provider_says_breaks_the_classification(text, body):
    assert classify(Refusal("p/m", 500, text, body)).kind == "server"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("openai does not support parameters: ['response_format', 'seed'], for model=gpt-4", "response_format, seed"),
        ("gpt-5 doesn't support temperature=0 while reasoning is active. Only 1.", "temperature=0"),
        ("O-series models don't support temperature=0.2. Only temperature=1", "temperature=0.2"),
        ("something else entirely", "a parameter"),
    ],
)
def test_a_refused_parameter_is_named_and_never_dropped(text, named):
    error = llm_errors.refused_parameter("p/m", text)
    assert (error.kind, error.retryable, error.aborts) == ("refused_parameter", False, True)
    assert f"does not take {named}" in error.message
    assert "does not drop parameters" in error.message


@pytest.mark.parametrize(
    ("asked", "served", "verdict"),
    [
        ("openai/gpt-4o-2024-08-06", "gpt-4o-2024-08-06", "same"),
        ("openai/gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06", "same"),
        ("openai/gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "other_snapshot"),
        ("openai/gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18", "other_snapshot"),
        ("openai/gpt-4o-2024-08-06", "gpt-4o", "unrecognised"),
        ("openai/gpt-4o-2024-08-06", "deployment-7", "unrecognised"),
        ("openai/gpt-4o-2024-08-06", None, "unrecognised"),
        ("openai/gpt-4o-2024-08-06", "", "unrecognised"),
        ("openai/gpt-4o", "gpt-4o-2024-08-06", "same"),
        ("openai/gpt-4o", "gpt-4o-mini-2024-07-18", "unrecognised"),
        ("openai/gpt-4-0613", "gpt-4-0314", "other_snapshot"),
        ("anthropic/claude-sonnet-4-20250514", "claude-sonnet-4-20250514", "same"),
        ("anthropic/claude-sonnet-4-20250514", "claude-sonnet-4-5-20250929", "other_snapshot"),
        ("anthropic/claude-opus-5", "claude-opus-5", "same"),
        ("bedrock/us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4-20250514", "same"),
        ("vertex_ai/claude-sonnet-4@20250514", "claude-sonnet-4-20250514", "same"),
        ("gemini/gemini-2.5-pro", "models/gemini-2.5-pro", "same"),
        ("gemini/gemini-1.5-pro-001", "gemini-1.5-pro-002", "other_snapshot"),
        ("mistral/mistral-large-2411", "mistral-large-2407", "other_snapshot"),
        ("hosted_vllm/org/Model-7B", "org/model-7b", "same"),
        ("hosted_vllm/my-model", "/srv/weights/other-2024-01-01", "unrecognised"),
        ("fireworks_ai/llama-v3", "accounts/fireworks/models/llama-v3", "same"),
        ("scripted/x.yaml", "scripted/x.yaml@sha256:0123456789ab", "same"),
    ],
)
def test_served_models(asked, served, verdict):
    assert served_model_verdict(asked, served) == verdict


@given(st.text(max_size=40))
def test_a_model_is_itself(name):
    assert served_model_verdict(f"openai/{name}x", f"{name}x") == "same"
