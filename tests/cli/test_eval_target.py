"""`promptctl eval` and its neighbours on prompts with a target: the system goes the way a model goes."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from eval_projects import Finished, Project, console_script, environment, make_project
from target_systems import System

BOT = """
from app.kb import find

def answer(payload):
    question = payload["input"]["question"]
    with open("asked.txt", "a") as log: log.write(question + "\\n")
    if question == "crash": raise RuntimeError("no such page")
    return {"output": f"You said {question}", "context": find(question),
            "model": "gpt-4o-2024-08-06", "usage": {"input_tokens": 10, "output_tokens": 5, "cost_usd": 0.25}, "request_id": payload["request_id"]}

def leaks(payload):
    import os
    if payload["input"]["question"] == "slow":
        import time
        time.sleep(30)
    return {"output": "You said " + payload["input"]["question"], "context": [{"text": os.environ["BOT_TOKEN"]}]}
"""
TARGET = "app/bot.py:answer"


def cases(*questions: str) -> list[dict[str, Any]]:
    return [
        {"id": one, "input": one, "assertions": [{"contains": one}, {"python": "checks.py:grounded"}]}
        for one in questions
    ]


def project_with(
    root: Path, target: Any, questions: Sequence[str] = ("one", "two"), config: Any = None, **prompt: Any
) -> Project:
    more = {
        "target": target,
        "model": None,
        "system_prompt": None,
        "inputs": {"question": {"type": "string"}},
        **prompt,
    }
    made = make_project(root, api_base=None, cases=cases(*questions), prompt=more, config=config)
    made.write("app/bot.py", BOT)
    made.write("app/kb.py", "def find(q): return [{'id': 'p', 'text': 'about ' + q}]\n")
    made.write("checks.py", "def grounded(output, context): return bool(context['context'])\n")
    return made


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return project_with(tmp_path / "project", TARGET)


def asked(project: Project) -> list[str]:
    """What the function was asked so far."""
    log = project.root / "asked.txt"
    return sorted(log.read_text().split()) if log.exists() else []


def errors(done: Finished) -> dict[str, tuple[str, str]]:
    """Kind and text of every case's error."""
    return {name: (row["error_kind"], row["error"]) for name, row in done.cases().items() if row["outcome"] == "error"}


def test_a_system_is_judged_with_the_context_it_returned_and_paid_once(project: Project) -> None:
    done = project.json()
    assert done.code == 0, done.out + done.err
    document = done.document
    assert document["prompts"][0]["model"] == "target/python:app/bot.py:answer"
    row = done.cases()["one"]
    assert row["completion"]["context"] == [{"id": "p", "text": "about one"}]
    assert (row["completion"]["input_tokens"], row["completion"]["cost_usd"]) == (10, 0.25)
    assert document["summary"]["cost_usd"] == 0.5
    assert row["completion"]["model"] == "gpt-4o-2024-08-06"
    assert "gpt-4o" not in done.err  # which model the system used is its own affair
    assert document["provenance"]["litellm"] is None  # nothing of a model's road is needed
    again = project.json()
    assert again.document["summary"]["completions"]["cached"] == 2
    assert asked(project) == ["one", "two"]
    (trace, *_) = project.traces()
    assert trace["gen_ai.provider.name"] == "target"
    live = json.loads(project.run_files("traces.jsonl")[0].read_text().splitlines()[0])
    assert live["promptctl.target.payload"]["input"]["question"] in ("one", "two")


def test_what_the_case_hands_to_a_system_is_never_scored_as_what_it_retrieved(tmp_path: Path) -> None:
    """`context` of the case is the system's input: to score it would be a green retrieval of a system that searched nothing."""
    project = project_with(tmp_path / "project", {"python": "app/rag.py:answer"})
    found = {"none": {}, "null": {"context": None}, "empty": {"context": []}, "right": {"context": [{"id": "kb-1"}]}}
    project.write(
        "app/rag.py", f"def answer(asked): return {{'output': 'Yes', **{found!r}[asked['input']['question']]}}\n"
    )
    retrieval = [{"recall-at-k": "kb-1"}, {"not-mrr": "kb-1"}, {"context-fresh": {"value": 9, "as_of": "2026-11-30"}}]
    given = [{"id": "kb-1", "date": "2026-11-30"}]
    judged = [*retrieval, {"python": "checks.py:grounded"}]
    rows = [{"id": one, "input": one, "context": given, "assertions": judged} for one in found]
    project.write("golden/bot.yaml", json.dumps({"cases": rows}))
    done = project.json()
    assert done.code == 1
    null = done.cases()["null"]
    assert (null["outcome"], null["error_kind"]) == ("error", "malformed")
    assert "gave null as `context`; where it found nothing it says []" in null["error"]
    outcomes = {name: [one["outcome"] for one in row["assertions"]] for name, row in done.cases().items()}
    assert outcomes["none"] == ["error", "error", "error", "pass"]  # code may see what the system was handed
    assert outcomes["empty"][:2] == ["fail", "pass"]
    assert outcomes["right"][:2] == ["pass", "fail"]
    assert done.cases()["none"]["assertions"][0]["reason"] == (
        "the system under test gave no context, and the case's own is not scored in its place; "
        'a target returns {"output": ..., "context": [...]}'
    )
    assert done.document["summary"]["metrics"]["retrieval_recall"] == 0.5  # of the two that said what they found


