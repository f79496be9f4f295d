"""What a first user of the command tripped over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import case, lines, loopback, make_project

JUDGE = {
    "name": "grader",
    "model": "scripted/judge.yaml",
    "version": "1.0.0",
    "inputs": {"output": {}, "rubric": {}},
    "system_prompt": "Answer in JSON.",
    "user_prompt": "{{ rubric }} <answer>{{ output }}</answer>",
}


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


def test_a_mistake_in_a_judges_script_is_told_before_the_first_call(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=[case("a", rubric="is kind")])
    project.write("judges/grader.yaml", json.dumps(JUDGE))
    project.write("scripted/judge.yaml", "rules: [{when: {any: x}, repyl: 1}]\n")
    done = project.eval()
    assert done.code == 2
    assert "scripted/judge.yaml:1:26: unknown key `repyl`" in done.err
    assert not server.requests


@pytest.mark.parametrize("given", [[0], [0, 1]])
def test_an_answer_file_without_the_samples_a_case_needs_is_an_error(tmp_path: Path, given: list[int]) -> None:
    project = make_project(tmp_path, api_base=None, cases=[case("a", samples=3, pass_if=3)])
    project.write("out.jsonl", lines(*({"case": "a", "sample": one, "output": "a"} for one in given)))
    done = project.json("--outputs", "out.jsonl")
    assert done.code == 3
    assert done.document["summary"]["errored"] == 1


def test_fewer_samples_than_a_case_needs_to_pass_are_refused(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=[case("a", samples=3, pass_if=3)])
    done = project.eval("--samples", "1")
    assert done.code == 2
    assert "case 'a' passes with 3 samples, and 1 is asked for" in done.err
    assert not server.requests


def test_checks_leave_no_bytecode_in_the_repository(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=[case("a", {"python": "checks/ok.py:ok"})])
    project.write("checks/ok.py", "from checks import own\n\ndef ok(output, context):\n    return own.YES\n")
    project.write("checks/own.py", "YES = True\n")
    done = project.eval(PYTHONDONTWRITEBYTECODE="")
    assert done.code == 0, done.err + done.out
    assert not list(tmp_path.rglob("__pycache__"))


def test_verbose_shows_what_passed_and_a_run_what_it_left_out(tmp_path: Path, server: Any) -> None:
    project = make_project(
        tmp_path, api_base=server.url, cases=[case("a")], config={"providers": {"openia": {"rpm": 5}}}
    )
    project.write("golden/regressions.yaml", json.dumps({"prompt": "bot", "cases": [case("b")]}))
    done = project.eval("--verbose")
    assert done.code == 0
    assert "PASS bot / a" in done.out
    assert 'pass: "a" is in the answer' in done.out
    assert "golden/regressions.yaml was not run: no prompt uses it" in done.out
    assert "providers.openia: no such provider is known (did you mean openai?)" in done.out + done.err


def test_two_cases_with_one_question_keep_their_names(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=[case("a", said="hello"), case("b", said="hello")])
    assert project.json("--record").code == 0
    assert len(server.requests) == 1
    assert sorted(line["promptctl.case"] for line in project.traces()) == ["a", "b"]
    (tmp_path / "recordings" / "bot.jsonl").unlink()
    offline = project.json("--offline", PROMPTCTL_STATE_DIR=str(tmp_path / "elsewhere"))
    assert offline.code == 3
    for name, row in offline.cases().items():
        assert f"case {name!r} of bot" in row["error"]
