"""Retrieval measured end to end: what the case gives, what the system under test returned, and freshness in a replay."""

from __future__ import annotations

import math
import subprocess
from pathlib import Path

import pytest
from tests.cli.eval_projects import case, console_script, environment, lines, make_project

REPOSITORY = Path(__file__).resolve().parents[2]
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


CLAIMS = ("faithfulness", "answer-relevance", "context-precision", "context-recall")
JUDGE = """
rules:
  - when: {system: keeps to its sources, user: The answer is nonsense}
    reply: Everything is fine with this answer.
  - when: {system: keeps to its sources, user: "(?s)It costs nothing"}
    reply: {claims: [{claim: It costs nothing, verdict: unsupported, reason: no passage speaks of a price}]}
  - when: {system: keeps to its sources}
    reply: {claims: [{claim: a, verdict: supported}, {claim: b, verdict: supported}, {claim: c, verdict: supported}]}
  - when: {system: statement by statement. Whether it is right}
    reply: {claims: [{claim: a, verdict: supported}, {claim: b, verdict: unsupported}]}
  - when: {system: help to answer a question, user: "(?s)Reference answer:.*Under Settings.*Passage 2 of 2:.*Settings"}
    reply: {claims: [{claim: faxes, verdict: unsupported}, {claim: the menu, verdict: supported}]}
  - when: {system: what a good answer needs, user: "(?s)Reference answer:.*Under Settings.*Passages:.*Ask by fax"}
    reply: {claims: [{claim: Under Settings, verdict: supported}, {claim: In red, verdict: unsupported}]}
"""


@pytest.mark.slow
def test_the_judges_of_claims_that_come_along_judge_claim_by_claim(tmp_path: Path) -> None:
    context = [OLD, FRESH]
    said = {"one": "Under Settings, in red.", "two": "It costs nothing.", "three": "The answer is nonsense."}
    project = make_project(
        tmp_path,
        api_base="http://127.0.0.1:9/v1",
        cases=[
            case("one", *CLAIMS, said="Where?", context=context, expected_output="Under Settings, in red."),
            case("two", "faithfulness", said="How much?", context=context),
            case("three", "faithfulness", said="Why?", context=context),
            case("four", "faithfulness", said="Why?"),
        ],
    )
    project.write("scripted/judge.yaml", JUDGE)
    added = [console_script(), "judge", "add", *CLAIMS, "--model", "scripted/judge.yaml"]
    subprocess.run(added, cwd=tmp_path, env=environment(), check=True, capture_output=True)
    project.write("o.jsonl", lines(*({"case": id_, "output": text} for id_, text in (said | {"four": "x"}).items())))
    done = project.json("--outputs", "o.jsonl")
    assert done.code == 1, done.err
    found = {
        (name, one["type"]): (one["outcome"], one["score"], one["reason"])
        for name, result in done.cases().items()
        for one in result["assertions"]
    }
    assert found == {
        ("one", "faithfulness"): ("pass", 1.0, "all 3 claims are supported"),
        ("one", "answer-relevance"): ("pass", 0.5, '1 of 2 statements is not relevant: "b"'),
        ("one", "context-precision"): ("pass", 0.5, '1 of 2 passages is not relevant: "kb-7"'),
        ("one", "context-recall"): ("fail", 0.5, '1 of 2 statements is not attributable: "In red"'),
        ("two", "faithfulness"): (
            "fail", 0.0, '1 of 1 claim is not supported: "It costs nothing" (no passage speaks of a price)',
        ),
        ("three", "faithfulness"): (
            "error", None, 'faithfulness (scripted/judge.yaml): the judge gave no list of claims: "Everything is fine with this answer."',
        ),
        ("four", "faithfulness"): (
            "error", None, "there is nothing to check against: the context is empty, or neither the case nor the system "
            "under test gave one",
        ),
    }  # fmt: skip
    metrics = done.document["summary"]["metrics"]
    assert metrics["faithfulness"] == 0.5  # of one and two, each once; three claims of four would be 0.75
    asked = done.cases()["four"]["assertions"][0]
    assert "calls" not in asked or not asked["calls"]


def test_the_golden_set_of_the_page_does_what_the_page_says(tmp_path: Path) -> None:
    page = REPOSITORY / "docs" / "retrieval.md"
    if not page.is_file():
        pytest.skip("docs/retrieval.md is not here: the tests run outside of the repository")
    golden = page.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    project = make_project(tmp_path, api_base="http://127.0.0.1:9/v1")
    project.write("golden/bot.yaml", golden.replace("    - faithfulness\n", ""))
    project.write("o.jsonl", lines({"case": "reset-password", "output": "Open Settings."}))
    done = project.json("--outputs", "o.jsonl")
    assert done.code == 0, done.err
    recall, ndcg, _ = done.cases()["reset-password"]["assertions"]
    assert recall["detail"]["places"] == [1, 3]
    assert ndcg["score"] == pytest.approx((3 + 1 / 2) / (3 + 1 / math.log2(3)))
    metrics = done.document["summary"]["metrics"]
    assert (metrics["retrieval_recall"], metrics["retrieval_ndcg"]) == (1, ndcg["score"])
    project.write("golden/bot.yaml", golden)
    missing = project.json("--outputs", "o.jsonl")
    assert missing.code == 2
    assert "'promptctl judge add faithfulness' writes it" in missing.err