def test_an_edit_of_what_the_code_imports_asks_anew_and_another_does_not(project: Project) -> None:
    project.eval()
    project.write("app/unrelated.py", "x = 1\n")
    assert project.json().document["summary"]["completions"]["cached"] == 2
    project.write("app/kb.py", "def find(q): return []\n")
    done = project.json()
    assert done.document["summary"]["completions"]["live"] == 2
    assert done.cases()["one"]["outcome"] == "fail"
    assert asked(project) == ["one", "one", "two", "two"]


def test_a_crash_is_an_error_of_its_case_alone_and_is_not_tried_again(tmp_path: Path) -> None:
    project = project_with(tmp_path / "p", TARGET, ("one", "crash", "two"), config={"eval": {"retries": 3}})
    done = project.json()
    assert done.code == 3
    assert errors(done) == {"crash": ("crashed", "app/bot.py:answer raised RuntimeError: no such page at line 7")}
    assert {name for name, row in done.cases().items() if row["outcome"] == "pass"} == {"one", "two"}
    assert asked(project) == ["crash", "one", "two"]


def test_no_exec_runs_nothing_and_recordings_replay_a_system(project: Project) -> None:
    refused = project.json("--no-exec", "--case", "one")
    assert refused.code == 3
    assert errors(refused)["one"][0] == "not_run"
    assert asked(project) == []
    assert project.eval("--record").code == 0
    (line, _) = (project.root / "recordings" / "bot.jsonl").read_text().splitlines()
    written = json.loads(line)
    question = written["request"]["payload"]["input"]["question"]
    assert written["completion"]["context"] == [{"id": "p", "text": f"about {question}"}]
    done = project.json("--offline", PROMPTCTL_STATE_DIR=str(project.root / "state"))
    assert done.code == 0
    assert done.document["summary"]["completions"]["recorded"] == 2
    assert project.json("--no-exec").document["summary"]["completions"]["cached"] == 2
    assert asked(project) == ["one", "two"]


def test_what_cannot_be_is_refused_before_anything_is_asked(tmp_path: Path, project: Project) -> None:
    replaced = project.eval("--model", "openai/gpt-4o")
    assert replaced.code == 2
    assert "bot is answered by a target, which --model does not replace" in replaced.err
    budget = project.eval("--max-cost", "1")
    assert budget.code == 2
    assert "nothing says what an answer of target/python:app/bot.py:answer may cost" in budget.err
    target = {"http": "http://bot.example.com/answer", "headers_env": {"Authorization": "BOT_TOKEN", "X-Id": "BOT_ID"}}
    config = {"providers": {"target": {"api_base": "http://localhost/"}}}
    away = project_with(tmp_path / "away", target, config=config).eval(
        BOT_TOKEN="t", PROMPTCTL_ALLOW_KEYS="BOT_ID", PROMPTCTL_ALLOW_HOSTS="other.example.com"
    )
    assert away.code == 2
    for said in (
        "prompts/bot.yaml:1",
        "--allow-host bot.example.com",
        "the target wants the variable BOT_TOKEN, which the operator has not allowed",
        "PROMPTCTL_ALLOW_KEYS=BOT_TOKEN",
        "the target wants the variable BOT_ID, which is not set",
        "providers.target.api_base: a target has none",
    ):
        assert said in away.err
    assert asked(project) == []


def test_a_budget_counts_what_a_system_reports(tmp_path: Path) -> None:
    limits = {"cost_usd_per_call": 0.3}
    questions = [f"q{number}" for number in range(6)]
    known = project_with(tmp_path / "known", TARGET, questions, {"eval": {"concurrency": 1}}, limits=limits)
    done = known.json("--max-cost", "0.8")
    assert done.code == 3
    assert len(asked(known)) == 3  # the third was begun at 0.50, and 0.30 more could be paid
    assert errors(done)["q5"][0] == "budget"
    later = project_with(tmp_path / "later", TARGET, questions, {"eval": {"concurrency": 1, "max_cost_usd": 0.6}})
    later.json()
    assert len(asked(later)) == 3  # nobody knew before; 0.75 is past the default budget


