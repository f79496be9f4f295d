"""`promptctl compare` of two revisions: real repositories, a real server on loopback, processes of their own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gate_projects import GOOD, Finished, Repository, loopback, numbered, obedient, repository, system_of

KIND, FORGETFUL = f"{GOOD} Be kind.", f"{GOOD}\nforget word03"


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with loopback() as server:
        yield server


@pytest.fixture
def server(shared: Any) -> Any:
    shared.reset()
    shared.answers.reply = obedient
    return shared


@pytest.fixture
def repo(server: Any, tmp_path: Path) -> Repository:
    """Two commits, of which the second forgets a word; the working tree is a third state."""
    found = repository(tmp_path / "project", server.url)
    found.prompt(FORGETFUL)
    found.commit("forget a word")
    found.prompt(KIND)
    return found


def compared(repo: Repository, *arguments: str, **env: str) -> Finished:
    return repo.run("compare", *arguments, "--format", "json", **env)


def test_two_commits_are_asked_and_the_working_tree_is_neither(repo: Repository, server: Any) -> None:
    base, head = repo.git("rev-parse", "HEAD^"), repo.git("rev-parse", "HEAD")
    done = compared(repo, "HEAD^", "HEAD")
    assert done.code == 0, done.err
    (row,) = done.document["prompts"]
    assert (done.document["kind"], row["n"], row["regressions"], row["improvements"]) == ("comparison", 12, 1, 0)
    assert [one["case"] for one in row["witnesses"]] == ["c03"]
    assert (done.document["baseline"]["commit"], done.document["head"]["commit"]) == (base, head)
    assert done.document["head"]["description"].startswith(head[:7])
    assert done.document["command"] == f"promptctl compare {base[:12]} {head[:12]}"
    assert {system_of(one.json) for one in server.requests} == {GOOD, FORGETFUL}


def test_the_other_way_round_it_is_an_improvement(repo: Repository) -> None:
    (row,) = compared(repo, "HEAD", "HEAD^").document["prompts"]
    assert (row["regressions"], row["improvements"]) == (0, 1)


@pytest.mark.parametrize(("sides", "flips"), [(("HEAD", "worktree"), (0, 1)), (("worktree", "HEAD"), (1, 0))])
def test_the_working_tree_is_either_side(
    repo: Repository, server: Any, sides: tuple[str, str], flips: tuple[int, int]
) -> None:
    done = compared(repo, *sides)
    assert done.code == 0, done.err
    (row,) = done.document["prompts"]
    assert (row["regressions"], row["improvements"]) == flips
    assert {system_of(one.json) for one in server.requests} == {KIND, FORGETFUL}
    assert done.document["command"].count("worktree") == 1


def test_checks_are_those_of_the_first_revision_whatever_lies_in_the_working_tree(server: Any, tmp_path: Path) -> None:
    cases = numbered(2)
    for case in cases:
        case["assertions"] = [{"python": "checks/answer.py:said"}]
    repo = repository(tmp_path / "project", server.url, cases=cases)
    repo.project.write("checks/answer.py", "def said(output, context):\n    return 'said' in output\n")
    repo.commit("a check")
    repo.prompt(KIND)
    repo.commit("be kind")
    repo.project.write("checks/answer.py", "def said(output, context):\n    return False\n")
    done = compared(repo, "HEAD^", "HEAD")
    assert done.code == 0, done.err
    (row,) = done.document["prompts"]
    assert (row["n"], row["base_passed"], row["head_passed"]) == (2, 2, 2)


def test_of_equal_revisions_nobody_is_asked(repo: Repository, server: Any) -> None:
    done = repo.run("compare", "HEAD", "HEAD")
    assert (done.code, server.requests) == (0, [])
    assert "NOTHING DIFFERS" in done.out


def test_cases_and_prompts_that_only_the_head_has_are_not_asked(repo: Repository, server: Any) -> None:
    repo.cases(numbered(13))
    repo.project.write("prompts/new.yaml", "version: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\nsystem_prompt: New.\n")
    repo.project.write("golden/new.yaml", "cases: [{id: a, input: hello, assertions: [{contains: hello}]}]\n")
    repo.commit("a case and a prompt more")
    done = compared(repo, "HEAD~1", "HEAD")
    assert done.code == 0, done.err
    assert [one["n"] for one in done.document["prompts"]] == [12]
    assert "new has no base to compare it with" in done.document["notes"]
    asked = Counter(system_of(one.json) for one in server.requests)
    assert asked["New."] == 0


def test_what_nobody_may_be_asked_is_not_completed(repo: Repository) -> None:
    done = compared(repo, "HEAD^", "HEAD", "--offline")
    assert done.code == 3, done.err
    assert done.document["prompts"][0]["n"] == 0


def test_a_name_of_a_run_and_of_a_revision_says_how_to_tell_them_apart(repo: Repository) -> None:
    assert repo.run("eval", "--quiet").code == 0
    (run,) = [one["id"] for one in repo.run("runs", "list", "--format", "json").document["runs"]]
    repo.git("branch", run[:8])
    done = repo.run("compare", run[:8], "HEAD")
    assert done.code == 2
    assert f"{run[:8]} is a stored run and a git revision" in done.err
    assert run in done.err
    assert f"refs/heads/{run[:8]}" in done.err
    assert repo.run("compare", run, run).code == 0
    assert repo.run("compare", f"refs/heads/{run[:8]}", "HEAD").code == 0


def test_a_run_and_a_revision_are_no_pair(repo: Repository) -> None:
    assert repo.run("eval", "--quiet").code == 0
    done = repo.run("compare", "HEAD", "latest")
    assert done.code == 2
    assert "HEAD is a revision and latest is none" in done.err


def test_a_revision_git_does_not_know(repo: Repository) -> None:
    done = repo.run("compare", "merge-base:maim", "HEAD")
    assert done.code == 2
    assert "git knows no revision 'maim'" in done.err


@pytest.mark.parametrize(
    ("place", "broken"),
    [
        ("golden/bot.yaml", "cases: ["),
        ("golden/bot.yaml", "cases: [{id: a, input: hello, assertions: [{python: no.py}]}]"),
        ("prompts/bot.yaml", "version: ["),
    ],
)
def test_a_base_that_cannot_be_read_is_no_comparison(repo: Repository, place: str, broken: str) -> None:
    """The head can be read, or is broken in the same way; either way this is neither success nor a prompt without cases."""
    good = (repo.root / place).read_text()
    repo.project.write(place, broken)
    base = repo.commit("break it")
    if "no.py" in broken:
        repo.prompt(f"{GOOD} Be quick.")
    else:
        repo.project.write(place, good)
    repo.commit("go on")
    done = compared(repo, base, "HEAD")
    assert done.code == 3, (done.out, done.err)
    assert not any("has no golden set" in note for note in done.document["notes"])
