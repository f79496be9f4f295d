"""`promptctl gate` on prompts with a target: each side's own code answers, in a folder of that side's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gate_projects import Finished, Repository, repository
from target_systems import System

BOT = """
import os
from pathlib import Path
from app.kb import find

def answer(payload):
    return {"output": find(payload["input"]["question"]), "model": os.getcwd(), "request_id": payload["request_id"]}
"""
GOOD = "def find(q): return f'You said {q}'\n"
BAD = "def find(q): return 'I do not know.' if q in ('word01', 'word02', 'word03') else f'You said {q}'\n"
CASES = [{"id": f"c{n:02}", "input": f"word{n:02}", "assertions": [{"contains": f"word{n:02}"}]} for n in range(8)]


def repo_with(root: Path, target: Any, **files: str) -> Repository:
    """A first commit of a system that answers well."""
    found = repository(root, None, cases=CASES)
    found.project.write("app/bot.py", BOT)
    found.project.write("app/kb.py", GOOD)
    for path, text in files.items():
        found.project.write(path, text)
    prompt(found, target)
    found.commit("a system under test")
    return found


def prompt(repo: Repository, target: Any, **more: Any) -> None:
    written = {"name": "bot", "version": "1.0.0", "target": target, "inputs": {"question": {"type": "string"}}, **more}
    repo.project.write("prompts/bot.yaml", json.dumps(written))


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return repo_with(tmp_path / "project", "app/bot.py:answer")


def places(repo: Repository) -> set[str]:
    """The folders in which the live answers of all runs were made."""
    lines = [line for path in repo.project.run_files("traces.jsonl") for line in path.read_text().splitlines()]
    live = [trace for trace in map(json.loads, lines) if trace.get("promptctl.source") == "live"]
    return {trace["gen_ai.response.model"] for trace in live}


def verdict(done: Finished) -> tuple[int, str]:
    return done.code, done.document["verdict"]


@pytest.mark.slow
def test_each_side_runs_its_own_code(repo: Repository) -> None:
    repo.project.write("app/kb.py", BAD)
    done = repo.gate()
    assert verdict(done) == (1, "fail"), done.err
    (found,) = done.document["prompts"]
    assert {one["case"] for one in found["witnesses"]} == {"c01", "c02", "c03"}
    witness = found["witnesses"][0]
    assert witness["base"]["output"] == "You said word01"
    assert witness["head"]["output"] == "I do not know."
    assert "bot is affected: target" in done.document["notes"]
    assert str(repo.root) in places(repo)
    (elsewhere,) = places(repo) - {str(repo.root)}
    assert "promptctl-side-" in elsewhere
    assert not Path(elsewhere).exists()
    logged, *_ = repo.run("log", "bot", "--format", "json").document["commits"]
    assert (logged["model"], logged["tokens"]) == ("target/python:app/bot.py:answer", None)
    told = repo.run("diff").out
    assert "PD306" in told
    assert "app/kb.py changed, on which the answers of bot hang" in told


def test_neither_of_two_revisions_runs_the_working_tree(repo: Repository) -> None:
    repo.project.write("app/kb.py", BAD)
    repo.commit("worse")
    repo.project.write("app/bot.py", "raise SystemExit('not this one')\n")
    done = repo.run("compare", "HEAD~1", "HEAD", "--format", "json")
    assert done.code == 0, done.err
    assert done.document["prompts"][0]["regressions"] == 3
    assert len(places(repo)) == 2
    assert str(repo.root) not in places(repo)


def test_no_exec_runs_neither_side(repo: Repository) -> None:
    repo.project.write("app/kb.py", "open('ran', 'w')\n" + BAD)
    done = repo.gate("--no-exec")
    assert verdict(done) == (3, "inconclusive")
    assert not (repo.root / "ran").exists()
    assert places(repo) == set()


def test_what_may_matter_and_is_not_watched_is_told(repo: Repository) -> None:
    repo.project.write("app/data/faq.md", "Pause: Account > Plan")
    done = repo.gate("--model", "openai/gpt-4o-2024-08-06")
    assert verdict(done) == (0, "pass")
    notes = "\n".join(done.document["notes"])
    assert "bot: app/data/faq.md changed and lies with the code of target/python:app/bot.py:answer" in notes
    assert "bot is answered by a target: --model does not apply to it" in notes


def test_a_watched_file_is_part_of_the_change(tmp_path: Path) -> None:
    target = {"python": "app/bot.py:answer", "watch": ["app/data"]}
    repo = repo_with(tmp_path / "p", target, **{"app/data/faq.md": "one"})
    repo.project.write("app/data/faq.md", "two")
    done = repo.gate()
    assert verdict(done) == (0, "pass")
    assert "bot is affected: target" in done.document["notes"]
    assert len(places(repo)) == 2


@pytest.mark.slow
def test_the_heads_server_is_not_asked_for_the_bases_answers(tmp_path: Path) -> None:
    with System() as system:
        repo = repo_with(tmp_path / "p", {"http": system.url, "watch": ["app"]})
        repo.project.write("app/kb.py", BAD)
        done = repo.gate()
        assert verdict(done) == (3, "inconclusive"), done.err
        assert len(system.asked) == 8  # the head's
        runs = [json.loads(path.read_text()) for path in repo.project.run_files("run.json")]
        (base,) = [run for run in runs if run["provenance"]["gate"] == "base"]
        assert {row["error_kind"] for row in base["results"]} == {"recording_missing"}
        assert "the base's answers have to be recorded" in base["results"][0]["error"]
        repo.git("stash", "-q")
        assert repo.run("eval", "--record").code == 0
        repo.commit("record the base")
        repo.git("stash", "pop", "-q")
        repo.project.write("app/kb.py", BAD + "# more\n")
        assert verdict(repo.gate()) == (0, "pass")
