"""Retrieval measured end to end: what the case gives, what the system under test returned, and freshness in a replay."""

from __future__ import annotations

from pathlib import Path

from tests.cli.eval_projects import case, lines, make_project

FRESH = {"id": "kb-1", "text": "Settings > Security.", "updated_at": "2026-11-01"}
OLD = {"id": "kb-7", "text": "Ask by fax.", "updated_at": "2009-01-01"}


def test_the_context_of_the_case_or_of_its_answer_is_measured_and_kept_in_the_document(tmp_path: Path) -> None:
    retrieval = ({"recall-at-k": {"k": 2}}, "mrr", {"context-fresh": {"value": 365, "as_of": "2026-11-30"}})
    expected = {"expected_context": ["kb-1"]}
    project = make_project(
        tmp_path,
        api_base="http://127.0.0.1:9/v1",
        cases=[
            case("given", *retrieval, context=[FRESH, OLD], metadata=expected),
            case("returned", *retrieval, context=[OLD], metadata=expected),
            case("none", *retrieval, metadata=expected),
        ],
    )
    project.write(
        "o.jsonl",
        lines(
            {"case": "given", "output": "x"},
            {"case": "returned", "output": "x", "context": [FRESH, "A text without an id."]},
            {"case": "none", "output": "kb-1"},
        ),
    )
    done = project.json("--outputs", "o.jsonl")
    assert done.code == 1
    found = {name: [one["outcome"] for one in result["assertions"]] for name, result in done.cases().items()}
    assert found == {
        "given": ["pass", "pass", "fail"],
        "returned": ["pass", "pass", "error"],
        "none": ["fail", "fail", "error"],
    }
    recall, _, fresh = done.cases()["given"]["assertions"]
    assert (recall["score"], recall["detail"]["found"], recall["detail"]["retrieved"]) == (1.0, ["kb-1"], 2)
    assert [one["passage"] for one in fresh["detail"]["stale"]] == ["kb-7"]
    assert "kb-7 (6542 days)" in fresh["reason"]


def test_expected_passages_that_nobody_gave_are_told_before_anything_is_asked(tmp_path: Path) -> None:
    project = make_project(tmp_path, api_base="http://127.0.0.1:9/v1", cases=[case("a", {"recall-at-k": {"k": 2}})])
    done = project.json()
    assert done.code == 2
    assert "golden/bot.yaml:" in done.err
    assert "recall-at-k: no passages are expected" in done.err
