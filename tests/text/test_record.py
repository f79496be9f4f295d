"""The run document: the frozen shape, the round trip, the readers' tolerance."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.errors import InputError
from promptctl.model.run import (
    AssertionResult,
    CallRecord,
    Completion,
    Latency,
    Outcome,
    PromptRun,
    Provenance,
    Run,
    SampleResult,
    Source,
    Summary,
    ToolCall,
)
from promptctl.text.record import decode, encode
from promptctl.text.record_completion import decode_completion, encode_completion

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
maybe_text = st.none() | texts
numbers = st.floats(0, 1e9) | st.integers(0, 10**9)
maybe_number = st.none() | numbers
maybe_count = st.none() | st.integers(0, 10**9)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
completions = st.builds(
    Completion,
    output=texts,
    tool_calls=st.lists(st.builds(ToolCall, texts, texts, maybe_text), max_size=2).map(tuple),
    model=maybe_text, finish_reason=maybe_text, input_tokens=maybe_count, output_tokens=maybe_count,
    cached_tokens=maybe_count, cost_usd=maybe_number, latency_s=maybe_number, first_token_s=maybe_number,
    source=st.sampled_from(Source), attempts=st.integers(1, 9), fallback=st.booleans(),
    embeddings=st.lists(st.lists(st.floats(-1, 1), min_size=1, max_size=3).map(tuple), max_size=2).map(tuple),
    context=st.none() | st.lists(json_values, max_size=2).map(tuple), received_at=maybe_text,
)  # fmt: skip
calls = st.builds(CallRecord, texts, texts, maybe_number, maybe_count, maybe_count, st.sampled_from(Source))
assertions = st.recursive(
    st.builds(
        AssertionResult, texts, st.sampled_from(Outcome), maybe_number, texts, texts, name=maybe_text,
        threshold=maybe_number, weight=numbers, required=st.booleans(), calls=st.lists(calls, max_size=2).map(tuple),
    ),
    lambda inner: st.builds(
        AssertionResult, texts, st.sampled_from(Outcome), maybe_number, texts, texts,
        children=st.lists(inner, min_size=1, max_size=2).map(tuple),
    ),
    max_leaves=3,
)  # fmt: skip
results = st.builds(
    SampleResult, texts, texts, texts, maybe_text, st.integers(0, 99), st.lists(texts, max_size=2).map(tuple),
    st.sampled_from(Outcome), maybe_number, maybe_text, st.lists(assertions, max_size=2).map(tuple),
    st.none() | completions, error_kind=maybe_text, pass_if=st.sampled_from(["all", "any", "majority"]) | st.integers(1, 9),
)  # fmt: skip
counts = st.integers(0, 999)
summaries = st.builds(
    Summary, counts, counts, counts, counts, counts, maybe_number, st.none() | st.tuples(numbers, numbers),
    metrics=st.dictionaries(texts, json_values, max_size=2), cost_usd=maybe_number, judge_cost_usd=maybe_number,
    unpriced=st.lists(texts, max_size=2).map(tuple), input_tokens=maybe_count, output_tokens=maybe_count,
    latency_s=st.builds(Latency, maybe_number, maybe_number),
    completions=st.fixed_dictionaries({source.value: counts for source in Source}),
)  # fmt: skip
runs = st.builds(
    Run, texts, st.sampled_from(["complete", "interrupted", "partial"]),
    st.builds(Provenance, texts, maybe_text, maybe_text, st.booleans(), texts, numbers,
              extra=st.dictionaries(texts.map(lambda key: f"x-{key}"), json_values, max_size=2)),
    summaries,
    st.lists(st.builds(PromptRun, texts, maybe_text, texts, texts, texts, texts, summaries), max_size=2).map(tuple),
    st.lists(results, max_size=2).map(tuple), notes=st.lists(texts, max_size=2).map(tuple),
)  # fmt: skip


@given(runs)
def test_a_run_survives_its_document(run: Run) -> None:
    assert decode(json.loads(json.dumps(encode(run), allow_nan=False))) == run


@given(completions)
def test_a_completion_survives_its_object(completion: Completion) -> None:
    assert decode_completion(json.loads(json.dumps(encode_completion(completion), allow_nan=False))) == completion


def small() -> Run:
    result = SampleResult(
        "bot", "a", "cd", "rd", 0, ("critical",), Outcome.FAIL, 0.0, None,
        (AssertionResult("contains", Outcome.FAIL, 0.0, "is not in it", "ad"),),
        Completion("hi", (ToolCall("f", "{}"),), "m", "stop", 3, 4, cost_usd=None, latency_s=0.5),
    )  # fmt: skip
    summary = Summary(1, 1, 0, 1, 0, 0.0, (0.0, 0.79), completions={"live": 1})
    prompt = PromptRun("bot", None, "prompts/bot.yaml", "m", "pd", "gd", summary)
    return Run(
        "id",
        "complete",
        Provenance("0.1.0", None, None, False, "2026-01-01T00:00:00Z", 1.0),
        summary,
        (prompt,),
        (result,),
    )


def test_the_shape_is_frozen() -> None:
    summary = {
        "cases": 1, "samples": 1, "passed": 0, "failed": 1, "errored": 0, "pass_rate": 0.0, "pass_rate_interval": [0.0, 0.79],
        "metrics": {}, "cost_usd": None, "judge_cost_usd": None, "unpriced": [], "input_tokens": None, "output_tokens": None,
        "latency_s": {"p50": None, "p95": None}, "completions": {"live": 1, "cached": 0, "recorded": 0, "given": 0},
    }  # fmt: skip
    assert encode(small()) == {
        "version": 1, "kind": "run", "id": "id", "status": "complete",
        "provenance": {"promptctl": "0.1.0", "litellm": None, "commit": None, "dirty": False,
                       "started_at": "2026-01-01T00:00:00Z", "duration_s": 1.0},
        "summary": summary,
        "prompts": [{"name": "bot", "version": None, "path": "prompts/bot.yaml", "model": "m", "prompt_digest": "pd",
                     "golden_digest": "gd", "summary": summary}],
        "results": [{
            "prompt": "bot", "case": "a", "case_digest": "cd", "request_digest": "rd", "sample": 0, "tags": ["critical"],
            "outcome": "fail", "score": 0.0, "error": None,
            "assertions": [{"type": "contains", "name": None, "digest": "ad", "outcome": "fail", "score": 0.0,
                            "threshold": None, "reason": "is not in it"}],
            "completion": {"output": "hi", "tool_calls": [{"name": "f", "arguments": "{}", "id": None}], "model": "m",
                           "finish_reason": "stop", "input_tokens": 3, "output_tokens": 4, "cost_usd": None,
                           "latency_s": 0.5, "source": "live", "attempts": 1, "fallback": False},
        }],
    }  # fmt: skip


def test_what_is_no_number_is_absent() -> None:
    completion = Completion("x", cost_usd=float("nan"), latency_s=float("inf"))
    encoded = encode_completion(completion)
    assert (encoded["cost_usd"], encoded["latency_s"]) == (None, None)


def test_readers_ignore_keys_they_do_not_know() -> None:
    document = encode(small())
    document["new"] = 1
    document["summary"]["new"] = 1
    document["results"][0]["new"] = 1
    document["results"][0]["completion"]["new"] = 1
    document["results"][0]["assertions"][0]["new"] = 1
    decoded = decode(document)
    assert decoded.results == small().results


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "version 2"),
        ({"kind": "lint"}, "not a run document"),
        ({"results": None}, "damaged"),
        ({"summary": {}}, "'cases'"),
        ({"results": [{"prompt": "x"}]}, "'case'"),
        ({"results": ["x"]}, "damaged"),
        ({"provenance": []}, "damaged"),
    ],
)
def test_another_version_kind_or_a_damaged_document_is_an_input_error(change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        decode({**encode(small()), **change})
    for other in (None, [], "x", {}):
        with pytest.raises(InputError, match="not a run document"):
            decode(other)


def test_an_outcome_that_does_not_exist_is_damage() -> None:
    document = encode(small())
    document["results"][0]["outcome"] = "passed"
    with pytest.raises(InputError, match="passed"):
        decode(document)
