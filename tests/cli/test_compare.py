"""`promptctl compare`, the console script: stored runs, run documents, files of answers; it never gates."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from gate_files import plain_environment, write_answers, write_project


@pytest.fixture
def answered(project: Path) -> Path:
    """A project with two files of answers: the head loses five of thirty cases, the critical one among them."""
    write_project(project)
    write_answers(project / "base.jsonl", "p" * 30)
    write_answers(project / "head.jsonl", "f" * 5 + "p" * 25)
    return project


@pytest.fixture
def evaluated(answered: Path, promptctl) -> Path:
    """The same with both files evaluated: two stored runs."""
    assert promptctl("eval", "--outputs", "base.jsonl", "--quiet").code == 0
    assert promptctl("eval", "--outputs", "head.jsonl", "--quiet").code == 1
    return answered


def test_two_stored_runs_are_compared_and_nothing_is_gated(evaluated, promptctl):
    ended = promptctl("compare", "latest~1", "latest", "--format", "json")
    assert ended.code == 0, ended.err
    row = ended.json["prompts"][0]
    assert (ended.json["kind"], row["n"], row["regressions"], row["improvements"]) == ("comparison", 30, 5, 0)
    assert [one["case"] for one in row["witnesses"]] == ["c0", "c1", "c2", "c3", "c4"]


def test_the_other_way_round_it_is_an_improvement(evaluated, promptctl):
    row = promptctl("compare", "latest", "latest~1", "--format", "json").json["prompts"][0]
    assert (row["regressions"], row["improvements"], row["difference"]) == (0, 5, pytest.approx(5 / 30))


def test_exported_runs_are_compared_anywhere(evaluated, promptctl, tmp_path):
    for name, run in (("base.json", "latest~1"), ("head.json", "latest")):
        listed = [one["id"] for one in promptctl("runs", "list", "--format", "json").json["runs"]]
        found = listed[1] if run == "latest~1" else listed[0]
        (tmp_path / name).write_text(promptctl("runs", "export", found).out)
    ended = promptctl("compare", "base.json", "head.json", "--format", "json", cwd=tmp_path)
    assert (ended.code, ended.json["prompts"][0]["regressions"]) == (0, 5)


def test_two_files_of_answers_are_scored_and_compared(answered, promptctl):
    ended = promptctl("compare", "base.jsonl", "head.jsonl", "--format", "json")
    assert (ended.code, ended.json["prompts"][0]["regressions"]) == (0, 5)
    assert ended.json["command"] == "promptctl compare base.jsonl head.jsonl"


def test_the_text_shows_both_answers_and_what_a_gate_would_say(evaluated, promptctl):
    text = promptctl("compare", "latest~1", "latest").out
    assert "- that is ok, number 0" in text
    assert "+ sorry, number 0" in text
    assert "would say FAIL (must-pass)" in text


def test_the_project_s_policy_is_the_one_in_force(evaluated, promptctl):
    (evaluated / "promptctl.yaml").write_text("gate: {rule: threshold, max_drop: 0.5, must_pass: []}\n")
    assert promptctl("compare", "latest~1", "latest", "--format", "json").json["rule"] == "threshold"


def test_only_the_prompts_asked_for(evaluated, promptctl):
    assert promptctl("compare", "latest~1", "latest", "bot").code == 0
    ended = promptctl("compare", "latest~1", "latest", "bat")
    assert ended.code == 4
    assert "bot" in ended.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("HEAD~1", "HEAD"), 2, "or two revisions (a commit"),
        (("latest", "worktree"), 2, "worktree is a revision and latest is none"),
        (("latest~9", "latest"), 4, "2 whole runs stored"),
        (("base.jsonl", "latest"), 2, "scored alike"),
        (("broken.json", "latest"), 2, "not a run document"),
        (("lint.json", "latest"), 2, "not a run document"),
        (("damaged.json", "latest"), 2, "has no 'results'"),
    ],
)
def test_what_cannot_be_read_is_said(evaluated, promptctl, arguments, code, said):
    (evaluated / "broken.json").write_text("{")
    (evaluated / "lint.json").write_text('{"version": 1, "kind": "lint"}')
    document = json.loads(promptctl("runs", "export", "latest").out)
    del document["results"]
    (evaluated / "damaged.json").write_text(json.dumps(document))
    ended = promptctl("compare", *arguments)
    assert ended.code == code, ended.err
    assert said in ended.err


def test_stored_runs_are_compared_without_scipy_and_litellm(evaluated, home):
    """Nothing but counts is needed for pass and fail, and no model is called."""
    code = (
        "import sys\nfrom promptctl.cli.app import app\n"
        "try:\n    app(['compare', 'latest~1', 'latest'], standalone_mode=False)\n"
        "finally:\n    print([name for name in ('scipy', 'numpy', 'litellm', 'aiohttp') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=evaluated, env=plain_environment(home), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.stderr.strip().endswith("[]"), done.stderr
