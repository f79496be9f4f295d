"""The run document of `eval --format json` and of runs/<id>/run.json: its shape, its sums, its samples, its filters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import isclose
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.cli.eval_projects import MODEL, Document, Project, case, lines, loopback, make_project


def _object(**properties: Any) -> Document:
    """Every named key has to be there; others may be."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _or_null(schema: Document) -> Document:
    return {"anyOf": [schema, {"type": "null"}]}


TEXT, COUNT, FLAG = {"type": "string"}, {"type": "integer", "minimum": 0}, {"type": "boolean"}
AMOUNT = {"type": "number", "minimum": 0}
RATE = {"type": "number", "minimum": 0, "maximum": 1}
DIGEST = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"}
SOURCES = {"enum": ["live", "cached", "recorded", "given"]}
SUMMARY = _object(
    cases=COUNT,
    samples=COUNT,
    passed=COUNT,
    failed=COUNT,
    errored=COUNT,
    pass_rate=_or_null(RATE),
    pass_rate_interval=_or_null({"type": "array", "items": RATE, "minItems": 2, "maxItems": 2}),
    metrics={"type": "object", "additionalProperties": {"type": "number"}},
    cost_usd=_or_null(AMOUNT),
    judge_cost_usd=_or_null(AMOUNT),
    unpriced={"type": "array", "items": TEXT},
    input_tokens=_or_null(COUNT),
    output_tokens=_or_null(COUNT),
    latency_s=_object(p50=_or_null(AMOUNT), p95=_or_null(AMOUNT)),
    completions=_object(live=COUNT, cached=COUNT, recorded=COUNT, given=COUNT),
)
ASSERTION = _object(
    type=TEXT,
    name=_or_null(TEXT),
    digest=DIGEST,
    outcome={"enum": ["pass", "fail", "error", "skip"]},
    score=_or_null(RATE),
    threshold=_or_null({"type": "number"}),
    reason=TEXT,
)
COMPLETION = _object(
    output=TEXT,
    tool_calls={"type": "array"},
    model=_or_null(TEXT),
    finish_reason=_or_null(TEXT),
    input_tokens=_or_null(COUNT),
    output_tokens=_or_null(COUNT),
    cost_usd=_or_null(AMOUNT),
    latency_s=_or_null(AMOUNT),
    source=SOURCES,
    attempts={"type": "integer", "minimum": 1},
    fallback=FLAG,
)
RESULT = _object(
    prompt=TEXT,
    case=TEXT,
    case_digest=DIGEST,
    request_digest=_or_null(DIGEST),
    sample=COUNT,
    tags={"type": "array", "items": TEXT},
    outcome={"enum": ["pass", "fail", "error"]},
    score=_or_null(RATE),
    error=_or_null(TEXT),
    assertions={"type": "array", "items": ASSERTION},
    completion=_or_null(COMPLETION),
)
RUN = _object(
    version={"const": 1},
    kind={"const": "run"},
    id=TEXT,
    status={"enum": ["complete", "interrupted", "partial"]},
    provenance=_object(
        promptctl=TEXT, litellm=_or_null(TEXT), commit=_or_null(TEXT), dirty=FLAG, started_at=TIME, duration_s=AMOUNT
    ),
    summary=SUMMARY,
    prompts={
        "type": "array",
        "items": _object(
            name=TEXT,
            version=_or_null(TEXT),
            path=TEXT,
            model=TEXT,
            prompt_digest=DIGEST,
            golden_digest=DIGEST,
            summary=SUMMARY,
        ),
    },
    results={"type": "array", "items": RESULT},
)


def check(document: Document) -> None:
    """The document has the shape of the contract and its counts are those of its own results."""
    jsonschema.validate(document, RUN)
    _sums(document["summary"], document["results"])
    for prompt in document["prompts"]:
        _sums(prompt["summary"], [result for result in document["results"] if result["prompt"] == prompt["name"]])


def _sums(summary: Document, results: list[Document]) -> None:
    assert summary["samples"] == len(results)
    assert summary["cases"] == len({(result["prompt"], result["case"]) for result in results})
    assert summary["passed"] + summary["failed"] + summary["errored"] == summary["cases"]
    assert summary["pass_rate"] == (summary["passed"] / summary["cases"] if summary["cases"] else None)
    completions = [result["completion"] for result in results if result["completion"]]
    for source, count in summary["completions"].items():
        assert count == sum(completion["source"] == source for completion in completions)
    costs = [completion["cost_usd"] for completion in completions]
    if costs and None not in costs:
        assert isclose(summary["cost_usd"], sum(costs))
    else:
        assert summary["cost_usd"] is None


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


