"""Answers that already exist, gated: every exit code, through the console process."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gate_files import plain_environment, write_answers, write_project

# The road of `promptctl gate --base-outputs F --head-outputs F`, without the command line in front of it.
ROAD = """
import sys
from pathlib import Path
from promptctl.cli import boundary
from promptctl.cli.gate_outputs import TwoOutputs, gate_outputs
from promptctl.cli.output import Output
output = Output.of(sys.argv[1], None, quiet=False, verbose=False)
wanted = TwoOutputs(Path("base.jsonl"), Path("head.jsonl"), allow_exec="--no-exec" not in sys.argv)
sys.exit(boundary.guarded(lambda: gate_outputs(wanted, output)))
"""


@dataclass(frozen=True, slots=True)
class Gated:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def gate(home: Path, project: Path):
    """Gates two files of answers: `gate("ppp", "pfp")`."""

    def run(base: str, head: str, *, output_format: str = "json", options: tuple[str, ...] = (), **settings) -> Gated:
        write_project(project, cases=max(len(base), len(head)), **settings)
        write_answers(project / "base.jsonl", base)
        write_answers(project / "head.jsonl", head)
        done = subprocess.run(
            [sys.executable, "-c", ROAD, output_format, *options],
            cwd=project, env=plain_environment(home), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return Gated(done.returncode, done.stdout, done.stderr)

    return run


def test_the_same_answers_pass(gate):
    ended = gate("p" * 30, "p" * 30)
    assert (ended.code, ended.json["verdict"], ended.json["rule"]) == (0, "pass", "identical")


def test_a_regression_fails_and_names_its_witnesses(gate):
    ended = gate("p" * 30, "p" * 25 + "f" * 5)
    prompt = ended.json["prompts"][0]
    assert (ended.code, prompt["rule"], prompt["regressions"]) == (1, "regression", 5)
    assert [one["case"] for one in prompt["witnesses"]] == [f"c{n}" for n in range(25, 30)]
    first = prompt["witnesses"][0]
    assert (first["base"]["output"], first["head"]["output"]) == ("that is ok, number 25", "sorry, number 25")
    assert first["assertions"][0] == {
        "type": "contains", "name": None, "reason": first["assertions"][0]["reason"], "failed": 1, "samples": 1
    }  # fmt: skip


def test_a_critical_case_alone_fails(gate):
    ended = gate("p" * 30, "f" + "p" * 29)
    assert (ended.code, ended.json["rule"]) == (1, "must-pass")


@pytest.mark.parametrize(("policy", "code"), [("warn", 0), ("fail", 4), ("pass", 0)])
def test_the_policy_decides_what_inconclusive_means(gate, policy, code):
    ended = gate("p" * 30, "p" * 29 + "f", gate=f"{{on_inconclusive: {policy}}}")
    assert (ended.code, ended.json["verdict"]) == (code, "inconclusive")
    assert ("warning: INCONCLUSIVE" in ended.err) == (policy == "warn")


def test_an_answer_that_is_missing_or_an_error_is_exit_3(gate):
    ended = gate("p" * 30, "p" * 28 + "e-")
    assert (ended.code, ended.json["rule"], ended.json["incomplete"]) == (3, "errors", True)
    assert [(one["case"], one["side"]) for one in ended.json["prompts"][0]["errors"]] == [
        ("c28", "head"),
        ("c29", "head"),
    ]


def test_a_failure_is_told_before_an_error(gate):
    assert gate("p" * 30, "f" * 10 + "p" * 19 + "e").code == 1


def test_a_line_for_an_unknown_case_is_an_input_error(gate, project):
    write_project(project, cases=2)
    write_answers(project / "base.jsonl", "ppp")
    write_answers(project / "head.jsonl", "ppp")
    done = subprocess.run(
        [sys.executable, "-c", ROAD, "json"], cwd=project, env=plain_environment(project), capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "base.jsonl:3" in done.stderr


def test_the_repository_s_code_is_refused_alike_on_both_sides(gate, project):
    (project / "check.py").write_text("def check(answer):\n    return 'ok' in answer['output']\n")
    ended = gate("p" * 4, "p" * 4, assertion={"python": "check.py:check"}, options=("--no-exec",))
    assert (ended.code, ended.json["rule"]) == (3, "nothing-measured")


def test_the_text_says_how_to_do_it_again(gate):
    ended = gate("p" * 30, "p" * 30, output_format="text")
    assert "promptctl gate --base-outputs base.jsonl --head-outputs head.jsonl" in ended.out
    assert "PASS: 1 prompt compared on 30 cases (identical)" in ended.out
