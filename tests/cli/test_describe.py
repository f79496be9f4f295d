"""`promptctl describe`: from a digest in a log back to commit, prompt, version, case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

MODEL = "openai/gpt-4o-2024-08-06"


def prompt(text: str, version: str = "1.0.0", name: str = "bot") -> str:
    return f"name: {name}\nversion: {version}\nmodel: {MODEL}\nsystem_prompt: |\n  {text}\n"


@pytest.fixture
def commit(project: Path, git):
    git("init", "-q")

    def run(message: str, **files: str) -> str:
        for name, text in files.items():
            path = project / "prompts" / f"{name}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        git("add", "-A")
        git("commit", "-q", "--allow-empty", "-m", message)
        return git("rev-parse", "HEAD")

    return run


@pytest.fixture
def digest_of(promptctl):
    def run(name: str, *arguments: str) -> str:
        ended = promptctl("log", name, *arguments, "-n", "1", "--format", "json")
        assert ended.code == 0, ended.err
        return str(ended.json["commits"][0]["digest"])

    return run


def test_the_first_and_the_last_commit_that_had_it(commit, promptctl, digest_of) -> None:
    first = commit("one", bot=prompt("One."))
    one = digest_of("bot")
    commit("comment", bot="# Comment.\n" + prompt("One."))
    last = commit("elsewhere", other=prompt("Other.", name="other"))
    replacing = commit("two", bot=prompt("Two.", "2.0.0"))
    head = commit("empty")
    ended = promptctl("describe", one[:9], "--format", "json")
    assert ended.code == 0
    assert ended.json["digest"] == one
    (found,) = ended.json["prompts"]
    assert (found["name"], found["prompt_version"], found["path"]) == ("bot", "1.0.0", "prompts/bot.yaml")
    assert (found["first"]["id"], found["last"], found["replaced_by"]["id"]) == (first, last, replacing)
    assert found["current"] is False
    (now,) = promptctl("describe", digest_of("bot"), "--format", "json").json["prompts"]
    assert (now["first"]["id"], now["last"], now["replaced_by"], now["current"]) == (replacing, head, None, True)
    text = promptctl("describe", f"sha256:{one.upper()}").out
    assert f"Replaced by   {replacing}" in text
    assert text.rstrip().endswith(f"{one[:12]} is bot@1.0.0")


def test_other_branches_and_tags_count(commit, promptctl, git, digest_of) -> None:
    commit("one", bot=prompt("One."))
    git("checkout", "-qb", "side")
    side = commit("side", bot=prompt("Side."))
    digest = digest_of("bot")
    git("tag", "shipped")
    git("checkout", "-q", "main")
    git("branch", "-D", "side")
    (found,) = promptctl("describe", digest, "--format", "json").json["prompts"]
    assert (found["first"]["id"], found["last"], found["current"]) == (side, side, False)


def test_two_prompts_with_one_digest_are_both_named(commit, promptctl, digest_of) -> None:
    commit("one", bot=prompt("Same."), twin=prompt("Same.", "3.0.0", "twin"))
    found = promptctl("describe", digest_of("bot"), "--format", "json").json["prompts"]
    assert {(one["name"], one["prompt_version"]) for one in found} == {("bot", "1.0.0"), ("twin", "3.0.0")}


def test_an_unknown_digest_is_no(commit, promptctl) -> None:
    commit("one", bot=prompt("One."))
    ended = promptctl("describe", "0" * 64)
    assert ended.code == 1
    assert "no commit of any branch or tag here, and no stored run, has the digest" in ended.out


def test_outside_of_a_repository_there_is_no_history(promptctl) -> None:
    ended = promptctl("describe", "0" * 64)
    assert ended.code == 2
    assert "is not in a git repository" in ended.err


def test_a_shallow_clone_cannot_tell(commit, promptctl, git, digest_of, project: Path, tmp_path: Path) -> None:
    commit("one", bot=prompt("One."))
    digest = digest_of("bot")
    commit("two", bot=prompt("Two."))
    clone = tmp_path / "clone"
    git("clone", "-q", "--depth=1", f"file://{project}", str(clone))
    ended = promptctl("describe", digest, cwd=clone)
    assert ended.code == 3
    assert "hint: run 'git fetch --unshallow'" in ended.err


@pytest.mark.parametrize("word", ["abc", "xyzxyzxyz", "0" * 65, ""])
def test_what_is_no_digest_is_refused(promptctl, word: str) -> None:
    ended = promptctl("describe", word)
    assert ended.code == 2
    assert "7 or more" in ended.err


def stored_run(project: Path, number: int, prompt_digest: str, request: str) -> str:
    """A run as `eval` stores it, as far as it is read here."""
    run = f"20260101T00000{number}.000Z-0000000{number}"
    folder = project / ".git/promptctl/runs" / run
    folder.mkdir(parents=True)
    document = {
        "version": 1, "kind": "run", "id": run, "status": "complete",
        "provenance": {"commit": "c" * 40, "dirty": True},
        "prompts": [{"name": "bot", "version": "1.0.0", "path": "prompts/bot.yaml", "model": MODEL,
                     "prompt_digest": prompt_digest, "golden_digest": "g", "summary": {"pass_rate": 0.5, "cases": 2}}],
        "results": [{"prompt": "bot", "case": "hard", "request_digest": request}],
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(document))
    return run


def test_stored_runs_know_digests_too(commit, promptctl, project: Path) -> None:
    commit("one", bot=prompt("One."))
    run = stored_run(project, 1, "a" * 64, "b" * 64)
    ran = promptctl("describe", "aaaaaaaa")
    assert ran.code == 0
    assert f"aaaaaaaaaaaa is bot@1.0.0 as {run} ran it; no commit has it" in ran.out
    assert "50.0 % of 2 cases" in ran.out
    asked = promptctl("describe", "bbbbbbb", "--format", "json").json
    assert asked["of"] == "request"
    assert asked["runs"] == [
        {
            "id": run,
            "prompt": "bot",
            "prompt_version": "1.0.0",
            "case": "hard",
            "prompt_digest": "a" * 64,
            "commit": "c" * 40,
        }
    ]


def test_a_prefix_of_several_lists_them(commit, promptctl, project: Path) -> None:
    commit("one", bot=prompt("One."))
    stored_run(project, 1, "a" * 63 + "1", "b" * 64)
    stored_run(project, 2, "a" * 63 + "2", "b" * 64)
    (project / ".git/promptctl/runs/20260101T000009.000Z-00000009").mkdir()
    ended = promptctl("describe", "aaaaaaa")
    assert ended.code == 2
    assert "2 digests begin with aaaaaaa" in ended.err
    assert promptctl("describe", "a" * 63 + "2").code == 0