def test_a_run_with_every_outcome(tmp_path: Path, server: Any) -> None:
    cases = [
        case("good", {"contains": "good"}, {"word-count": {"max": 9, "name": "short"}}, tags=["x"]),
        case("bad", {"contains": "absent"}, {"icontains": "BAD"}, tags=["x", "y"]),
        case("broken", {"python": "boom.py:boom"}),
        case("lost"),
        case("bare", {"contains": "bare"}),
    ]
    cases[-1]["assertions"] = []
    project = make_project(tmp_path, api_base=server.url, cases=cases)
    project.write("boom.py", "def boom(output, context):\n    raise ValueError('the check broke')\n")
    server.fail("400", "match:lost")
    done = project.json()
    document = done.document
    check(document)
    assert done.code == 1
    assert document["status"] == "complete"
    cases_by_id = done.cases()
    assert {name: result["outcome"] for name, result in cases_by_id.items()} == {
        "good": "pass", "bad": "fail", "broken": "error", "lost": "error", "bare": "error",
    }  # fmt: skip
    assert [result["case"] for result in document["results"]] == ["good", "bad", "broken", "lost", "bare"]
    assert "the check broke" in cases_by_id["broken"]["assertions"][0]["reason"]
    assert cases_by_id["broken"]["assertions"][0]["score"] is None
    assert cases_by_id["lost"]["completion"] is None
    assert "the server says 400" in cases_by_id["lost"]["error"]
    assert cases_by_id["bare"]["error"] == "nothing was asserted: the case has no assertions"
    summary = document["summary"]
    assert (summary["cases"], summary["passed"], summary["failed"], summary["errored"]) == (5, 1, 1, 3)
    assert summary["pass_rate"] == 0.2
    low, high = summary["pass_rate_interval"]
    assert isclose(low, 0.0362, abs_tol=5e-4)  # Wilson's interval of 1 in 5
    assert isclose(high, 0.6245, abs_tol=5e-4)
    assert summary["metrics"]["short"] == 1.0
    assert summary["metrics"]["pass_rate[x]"] == 0.5
    assert summary["metrics"]["pass_rate[y]"] == 0.0
    assert document["prompts"][0]["model"] == MODEL
    assert document["provenance"]["litellm"] is None
    assert document["provenance"]["commit"] is None
    stored = project.run_files("run.json")[-1]
    assert json.loads(stored.read_text()) == document
    assert stored.parent.name == document["id"]


def test_an_unknown_price_is_null_and_named(tmp_path: Path, server: Any) -> None:
    project = make_project(
        tmp_path, api_base=server.url, cases=[case("a"), case("b")], prompt={"model": "openai/nobody-2024-01-01"}
    )
    done = project.json()
    check(done.document)
    assert done.code == 0
    assert done.document["summary"]["cost_usd"] is None
    assert done.document["summary"]["unpriced"] == ["openai/nobody-2024-01-01"]
    assert done.err.count("no price is known for openai/nobody-2024-01-01") == 1
    explicit = project.json("--max-cost", "1", "--refresh")
    assert explicit.code == 2
    assert "prices:" in explicit.err
    assert "openai/nobody-2024-01-01" in explicit.err
    assert len(server.requests) == 2
    project.write(
        "promptctl.yaml",
        json.dumps(
            {
                "providers": {"openai": {"api_base": server.url}},
                "prices": {"openai/nobody-2024-01-01": {"input": 1.0, "output": 2.0}},
            }
        ),
    )
    priced = project.json("--max-cost", "1", "--refresh")
    assert priced.code == 0
    summary = priced.document["summary"]
    assert isclose(summary["cost_usd"], summary["input_tokens"] * 1e-6 + summary["output_tokens"] * 2e-6)
    assert summary["unpriced"] == []


def samples_file(**said: str) -> str:
    """One line for each letter: p passes, f fails, e is an error."""
    made = []
    for name, letters in said.items():
        for number, letter in enumerate(letters):
            answer = {"error": "it broke"} if letter == "e" else {"output": "yes" if letter == "p" else "no"}
            made.append({"case": name, "sample": number, **answer})
    return lines(*made)


