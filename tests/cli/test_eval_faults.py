"""What a provider can do wrong, through the whole command: one clear message a kind, the other cases kept, exit 3."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import MODEL, asked, case, loopback, make_project

FIVE = [case(name) for name in ("one", "two", "three", "four", "five")]


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


def test_a_refused_key_is_asked_with_once(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=FIVE, config={"eval": {"concurrency": 1, "retries": 3}})
    server.fail("401")
    done = project.json()
    assert done.code == 3
    assert len(server.requests) == 1
    assert done.document["summary"]["errored"] == 5
    assert len({result["error"] for result in done.document["results"]}) == 1
    assert "OPENAI_API_KEY" in done.out
    assert done.err.count("401") <= 1


def test_a_model_that_is_not_there_is_asked_for_once(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=FIVE, config={"eval": {"concurrency": 1, "retries": 3}})
    server.fail("404")
    done = project.eval()
    assert done.code == 3
    assert len(server.requests) == 1
    assert MODEL in done.out
    assert done.out.count("the server says 404") == 1
    assert "5 of 5 cases could not be judged" in done.out


# The fault, what its message says, and how often it is asked when one retry is allowed.
FAULTS = {
    "429": ("answered 429", 2),
    "500": ("answered 500", 2),
    "malformed": ("cannot be read", 2),
    "empty": ("cannot be read", 2),
    "half": ("the connection failed", 2),
    "reset": ("the connection failed", 2),
    "400": ("answered 400", 1),
}


def test_a_fault_that_stays_costs_its_case_and_no_other(tmp_path: Path, server: Any) -> None:
    cases = [case("good"), *(case(f"fault-{fault}") for fault in FAULTS), case("also good")]
    project = make_project(tmp_path, api_base=server.url, cases=cases, config={"eval": {"retries": 1}})
    for fault in FAULTS:
        server.fail(fault, f"match:fault-{fault}")
    done = project.json()
    assert done.code == 3
    assert "Traceback" not in done.err
    assert done.document["summary"]["passed"] == 2
    for fault, (said, requests) in FAULTS.items():
        broken = done.cases()[f"fault-{fault}"]
        assert (broken["outcome"], broken["completion"]) == ("error", None)
        assert said in broken["error"], fault
        assert asked(server).count(f"fault-{fault}") == requests, fault
    server.reset()
    after = project.json()
    assert after.code == 0
    assert sorted(asked(server)) == sorted(f"fault-{fault}" for fault in FAULTS)


def test_without_quota_nobody_else_is_asked(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=FIVE, config={"eval": {"concurrency": 1, "retries": 3}})
    server.fail("quota", "match:three")
    done = project.json()
    assert done.code == 3
    assert asked(server) == ["one", "two", "three"]
    assert "quota" in done.cases()["five"]["error"]


def test_a_passing_fault_is_asked_again(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=FIVE, config={"eval": {"retries": 3}})
    server.fail("500", "nth:1")
    server.fail("malformed", "nth:2")
    server.fail("empty", "nth:3")
    done = project.json()
    assert done.code == 0
    assert len(server.requests) == 8
    assert max(result["completion"]["attempts"] for result in done.document["results"]) > 1


@pytest.mark.slow
def test_retry_after_is_kept(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, config={"eval": {"retries": 1}})
    server.fail("429:retry-after=3", "first:1")
    assert project.eval().code == 0
    first, second = (request.at for request in server.requests)
    assert 3.0 <= second - first <= 3.2


def test_a_server_that_hangs_is_given_up(tmp_path: Path, server: Any) -> None:
    project = make_project(
        tmp_path, api_base=server.url, cases=[case("good"), case("stuck")], config={"eval": {"timeout_s": 1}}
    )
    server.fail("hang", "match:stuck")
    began = time.monotonic()
    done = project.json()
    assert time.monotonic() - began < 5
    assert done.code == 3
    assert "within 1 s" in done.cases()["stuck"]["error"]
    assert done.cases()["good"]["outcome"] == "pass"


def test_the_total_time_ends_a_run(tmp_path: Path, server: Any) -> None:
    settings = {"eval": {"total_timeout_s": 4, "retries": 50, "concurrency": 2}}
    project = make_project(tmp_path, api_base=server.url, cases=FIVE, config=settings)
    server.fail("hang", "match:three")
    server.fail("500", "match:four")
    began = time.monotonic()
    done = project.json()
    assert time.monotonic() - began < 12
    assert done.code == 3
    assert "total_timeout_s" in done.cases()["three"]["error"]
    assert done.cases()["one"]["outcome"] == "pass"


def test_nobody_there(tmp_path: Path) -> None:
    with loopback() as server:
        gone = server.url
    done = make_project(tmp_path, api_base=gone, cases=FIVE).eval()
    assert done.code == 3
    assert done.out.count("the connection failed") == 1  # one message for five cases
    assert gone.split("/")[2] in done.out


@pytest.mark.slow
def test_another_snapshot_than_the_pinned_one_is_an_error(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url)
    server.served_model = "gpt-4o-2024-11-20"
    done = project.json()
    assert done.code == 3
    error = done.cases()["hello"]["error"]
    assert "gpt-4o-2024-08-06" in error
    assert "gpt-4o-2024-11-20" in error
    assert done.cases()["hello"]["completion"]["model"] == "gpt-4o-2024-11-20"
    again = project.json()  # from the cache it is no better
    assert again.code == 3
    assert len(server.requests) == 1
    server.served_model = "my-gpt"
    unknown = project.json("--refresh")
    assert unknown.code == 0
    assert unknown.err.count("my-gpt") == 1


@pytest.mark.slow
def test_a_fallback_is_marked_and_counts_only_where_allowed(tmp_path: Path, server: Any) -> None:
    prompt = {"fallbacks": ["openai/gpt-4o-mini-2024-07-18"]}
    project = make_project(tmp_path, api_base=server.url, prompt=prompt)
    server.fail("500", "match:gpt-4o-2024-08-06")
    done = project.json()
    assert done.code == 3
    result = done.cases()["hello"]
    assert result["completion"]["fallback"] is True
    assert result["completion"]["model"] == "gpt-4o-mini-2024-07-18"
    assert "eval.allow_fallback" in result["error"]
    settings = {"providers": {"openai": {"api_base": server.url}}, "eval": {"retries": 0, "allow_fallback": True}}
    project.write("promptctl.yaml", json.dumps(settings))
    allowed = project.json()
    assert allowed.code == 0
    assert allowed.cases()["hello"]["completion"]["fallback"] is True
    server.plans.clear()
    pinned = project.json()  # the pinned model answers again, and the fallback's answer does not stand in its way
    assert pinned.cases()["hello"]["completion"]["fallback"] is False
    server.fail("400", "match:gpt-4o-2024-08-06")
    bad = project.json("--refresh")  # a bad request is bad everywhere
    assert bad.code == 3
    assert bad.cases()["hello"]["completion"] is None


def spent(server: Any) -> float:
    """What the answers the server gave cost, in USD: gpt-4o-2024-08-06 is $2.50 and $10.00 per million tokens."""
    total = 0.0
    for request in server.requests:
        usage = server.answers.chat(request.json, "")["usage"]
        total += usage["prompt_tokens"] * 2.5e-6 + usage["completion_tokens"] * 10e-6
    return total


@pytest.mark.slow
def test_a_budget_is_never_passed(tmp_path: Path, server: Any) -> None:
    server.latency_s = 0.02
    project = make_project(
        tmp_path,
        api_base=server.url,
        cases=[case(f"case-{number:03d}") for number in range(200)],
        config={"eval": {"concurrency": 64}},
        prompt={"parameters": {"max_tokens": 20}},
    )
    done = project.json("--max-cost", "0.01")
    assert done.code == 3
    assert 0.005 < spent(server) <= 0.01
    document = done.document
    assert document["status"] == "partial"
    assert isclose(document["summary"]["cost_usd"], spent(server))
    assert document["summary"]["passed"] == len(server.requests) < 200
    assert document["summary"]["errored"] == 200 - len(server.requests)
    unasked = [result for result in document["results"] if result["outcome"] == "error"]
    assert all("budget" in result["error"] and "--max-cost" in result["error"] for result in unasked)
    before = len(server.requests)
    rest = project.json("--max-cost", "5")
    assert rest.code == 0
    assert len(server.requests) == 200
    assert rest.document["summary"]["completions"] == {
        "live": 200 - before,
        "cached": before,
        "recorded": 0,
        "given": 0,
    }
    nothing = project.json("--max-cost", "0", "--refresh")
    assert nothing.code == 3
    assert len(server.requests) == 200


@pytest.mark.slow
def test_requests_a_minute_are_kept(tmp_path: Path, server: Any) -> None:
    """A sliding window: as many as the minute may hold go at once, the next waits for the first to leave it."""
    settings = {
        "providers": {"openai": {"api_base": server.url, "rpm": 4}},
        "eval": {"total_timeout_s": 2, "retries": 0},
    }
    project = make_project(tmp_path, api_base=server.url, cases=FIVE, config=settings)
    done = project.json()
    assert done.code == 3
    assert len(server.requests) == 4
    assert server.requests[-1].at - server.requests[0].at < 1
    assert [result["outcome"] for result in done.document["results"]].count("pass") == 4
    zero = make_project(
        tmp_path / "zero", api_base=None, config={"providers": {"openai": {"api_base": server.url, "rpm": 0}}}
    ).eval()
    assert zero.code in (2, 3)
    assert "rpm" in zero.out + zero.err
    assert len(server.requests) == 4


@pytest.mark.slow
def test_tokens_a_minute_are_kept(tmp_path: Path, server: Any) -> None:
    settings = {
        "providers": {"openai": {"api_base": server.url, "tpm": 75}},
        "eval": {"total_timeout_s": 2, "retries": 0},
    }
    prompt = {"parameters": {"max_tokens": 40}}
    project = make_project(tmp_path, api_base=server.url, cases=FIVE, config=settings, prompt=prompt)
    done = project.json()
    assert done.code == 3
    used = done.document["summary"]["input_tokens"] + done.document["summary"]["output_tokens"]
    assert 1 < len(server.requests) < 5
    assert used <= 75
