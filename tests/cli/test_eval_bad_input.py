"""What bad input gets: one clear message with file, line and what to do, the exit code, and nothing paid for lost."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import Finished, Project, asked, case, loopback, make_project

PROMPT = """\
name: bot
version: 1.0.0
model: openai/gpt-4o-2024-08-06
inputs:
  question: {type: string}
system_prompt: Be nice.
user_prompt: "{{ question }}"
"""
GOLDEN = """\
cases:
  - id: one
    input: {question: hello}
    assertions:
      - contains: hello
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


@pytest.fixture
def project(tmp_path: Path, server: Any) -> Project:
    server.reset()
    made = make_project(tmp_path, api_base=server.url, git=False)
    made.write("prompts/bot.yaml", PROMPT)
    made.write("golden/bot.yaml", GOLDEN)
    return made


def refused(done: Finished, code: int, *told: str) -> None:
    """It ended with `code`, said nothing on stdout, and every one of `told` (regular expressions) on stderr."""
    assert done.code == code, done.err or done.out
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.startswith("promptctl: error: ")
    for words in told:
        assert re.search(words, done.err), f"{words!r} is not in:\n{done.err[:2000]}"


# What is changed in which file, and what has to be said about it.
CHANGES = {
    "unknown key": ("golden/bot.yaml", ("assertions:", "asertions:"), r"golden/bot\.yaml:4:5: .*asertions", "did you mean 'assertions'"),
    "unknown key of a prompt": ("prompts/bot.yaml", ("system_prompt", "sytem_prompt"), r"prompts/bot\.yaml:6:1: ", "system_prompt"),
    "unknown key of the config": ("promptctl.yaml", ('"eval"', '"evals"'), r"promptctl\.yaml:1:\d+: ", "did you mean 'eval'"),
    "misspelt assertion": ("golden/bot.yaml", ("contains:", "contain:"), r"golden/bot\.yaml:5:9: .*contain", "did you mean 'contains'"),
    "wrong option": (
        "golden/bot.yaml", ("contains: hello", "word-count: {maxi: 3}"), r"golden/bot\.yaml:5:\d+: .*maxi", "did you mean 'max'",
    ),
    "undefined variable": ("prompts/bot.yaml", ("{{ question }}", "{{ questoin }}"), r"prompts/bot\.yaml:7:", "questoin"),
    "missing case input": ("golden/bot.yaml", ("question: hello", ""), r"golden/bot\.yaml:[23]:", "question"),
    "extra case input": ("golden/bot.yaml", ("question: hello", "question: hello, qestion: x"), r"golden/bot\.yaml:3:", "qestion"),
    "wrong type of an input": ("golden/bot.yaml", ("question: hello", "question: [1]"), r"golden/bot\.yaml:3:", "question"),
    "duplicate case id": (
        "golden/bot.yaml", ("cases:\n", "cases:\n  - {id: one, input: x, assertions: [{contains: x}]}\n"), r"golden/bot\.yaml:3:", "one",
    ),
    "duplicate key": ("golden/bot.yaml", ("    input:", "    id: two\n    input:"), r"golden/bot\.yaml:3:5: .*id", "id"),
    "empty golden set": ("golden/bot.yaml", (GOLDEN, "cases: []\n"), r"golden/bot\.yaml:1", "case"),
    "golden set without anything": ("golden/bot.yaml", (GOLDEN, ""), r"golden/bot\.yaml", "empty|cases"),
    "invalid regex": ("golden/bot.yaml", ("contains: hello", "regex: '(a'"), r"golden/bot\.yaml:5:", "regular expression"),
    "invalid schema": ("golden/bot.yaml", ("contains: hello", "json-schema: {type: strnig}"), r"golden/bot\.yaml:5:", "strnig"),
    "schema that is not there": ("golden/bot.yaml", ("contains: hello", "json-schema: s.json"), r"golden/bot\.yaml:5:|s\.json", "s.json"),
    "empty needle": ("golden/bot.yaml", ("contains: hello", "contains: ''"), r"golden/bot\.yaml:5:", "contains"),
    "invalid semver": ("prompts/bot.yaml", ("1.0.0", "1.0"), r"prompts/bot\.yaml:2:10: ", "1.0"),
    "not UTF-8": ("golden/bot.yaml", ("hello", "\udcff"), r"golden/bot\.yaml:3:", "UTF-8"),
    "LFS pointer": (
        "golden/bot.yaml", (GOLDEN, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"), r"golden/bot\.yaml", "git lfs pull",
    ),
    "broken YAML": ("golden/bot.yaml", ("cases:", "cases: ["), r"golden/bot\.yaml:\d+:\d+: ", "YAML"),
    "merge key": ("golden/bot.yaml", ("    input:", "    <<: {}\n    input:"), r"golden/bot\.yaml:3:", "<<"),
    "template syntax": ("prompts/bot.yaml", ("{{ question }}", "{{ question "), r"prompts/bot\.yaml:7:", "template|end of"),
    "unknown judge": ("golden/bot.yaml", ("contains: hello", "judge: {value: x, judge: nobody}"), r"golden/bot\.yaml:5:", "nobody"),
    "samples of a case": ("golden/bot.yaml", ("    input:", "    samples: 0\n    input:"), r"golden/bot\.yaml:3:", "samples"),
    "pass_if": ("golden/bot.yaml", ("    input:", "    pass_if: most\n    input:"), r"golden/bot\.yaml:3:", "majority"),
    "model": ("prompts/bot.yaml", ("model: openai/gpt-4o-2024-08-06", "model: 3"), r"prompts/bot\.yaml:3:", "model"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
def test_a_wrong_file_is_refused_with_its_place(project: Project, server: Any, kind: str) -> None:
    path, (old, new), *told = CHANGES[kind]
    before = (project.root / path).read_text()
    assert old in before
    project.write(path, before.replace(old, new, 1).encode("utf-8", "surrogateescape"))
    refused(project.eval(), 2, *told)
    assert not server.requests


def test_every_problem_is_told_at_once(project: Project) -> None:
    cases = "".join(f"  - {{id: c{n}, input: {{question: x}}, assertions: [{{regex: '('}}]}}\n" for n in range(3))
    project.write("golden/bot.yaml", f"cases:\n{cases}")
    done = project.eval()
    refused(done, 2, r"bot\.yaml:2:", r"bot\.yaml:3:", r"bot\.yaml:4:")
    assert done.err.count("promptctl: error: ") == 3


@pytest.mark.slow
def test_an_alias_bomb_and_a_long_line_end_soon(project: Project) -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    project.write("golden/bot.yaml", f"a0: &a0 [x, x]\n{levels}cases: *a11\n")

    def little_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, 2_000_000_000))

    refused(project.eval(preexec=little_memory, timeout=20), 2, r"golden/bot\.yaml", "alias")
    project.write("golden/bot.yaml", GOLDEN.replace("hello}", "x" * 10_000_000 + "}"))
    long = project.eval("--dry-run", timeout=30)
    assert long.code in (0, 2)
    (project.root / "golden/bot.yaml").unlink()
    project.write("golden/bot.jsonl", '{"id": "a", "input": "' + "x" * 10_000_000)
    refused(project.eval(timeout=30), 2, r"golden/bot\.jsonl:1")
    assert len(project.eval(timeout=30).err) < 3000


def test_a_file_that_cannot_be_read_is_named(project: Project) -> None:
    path = project.root / "golden/bot.yaml"
    path.unlink()
    path.symlink_to("nowhere.yaml")
    refused(project.eval(), 2, r"golden/bot\.yaml", "no such file")
    path.unlink()
    project.write("golden/bot.yaml", GOLDEN.replace("contains: hello", "json-schema: pipe.json"))
    os.mkfifo(project.root / "pipe.json")  # whoever opened it would wait for ever
    refused(project.eval(timeout=10), 2, r"pipe\.json", "not a regular file")
    path.unlink()
    refused(project.eval("bot"), 2, "bot", r"golden/bot\.yaml")
    refused(project.eval(), 4, "golden")


def test_two_golden_sets_and_two_prompts_of_one_name(project: Project) -> None:
    project.write("golden/bot.jsonl", '{"id": "a", "input": "x", "assertions": [{"contains": "x"}]}\n')
    refused(project.eval(), 2, "two golden sets", r"golden/bot\.jsonl", r"golden/bot\.yaml")
    (project.root / "golden/bot.jsonl").unlink()
    project.write("prompts/copy.yaml", PROMPT)
    refused(project.eval(), 2, r"prompts/copy\.yaml:\d", r"prompts/bot\.yaml")


@pytest.mark.parametrize(
    ("suffix", "text", "told"),
    [
        (
            "jsonl",
            '{"id": "a", "input": "x", "assertions": [{"contains": "x"}]}\n{"id": "b", "inptu": "x"}\n',
            r"bot\.jsonl:2",
        ),
        ("jsonl", '{"id": "a", "input": "x", "assertions": [{"contains": "x"}]}\n\n{"id": }\n', r"bot\.jsonl:3"),
        ("csv", 'id,input.question,assertions\na,x,"[{""contains"": ""x""}]"\nb,x,"[{"\n', r"bot\.csv:3"),
        ("csv", "id,input.qestion\na,x\n", r"bot\.csv:\d.*qestion"),
    ],
)
def test_lines_of_other_formats_are_named(project: Project, suffix: str, text: str, told: str) -> None:
    (project.root / "golden/bot.yaml").unlink()
    project.write(f"golden/bot.{suffix}", text)
    refused(project.eval(), 2, told)


def test_a_case_without_assertions_is_no_pass(project: Project) -> None:
    project.write("golden/bot.yaml", "cases:\n  - {id: one, input: {question: hello}}\n")
    done = project.eval()
    assert done.code == 3
    assert "nothing was asserted" in done.out


def test_a_wrong_file_of_another_prompt_is_in_nobodys_way(project: Project) -> None:
    project.write("prompts/other.yaml", "name: [")
    assert project.eval("bot").code == 0
    refused(project.eval(), 2, r"prompts/other\.yaml:\d:")


def full_disk(done: Finished) -> None:
    """The answers are judged and shown; what could not be written is said."""
    assert "Traceback" not in done.err
    assert "bug in promptctl" not in done.err
    assert "passed" in done.out
    assert done.err


def test_a_limit_on_file_sizes_loses_no_answer(tmp_path: Path, server: Any) -> None:
    server.reset()
    project = make_project(
        tmp_path, api_base=server.url, cases=[case(f"case-{n}", said=f"{n} " * 400) for n in range(40)]
    )
    done = project.eval(preexec=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)))
    full_disk(done)
    assert done.code in (0, 3)
    assert "40 of 40 cases passed" in done.out
    assert len(server.requests) == 40
    for path in project.run_files("traces.jsonl"):
        for line in path.read_text().splitlines():
            json.loads(line)
    again = project.json()
    assert again.code == 0
    assert again.document["summary"]["passed"] == 40


