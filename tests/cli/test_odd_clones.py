"""What reads history, in the clones and checkouts people have: worktrees, partial, sparse, pointers, merges, submodules."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promptctl.adapters.files import LFS_POINTER

Run = Callable[..., Any]
GOLDEN = "cases:\n  - {id: reset, input: How?, assertions: [{contains: Settings}]}\n"
POINTER = LFS_POINTER.decode() + f"\noid sha256:{'4d' * 32}\nsize 12345\n"


def prompt(version: str, text: str) -> str:
    return (
        f"version: {version}\nmodel: openai/gpt-4o-2024-08-06\ninputs: {{question: {{type: string}}}}\n"
        f"system_prompt: |\n  {text}\nuser_prompt: '{{{{ question }}}}'\n"
    )


def put(folder: Path, path: str, text: str) -> None:
    place = folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)


@pytest.fixture
def commit(git: Run, project: Path) -> Run:
    """Writes files, commits everything, gives the commit's id."""

    def run(message: str, files: dict[str, str], folder: Path = project) -> str:
        for path, text in files.items():
            put(folder, path, text)
        git("add", "-A", cwd=folder)
        git("commit", "-qm", message, cwd=folder)
        return str(git("rev-parse", "HEAD", cwd=folder))

    return run


@pytest.fixture
def source(git: Run, commit: Run) -> list[str]:
    """Three commits of the prompt bot in the project: 1.0.0, 1.1.0, 2.0.0; another prompt that stays. Their ids."""
    git("init", "-q")
    git("config", "uploadpack.allowFilter", "true")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    files = {
        "prompts/bot.yaml": prompt("1.0.0", "One."),
        "prompts/far/away.yaml": prompt("1.0.0", "Far."),
        "golden/bot.yaml": GOLDEN,
    }
    made = [commit("one", files)]
    return made + [
        commit(version, {"prompts/bot.yaml": prompt(version, text)})
        for version, text in (("1.1.0", "Two."), ("2.0.0", "Three."))
    ]


@pytest.fixture
def clone(git: Run, project: Path, tmp_path: Path) -> Callable[..., Path]:
    def run(*options: str) -> Path:
        folder = tmp_path / "clone"
        git("clone", "-q", *options, project.as_uri(), str(folder))
        return folder

    return run


def changed(ended: Any) -> list[tuple[str, str]]:
    """(path, rule) of every finding of a diff."""
    assert ended.code in (0, 1), ended.err
    return sorted((one["path"], one["rule"]) for one in ended.json["findings"])


def versions(ended: Any) -> list[str | None]:
    assert ended.code == 0, ended.err
    return [one["prompt_version"] for one in ended.json["commits"]]


def digest(promptctl: Run, revision: str, folder: Path) -> str:
    ended = promptctl("log", "bot", revision, "-n", "1", "--format", "json", cwd=folder)
    return str(ended.json["commits"][0]["digest"])


def tells_all(promptctl: Run, folder: Path, source: list[str]) -> None:
    """Every command that reads history gives what the full clone would."""
    ended = promptctl("diff", "--check", source[0], source[2], "--format", "json", cwd=folder)
    assert changed(ended) == [("prompts/bot.yaml", "PD401")]
    assert versions(promptctl("log", "bot", source[2], "--format", "json", cwd=folder)) == ["2.0.0", "1.1.0", "1.0.0"]
    described = promptctl("describe", digest(promptctl, source[0], folder), "--format", "json", cwd=folder)
    assert described.json["prompts"][0]["first"]["id"] == source[0]
    assert described.json["prompts"][0]["replaced_by"]["id"] == source[1]
    shown = promptctl("show", "bot", "--rev", source[1], "--input", "question=x", cwd=folder)
    assert "bot 1.1.0" in shown.out, shown.err
    assert promptctl("lint", "--against", source[1], cwd=folder).code == 0


