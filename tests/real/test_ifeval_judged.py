"""IFEval's real answers through a scripted judge, end to end: eval, people's labels, audit.

The reference checkers' verdicts stand for people. The judge agrees with them but for every seventh answer, so that
everything an audit says of it can be counted by hand.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import console_script, environment

from promptctl.model.label import Label, Material
from promptctl.stats.agreement import Confusion, reliability
from promptctl.text.labels import encode_labels, item_of

PUBLISHED = 416  # of 541 prompts, strict (Zhou et al. 2023, arXiv 2311.07911)
RUBRIC = "Follows every verifiable instruction of the prompt."


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def pattern(keys: list[int]) -> str:
    return rf"\[prompt (?:{'|'.join(map(str, keys))})\]"


def run(root: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [console_script(), *arguments, "--format", "json"],
        cwd=root,
        env=environment(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


@pytest.mark.slow
def test_real_answers_are_judged_and_the_judge_is_measured(shared_data: Path, tmp_path: Path) -> None:
    data = shared_data / "ifeval"
    cases = {one["key"]: one for one in rows(data / "cases.jsonl")}
    answers = {one["key"]: one["response"] for one in rows(data / "responses.gpt-4.20231107.jsonl")}
    truth = {one["key"]: all(one["strict"]) for one in rows(data / "expected.reference_checker.jsonl")}
    assert (len(truth), sum(truth.values())) == (541, PUBLISHED)
    said = {key: truth[key] is not (number % 7 == 0) for number, key in enumerate(sorted(truth))}
    _project(tmp_path, cases, [key for key, passes in said.items() if not passes])
    lines = [{"case": str(key), "output": answers[key]} for key in cases]
    (tmp_path / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    code, document = run(tmp_path, "eval", "--outputs", "answers.jsonl")
    assert code == 1
    outcomes = {int(one["case"]): one["outcome"] for one in document["results"]}
    assert outcomes == {key: "pass" if passes else "fail" for key, passes in said.items()}
    assert document["summary"]["metrics"]["judge_score"] == pytest.approx(sum(said.values()) / 541)
    assert document["summary"]["cost_usd"] is None  # answers that were given have no price
    assert document["summary"]["judge_cost_usd"] > 0

    labels = [_label(cases[key], answers[key], "pass" if truth[key] else "fail") for key in cases]
    (tmp_path / "judges/follows.labels.jsonl").write_bytes(encode_labels(labels))
    code, audit = run(tmp_path, "judge", "audit", "follows", "--offline")
    assert code == 0, audit
    table = Counter((truth[key], said[key]) for key in truth)
    expected = reliability(Confusion(table[True, True], table[True, False], table[False, True], table[False, False]))
    assert expected.tnr == pytest.approx(table[False, False] / 125)
    text = json.dumps(audit)
    for figure in (expected.tpr, expected.tnr, expected.kappa, expected.ac1, expected.tnr_lower):
        assert any(abs(figure - one) < 1e-9 for one in _numbers(audit)), (figure, text[:2000])


def _project(root: Path, cases: dict[int, dict[str, Any]], failing: list[int]) -> None:
    for folder in ("prompts", "golden", "judges", "scripted"):
        (root / folder).mkdir()
    (root / "prompts/bot.yaml").write_text("model: openai/gpt-4-0613\nversion: 1.0.0\nuser_prompt: '{{ text }}'\n")
    golden = [
        {"id": str(key), "input": f"[prompt {key}] {case['prompt']}", "rubric": RUBRIC} for key, case in cases.items()
    ]
    (root / "golden/bot.yaml").write_text(json.dumps({"prompt": "bot", "cases": golden}))
    (root / "judges/follows.yaml").write_text(
        "model: scripted/judge.yaml\nversion: 1.0.0\nscale: pass/fail\nsystem_prompt: Does the answer meet the rubric?\n"
        'user_prompt: "<rubric>{{ rubric }}</rubric>{{ question }}{{ output }}"\n'
    )
    script = {
        "prices": {"input": 1, "output": 1},
        "rules": [{"when": {"user": pattern(failing)}, "reply": {"reason": "one is not followed", "score": "fail"}}],
        "default": {"reply": {"reason": "all are followed", "score": "pass"}},
    }
    (root / "scripted/judge.yaml").write_text(json.dumps(script))


def _label(case: dict[str, Any], answer: str, label: str) -> Label:
    material = Material(rubric=RUBRIC, output=answer, input={"text": f"[prompt {case['key']}] {case['prompt']}"})
    return Label(
        item_of(material), "bot", str(case["key"]), 0, material, label, "reference", "2026-11-01T10:00:00+00:00"
    )


def _numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [one for item in value.values() for one in _numbers(item)]
    if isinstance(value, list):
        return [one for item in value for one in _numbers(item)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []
