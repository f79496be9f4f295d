"""Judges that misbehave: they hang, talk nonsense, cost more than what they judge, and are shown a megabyte."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import MODEL, Project, loopback, make_project

NONSENSE = "As a judge I find that the moon is in the seventh house."


def text(body: Mapping[str, Any]) -> str:
    return str(body["messages"][-1]["content"])


def is_judge(body: Mapping[str, Any]) -> bool:
    return any("to be judged" in str(one["content"]) for one in body["messages"] if one["role"] == "system")


def model(body: Mapping[str, Any]) -> str:
    """Echoes; as a judge it talks nonsense about every tenth answer."""
    if not is_judge(body):
        return f"You said: {text(body)}"
    return NONSENSE if "0 please" in text(body) else json.dumps({"reason": "it repeats what was said", "score": 5})


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with loopback() as server:
        yield server


@pytest.fixture
def server(shared: Any) -> Any:
    shared.reset()
    shared.answers.reply = model
    return shared


def project_of(tmp_path: Path, url: str, count: int, **more: Any) -> Project:
    cases = [{"id": f"c{n:02}", "input": f"{n} please", "rubric": "Repeats it."} for n in range(count)]
    made = make_project(tmp_path, api_base=url, cases=more.pop("cases", cases), **more)
    made.write(
        "judges/fair.yaml",
        f"model: {MODEL}\nversion: 1.0.0\nscale: 1-5\nsystem_prompt: {'Judge with care. ' * 50}\n"
        'user_prompt: "<rubric>{{ rubric }}</rubric>{{ output }}"\n',
    )
    return made


def test_nonsense_for_a_tenth_is_an_error_for_a_tenth_with_the_raw_text(tmp_path: Path, server: Any) -> None:
    project = project_of(tmp_path, server.url, 40)
    done = project.json()
    assert done.code == 3
    results = done.cases()
    assert Counter(one["outcome"] for one in results.values()) == {"pass": 36, "error": 4}
    broken = [one["assertions"][0] for one in results.values() if one["outcome"] == "error"]
    assert {one["reason"] for one in broken} == {f'fair ({MODEL}): the judge gave no verdict: "{NONSENSE}"'}
    assert {one["calls"][0]["output"] for one in broken} == {NONSENSE}
    summary = done.document["summary"]
    assert (summary["passed"], summary["errored"], summary["pass_rate"]) == (36, 4, 0.9)
    assert summary["metrics"]["judge_score"] == 1.0  # of those that were judged; the errors are counted beside it


def test_both_costs_are_shown_apart(tmp_path: Path, server: Any) -> None:
    project = project_of(tmp_path, server.url, 2)
    project.eval()
    done = project.json()
    summary = done.document["summary"]
    assert summary["judge_cost_usd"] > summary["cost_usd"] > 0
    shown = project.eval("--refresh")
    assert f"${summary['cost_usd']:.4f} answers, ${summary['judge_cost_usd']:.4f} judges" in shown.out


def test_a_judge_that_hangs_is_an_error_of_its_case_alone(tmp_path: Path, server: Any) -> None:
    project = project_of(tmp_path, server.url, 5, config={"eval": {"timeout_s": 1, "retries": 0}})
    server.fail("hang", "match:Judge with care")
    begun = time.monotonic()
    done = project.json()
    assert time.monotonic() - begun < 20
    assert done.code == 3
    assert {one["outcome"] for one in done.cases().values()} == {"error"}
    assert "did not answer within 1 s" in done.cases()["c01"]["assertions"][0]["reason"]
    server.reset()
    server.answers.reply = model
    again = project.json()
    assert Counter(one["outcome"] for one in again.cases().values()) == {"pass": 4, "error": 1}  # c00 is nonsense
    assert all(is_judge(one.json) for one in server.requests)  # the answers were paid for


def test_a_context_of_a_megabyte_is_judged(tmp_path: Path, server: Any) -> None:
    passage = "The quick brown fox jumps over the lazy dog. " * 2300
    cases = [
        {
            "id": "big",
            "input": "1 please",
            "context": [passage] * 10,
            "assertions": [{"judge": {"rubric": "R", "judge": "big"}}],
        }
    ]
    project = project_of(tmp_path, server.url, 1, cases=cases)
    project.write(
        "judges/big.yaml",
        f"model: {MODEL}\nversion: 1.0.0\nscale: 1-5\nsystem_prompt: Judge.\ninputs: {{rubric: {{}}, output: {{}}, context: {{type: array}}}}\n"
        "user_prompt: |\n  <rubric>{{ rubric }}</rubric>{% for one in context %}{{ one }}{% endfor %}\n  {{ output }}\n",
    )
    begun = time.monotonic()
    done = project.json("--max-cost", "100")
    assert time.monotonic() - begun < 30
    assert done.code == 0, done.out[:2000] + done.err
    [judged] = [one for one in server.requests if is_judge(one.json)]
    assert len(judged.body) > 1_000_000
    assert len(done.out) < 20_000  # the run document does not repeat the context


def test_a_judge_that_another_snapshot_answers_for_is_an_error_and_is_paid_for(tmp_path: Path, server: Any) -> None:
    project = project_of(tmp_path, server.url, 1, cases=[{"id": "one", "input": "1 please", "rubric": "Repeats it."}])
    assert project.json().code == 0
    server.fail("model:gpt-4o-2024-05-13", "match:Judge with care")
    done = project.json("--refresh")
    [assertion] = done.cases()["one"]["assertions"]
    assert (done.code, assertion["outcome"]) == (3, "error")
    assert "gpt-4o-2024-05-13 answered: another snapshot than the pinned one" in assertion["reason"]
    assert assertion["calls"][0]["cost_usd"] > 0
    assert done.document["summary"]["judge_cost_usd"] > 0