@pytest.mark.slow
def test_a_linked_worktree_is_a_checkout_of_its_own(
    git: Run, promptctl: Run, source: list[str], tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    git("worktree", "add", "-q", "--detach", str(linked), source[1])
    tells_all(promptctl, linked, source)
    assert versions(promptctl("log", "bot", "--format", "json", cwd=linked)) == ["1.1.0", "1.0.0"]
    put(linked, "prompts/bot.yaml", prompt("1.1.1", "Changed."))
    git("add", "-A", cwd=linked)
    put(linked, "prompts/far/away.yaml", prompt("1.0.1", "Further."))
    assert changed(promptctl("diff", "--staged", "--format", "json", cwd=linked)) == [("prompts/bot.yaml", "PD401")]
    found = changed(promptctl("diff", "--format", "json", cwd=linked))
    assert found == [("prompts/bot.yaml", "PD401"), ("prompts/far/away.yaml", "PD401")]
    assert promptctl("diff").out == promptctl("diff", "--staged").out == "PASS: nothing changed\n"


def test_a_partial_clone_gets_what_it_lacks(git: Run, promptctl: Run, source: list[str], clone: Run) -> None:
    partial = clone("--filter=blob:none")
    lacking = git("rev-list", "--objects", "--all", "--missing=print", cwd=partial)
    assert "\n?" in lacking
    tells_all(promptctl, partial, source)


@pytest.mark.parametrize(
    "arguments",
    [
        ("diff", "HEAD~1"),
        ("diff", "--check", "HEAD~2", "HEAD~1"),
        ("diff", "worktree", "HEAD~1"),
        ("log", "bot"),
        ("describe", "0123abc"),
        ("lint", "--against", "HEAD~1"),
        ("lint", "--rev", "HEAD~1"),
        ("show", "bot", "--rev", "HEAD~1", "--input", "question=x"),
    ],
    ids=" ".join,
)
def test_a_partial_clone_without_its_remote_says_what_to_fetch(
    git: Run, promptctl: Run, source: list[str], clone: Run, project: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    partial = clone("--filter=blob:none", "--origin", "my.fork")
    away = Path(shutil.move(project, tmp_path / "away"))
    project.mkdir()
    ended = promptctl(*arguments, cwd=partial)
    assert (ended.code, ended.out) == (3, "")
    assert "this partial clone does not hold" in ended.err
    assert promptctl("diff", cwd=partial).out == "PASS: nothing changed\n"
    project.rmdir()
    shutil.move(away, project)
    command = ended.err.partition("run '")[2].partition("'")[0].split()
    assert command == ["git", "fetch", "--refetch", "--no-filter", "my.fork"]
    git(*command[1:], cwd=partial)
    shutil.move(project, away)
    project.mkdir()
    again = promptctl(*arguments, cwd=partial)
    assert again.code == (1 if arguments[0] == "describe" else 0), again.err


def test_a_partial_and_sparse_clone_without_its_remote(
    git: Run, promptctl: Run, source: list[str], clone: Run, project: Path, tmp_path: Path
) -> None:
    both = clone("--filter=blob:none", "--sparse")
    git("sparse-checkout", "set", "golden", cwd=both)
    put(both, "golden/bot.yaml", GOLDEN.replace("How?", "What?"))
    away = Path(shutil.move(project, tmp_path / "away"))
    project.mkdir()
    ended = promptctl("diff", cwd=both)
    assert (ended.code, ended.out) == (3, "")
    assert "git fetch --refetch --no-filter origin" in ended.err
    project.rmdir()
    shutil.move(away, project)
    assert changed(promptctl("diff", "--format", "json", cwd=both)) == [("golden/bot.yaml", "PD505")]


@pytest.mark.slow
@pytest.mark.parametrize("index", ["--no-sparse-index", "--sparse-index"])
def test_a_sparse_checkout_has_no_deleted_prompts(
    git: Run, promptctl: Run, source: list[str], clone: Run, index: str
) -> None:
    sparse = clone()
    git("sparse-checkout", "set", "--cone", index, "golden", cwd=sparse)
    assert not (sparse / "prompts").exists()
    tells_all(promptctl, sparse, source)
    for arguments in ((), ("--staged",), ("index", "worktree"), ("worktree", "HEAD"), ("bot",)):
        ended = promptctl("diff", *arguments, cwd=sparse)
        assert ended.out.startswith("PASS: nothing"), (arguments, ended)
    for arguments in (("HEAD~1",), ("worktree", "HEAD~1"), ("HEAD~1", "worktree")):
        ended = promptctl("diff", *arguments, "--format", "json", cwd=sparse)
        assert changed(ended) == [("prompts/bot.yaml", "PD401")], arguments
    put(sparse, "golden/bot.yaml", GOLDEN.replace("How?", "What?"))
    found = changed(promptctl("diff", "HEAD~1", "--format", "json", cwd=sparse))
    assert found == [("golden/bot.yaml", "PD505"), ("prompts/bot.yaml", "PD401")]
    (sparse / "golden" / "bot.yaml").unlink()
    assert changed(promptctl("diff", "--format", "json", cwd=sparse)) == [("golden/bot.yaml", "PD501")]


def test_links_across_the_edge_of_a_sparse_checkout(
    git: Run, promptctl: Run, source: list[str], commit: Run, project: Path
) -> None:
    (project / "prompts" / "out.yaml").symlink_to("far/away.yaml")
    (project / "in").mkdir()
    (project / "in" / "link.yaml").symlink_to("../prompts/far/away.yaml")
    commit("links", {"promptctl.yaml": "prompts: [prompts, in]\n", "in/mine.yaml": prompt("1.0.0", "Mine.")})
    git("sparse-checkout", "set", "golden", "in")
    put(project, "in/mine.yaml", prompt("1.0.1", "Mine too."))
    assert changed(promptctl("diff", "--format", "json")) == [("in/mine.yaml", "PD401")]
    ended = promptctl("diff", "HEAD~1", "--format", "json")
    assert changed(ended) == []
    assert sorted(one["name"] for one in ended.json["prompts"]) == ["link", "mine", "out"]


def test_names_that_differ_only_in_case(
    git: Run, promptctl: Run, source: list[str], commit: Run, project: Path
) -> None:
    git("config", "core.ignorecase", "true")
    text = (project / "prompts/bot.yaml").read_text()
    commit("named", {"prompts/bot.yaml": f"name: bot\ngolden: golden/bot.yaml\n{text}"})
    git("mv", "prompts/bot.yaml", "prompts/other.yaml")
    git("mv", "prompts/other.yaml", "prompts/Bot.yaml")
    for arguments in ((), ("--staged",)):
        ended = promptctl("diff", *arguments, "--format", "json")
        assert changed(ended) == [("prompts/Bot.yaml", "PD601")], arguments  # cosmetic: a file moved
        (moved,) = ended.json["prompts"]
        paths = [moved[side]["path"] for side in ("before", "after")]
        assert (moved["name"], paths) == ("bot", ["prompts/bot.yaml", "prompts/Bot.yaml"])
    git("commit", "-qm", "renamed")
    git("config", "core.ignorecase", "false")  # as it came from a machine that tells the two apart
    commit("both", {"prompts/bot.yaml": prompt("3.0.0", "Lower.").replace("version", "name: lower\nversion", 1)})
    git("config", "core.ignorecase", "true")
    assert git("ls-tree", "--name-only", "HEAD", "prompts/").split()[:2] == ["prompts/Bot.yaml", "prompts/bot.yaml"]
    assert versions(promptctl("log", "bot", "--format", "json")) == ["2.0.0", "1.1.0", "1.0.0"]
    assert versions(promptctl("log", "lower", "--format", "json")) == ["3.0.0"]
    for name, version in (("bot", "2.0.0"), ("lower", "3.0.0")):
        shown = promptctl("show", name, "--rev", "HEAD", "--input", "question=x")
        assert f"{name} {version}" in shown.out, shown.err
    ended = promptctl("diff", "HEAD~1", "HEAD", "--format", "json")
    assert [one["name"] for one in ended.json["prompts"]] == ["lower"]


@pytest.mark.slow
def test_a_pointer_in_history_hides_only_its_own_file(
    promptctl: Run, source: list[str], commit: Run, project: Path
) -> None:
    whole = (project / "prompts/bot.yaml").read_text()
    commit("pointer", {"prompts/bot.yaml": POINTER, "prompts/far/away.yaml": prompt("1.1.0", "Farther.")})
    commit("whole", {"prompts/bot.yaml": whole, "prompts/far/away.yaml": prompt("1.2.0", "Farther yet.")})
    for arguments in (("HEAD~1",), ("HEAD~1", "HEAD"), ("HEAD~2", "HEAD~1")):
        ended = promptctl("diff", *arguments, "--format", "json")
        assert changed(ended) == [("prompts/bot.yaml", "PD001"), ("prompts/far/away.yaml", "PD401")]
        assert "LFS pointer" in next(one["message"] for one in ended.json["findings"] if one["rule"] == "PD001")
    assert promptctl("diff", "--check", "HEAD~2", "HEAD~1").code == 1
    rows = promptctl("log", "bot", "--format", "json").json["commits"]
    assert [row["change"] for row in rows] == ["changed", "unreadable", "changed", "changed", "added"]
    assert versions(promptctl("log", "away", "--format", "json")) == ["1.2.0", "1.1.0", "1.0.0"]
    assert promptctl("describe", rows[0]["digest"]).code == 0
    gone = promptctl("show", "bot", "--rev", "HEAD~1")
    assert (gone.code, gone.out) == (2, "")
    assert "prompts/bot.yaml: is a Git LFS pointer" in gone.err
    assert "away 1.1.0" in promptctl("show", "away", "--rev", "HEAD~1", "--input", "question=x").out


@pytest.mark.slow
def test_a_merge_on_a_detached_head(git: Run, promptctl: Run, source: list[str], commit: Run, project: Path) -> None:
    git("switch", "-q", "--detach", source[2])
    side = commit("side", {"prompts/far/away.yaml": prompt("1.1.0", "Farther.")})
    git("switch", "-q", "--detach", source[2])
    ours = commit("ours", {"prompts/bot.yaml": prompt("2.1.0", "Four.")})
    git("merge", "-q", "--no-ff", "-m", "merge", side)
    merge = git("rev-parse", "HEAD")
    tells_all(promptctl, project, source)
    assert changed(promptctl("diff", "HEAD^1", "--format", "json")) == [("prompts/far/away.yaml", "PD401")]
    assert changed(promptctl("diff", "HEAD^2", "HEAD", "--format", "json")) == [("prompts/bot.yaml", "PD401")]
    assert changed(promptctl("diff", f"{side}...HEAD", "--format", "json")) == [("prompts/bot.yaml", "PD401")]
    rows = promptctl("log", "away", "--format", "json").json["commits"]
    assert [row["commit"] for row in rows] == [side, source[0]]
    now = promptctl("describe", digest(promptctl, "HEAD", project), "--format", "json").json["prompts"][0]
    assert (now["first"]["id"], now["last"], now["current"]) == (ours, merge, True)
    assert "bot 2.1.0" in promptctl("show", "bot", "--rev", "HEAD", "--input", "question=x").out


def test_a_conflict_in_the_middle_of_a_merge(git: Run, promptctl: Run, source: list[str], commit: Run) -> None:
    git("switch", "-q", "--detach", source[2])
    side = commit("side", {"prompts/bot.yaml": prompt("2.0.1", "Theirs.")})
    git("switch", "-q", "--detach", source[2])
    commit("ours", {"prompts/bot.yaml": prompt("2.0.2", "Ours."), "golden/bot.yaml": GOLDEN.replace("How?", "What?")})
    with pytest.raises(subprocess.CalledProcessError):
        git("merge", "-q", side)
    for arguments in ((), ("--staged",)):
        ended = promptctl("diff", "--check", *arguments, "--format", "json")
        assert ended.code == 1, ended.err
        assert changed(ended) == [("prompts/bot.yaml", "PD001")]
    assert versions(promptctl("log", "bot", "--format", "json"))[0] == "2.0.2"


@pytest.mark.slow
def test_a_moved_submodule_is_told_wherever_one_looks(
    git: Run, promptctl: Run, source: list[str], commit: Run, project: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git("init", "-q", cwd=other)
    commit("one", {"prompts/inner.yaml": prompt("1.0.0", "Inner.")}, other)
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "prompts/sub")
    commit("submodule", {})
    commit("two", {"prompts/inner.yaml": prompt("1.0.1", "Inner, later.")}, project / "prompts" / "sub")
    assert changed(promptctl("diff", "--format", "json")) == [("prompts/sub", "PD002")]
    commit("moved", {"prompts/bot.yaml": prompt("2.0.1", "Four.")})
    found = changed(promptctl("diff", "HEAD~1", "HEAD", "--format", "json"))
    assert found == [("prompts/bot.yaml", "PD401"), ("prompts/sub", "PD002")]
    tells_all(promptctl, project, source)
    assert versions(promptctl("log", "bot", "--format", "json"))[0] == "2.0.1"
    assert promptctl("log", "inner").code == 4
    assert versions(promptctl("log", "inner", "--format", "json", cwd=project / "prompts/sub")) == ["1.0.1", "1.0.0"]
    assert promptctl("diff", "HEAD~1", "HEAD", cwd=project / "prompts/sub").code == 0