def test_samples_make_a_case(tmp_path: Path) -> None:
    def one(name: str, pass_if: Any) -> Document:
        return case(name, {"contains": "yes"}, pass_if=pass_if)

    cases = [
        one("all-yes", "all"), one("all-no", "all"), one("all-open", "all"),
        one("most-yes", "majority"), one("most-no", "majority"), one("most-open", "majority"),
        one("any-yes", "any"), one("any-no", "any"), one("any-open", "any"),
        one("two-yes", 2), one("two-no", 2), one("two-open", 2), one("half", "majority"),
    ]  # fmt: skip
    project = make_project(tmp_path, api_base=None, cases=cases)
    said = {
        "all-yes": "ppp", "all-no": "ppf", "all-open": "ppe",
        "most-yes": "ppf", "most-no": "pff", "most-open": "pef",
        "any-yes": "fpe", "any-no": "fff", "any-open": "ffe",
        "two-yes": "ppe", "two-no": "pff", "two-open": "pef", "half": "pf",
    }  # fmt: skip
    project.write("o.jsonl", samples_file(**said))
    done = project.json("--outputs", "o.jsonl")
    check(done.document)
    assert done.code == 1
    assert done.document["summary"]["samples"] == 38
    assert (
        done.document["summary"]["passed"], done.document["summary"]["failed"], done.document["summary"]["errored"]
    ) == (4, 5, 4)  # fmt: skip
    only = {name: project.json("--outputs", "o.jsonl", "--case", name).code for name in ("all-open", "any-yes", "half")}
    assert only == {"all-open": 3, "any-yes": 0, "half": 1}


def test_samples_are_asked_for(tmp_path: Path, server: Any) -> None:
    project = make_project(
        tmp_path, api_base=server.url, cases=[case("one"), case("three", samples=3)], config={"eval": {"samples": 2}}
    )
    done = project.json()
    check(done.document)
    assert [(result["case"], result["sample"]) for result in done.document["results"]] == [
        ("one", 0), ("one", 1), ("three", 0), ("three", 1), ("three", 2),
    ]  # fmt: skip
    assert len(server.requests) == 5
    more = project.json("--samples", "4")
    assert len(more.document["results"]) == 8
    assert len(server.requests) == 8
    assert more.document["summary"]["completions"] == {"live": 3, "cached": 5, "recorded": 0, "given": 0}


@pytest.fixture
def four(tmp_path: Path) -> Project:
    """Three of four cases pass; the one that fails is tagged y."""
    cases = [case("a", tags=["critical"]), case("b", tags=["x"]), case("c", tags=["x", "y"]), case("d", tags=["y"])]
    project = make_project(tmp_path, api_base=None, cases=cases)
    project.write("o.jsonl", lines(*({"case": name, "output": name if name != "d" else "no"} for name in "abcd")))
    return project


def test_a_minimum_rate_decides(four: Project) -> None:
    for rate, code in (("0.75", 0), ("0.76", 1), ("0", 0), ("1", 1)):
        assert four.eval("--outputs", "o.jsonl", "--min-pass-rate", rate).code == code, rate
    four.write("promptctl.yaml", json.dumps({"eval": {"min_pass_rate": 0.5}}))
    assert four.eval("--outputs", "o.jsonl").code == 0
    four.write("promptctl.yaml", json.dumps({"eval": {"min_pass_rate": 0.5}, "gate": {"must_pass": ["y"]}}))
    done = four.eval("--outputs", "o.jsonl")
    assert done.code == 1
    assert "1 case tagged y failed: d" in done.out
    assert "1.5" in four.eval("--outputs", "o.jsonl", "--min-pass-rate", "1.5").err


def test_a_minimum_rate_never_hides_an_error(four: Project) -> None:
    four.write("o.jsonl", lines(*({"case": name, "output": name} for name in "abc")))
    assert four.eval("--outputs", "o.jsonl", "--min-pass-rate", "0.5").code == 3


def test_filters_choose_cases(four: Project) -> None:
    def chosen(*arguments: str) -> list[str]:
        document = four.json("--outputs", "o.jsonl", *arguments).document
        check(document)
        return [result["case"] for result in document["results"]]

    assert chosen("--tag", "x") == ["b", "c"]
    assert chosen("--tag", "x", "--tag", "critical") == ["a", "b", "c"]
    assert chosen("--case", "d", "--case", "a") == ["a", "d"]
    assert chosen("--tag", "y", "--case", "c") == ["c"]
    for arguments, hint in (
        (("--tag", "critcal"), "did you mean 'critical'?"),
        (("--case", "z"), "a, b, c, d"),
        (("--tag", "x", "--case", "a"), "together"),
    ):
        done = four.eval("--outputs", "o.jsonl", *arguments)
        assert done.code == 4
        assert hint in done.err