def test_a_dry_run_knows_no_price_and_show_prints_what_is_handed_over(project: Project) -> None:
    forecast = project.json("--dry-run").document["prompts"][0]
    assert (forecast["calls"], forecast["worst_cost_usd"], forecast["input_tokens"]) == (2, None, None)
    shown = run(project, "show", "bot", "--format", "json").document
    assert shown["payload"]["input"] == {"question": "one"}
    assert shown["target"]["files"] == ["app/bot.py", "app/kb.py"]


def run(project: Project, *arguments: str, **env: str) -> Finished:
    """Another command in the project."""
    done = subprocess.run(
        [console_script(), *arguments],
        cwd=project.root,
        env=environment(**{**project.env, **env}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


def test_lint_and_doctor_know_of_targets(project: Project) -> None:
    (project.root / "app" / "out.py").symlink_to("/etc/hostname")
    inputs = "inputs: {question: {type: string}}"
    for name, target in (
        ("typo", "app/bot.py:anwser"),
        ("gone", "app/gone.py:answer"),
        ("out", "app/out.py:answer"),
        ("key", "{python: app/bot.py:answer, env: [A_KEY]}"),
    ):
        project.write(f"prompts/{name}.yaml", f"version: 1.0.0\ntarget: {target}\n{inputs}\n")
    linted = run(project, "lint")
    assert linted.code == 1
    assert "app/bot.py has no function 'anwser'" in linted.out
    assert "did you mean 'answer'?" in linted.out
    assert "app/gone.py: no such file" in linted.out
    assert "app/out.py: leads out of the project: it is a symbolic link to /etc/hostname" in linted.out
    assert re.findall(r"PL[12]\d\d", linted.out) == ["PL108"]
    told = run(project, "doctor").out
    assert "A_KEY, which the operator has not allowed" in told
    assert "app/gone.py: no such file" in told


def test_a_secret_in_the_context_is_not_kept_and_a_slow_answer_is_ended(tmp_path: Path) -> None:
    target = {"python": "app/bot.py:leaks", "env": ["BOT_TOKEN"], "timeout_s": 0.5}
    project = project_with(tmp_path / "p", target, ("one", "slow"))
    token = "t-0123456789abcdef"
    done = project.json(BOT_TOKEN=token, PROMPTCTL_ALLOW_KEYS="BOT_TOKEN")
    assert errors(done) == {"slow": ("timeout", "app/bot.py:leaks took more than 0.5 s and was ended")}
    assert "repeats the value of BOT_TOKEN: it is not kept" in done.err
    assert token not in done.out
    for path in project.root.rglob("*"):
        assert not path.is_file() or token.encode() not in path.read_bytes(), path


def test_an_http_system_is_asked_again_where_that_may_help_and_paced(tmp_path: Path) -> None:
    def busy_first(asked: dict[str, Any], number: int) -> tuple[int, dict[str, str], Any]:
        if number == 0:
            return 429, {"Retry-After": "0"}, {"error": "slow down"}
        if asked["input"]["question"] == "bad":
            return 422, {}, {"detail": "no such customer"}
        return 200, {}, {"output": f"You said {asked['input']['question']}", "context": ["p"]}

    with System(busy_first) as system:
        target = {"http": system.url, "headers_env": {"Authorization": "BOT_TOKEN"}}
        config = {"eval": {"retries": 2, "concurrency": 1}, "providers": {"target": {"rpm": 100}}}
        project = project_with(tmp_path / "p", target, ("one", "bad"), config)
        token = {"BOT_TOKEN": "t-0123456789abcdef", "PROMPTCTL_ALLOW_KEYS": "BOT_TOKEN"}
        done = project.json(**token)
        assert done.code == 3
        assert [one["input"]["question"] for one in system.asked] == ["one", "one", "bad"]
        assert done.cases()["one"]["completion"]["attempts"] == 2
        assert errors(done)["bad"] == ("bad_request", f"target/http:{system.url} answered 422: no such customer")
        assert {one["Authorization"] for one in system.headers} == {"Bearer t-0123456789abcdef"}
        assert "price" not in done.err
        for path in project.root.rglob("*"):
            assert not path.is_file() or b"t-0123456789abcdef" not in path.read_bytes(), path
        slow = project_with(
            tmp_path / "z",
            target,
            config={"providers": {"target": {"rpm": 1}}, "eval": {"retries": 0, "total_timeout_s": 1}},
        )
        paced = slow.json(**token)
        assert len(system.asked) <= 4
        assert any("total_timeout_s" in text for _, text in errors(paced).values())