def test_a_full_disk_loses_no_answer(tmp_path: Path, server: Any) -> None:
    server.reset()
    project = make_project(
        tmp_path / "p", api_base=server.url, cases=[case(f"case-{n}", said=f"{n} " * 400) for n in range(40)]
    )
    small = (
        "unshare",
        "-m",
        "sh",
        "-c",
        'mkdir -p "$0" && mount -t tmpfs -o size=64k none "$0" && exec "$@"',
        str(tmp_path / "small"),
    )
    probe = subprocess.run([*small, "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"a small tmpfs is not permitted here: {probe.stderr.decode().strip()}")
    done = project.eval(
        "--report", f"json={tmp_path}/small/r.json", before=small, PROMPTCTL_STATE_DIR=str(tmp_path / "small" / "state")
    )
    full_disk(done)
    assert "40 of 40 cases passed" in done.out
    assert "disk is full" in done.err
    assert done.code == 3


def test_a_full_stdout_is_3(project: Project) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            project.command(),
            cwd=project.root,
            env={"PATH": os.environ["PATH"]},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 3
    assert b"cannot write to stdout" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_golden_set_that_changes_during_the_run_is_told(tmp_path: Path, server: Any) -> None:
    server.reset()
    server.latency_s = 0.3
    cases = [case("one"), case("two")]
    project = make_project(tmp_path, api_base=server.url, cases=cases)

    def change() -> None:
        project.write("golden/bot.yaml", json.dumps({"cases": [*cases, case("three")]}))

    running = project.start("--format", "json")
    for _ in range(400):
        if server.requests:
            break
        threading.Event().wait(0.01)
    change()
    out, _ = running.communicate(timeout=20)
    assert running.returncode == 0
    assert json.loads(out)["summary"]["cases"] == 2
    assert "golden/bot.yaml changed during the run" in str(json.loads(out))
    server.reset()
    assert project.eval().code == 0
    assert asked(server) == ["three"]
