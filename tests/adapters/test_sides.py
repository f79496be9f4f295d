"""What differs between two states of a project, told without reading, and found whatever the user's git is set to."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from promptctl.adapters.sides import Moved, open_sides
from promptctl.model.errors import InputError, UnavailableError


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    (folder / "sub" / "prompts").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / "sub" / "prompts" / "a.yaml").write_text("name: first\nmodel: m\n")
    (folder / "sub" / "prompts" / "b.yaml").write_text("name: second\n")
    (folder / "top.txt").write_text("name: first\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "one")
    return folder


def changed(root: Path, base: str | None, head: str) -> set[str]:
    sides = open_sides(root, base, head)
    try:
        return set(sides.changed)
    finally:
        sides.close()


def test_only_what_differs_is_told_wherever_the_project_lies(repo: Path) -> None:
    (repo / "sub" / "prompts" / "a.yaml").write_text("name: first\nmodel: other\n")
    (repo / "sub" / "prompts" / "ü new.yaml").write_text("name: third\n")
    (repo / "top.txt").unlink()
    assert changed(repo / "sub", None, "worktree") == {"prompts/a.yaml", "prompts/ü new.yaml"}
    assert changed(repo / "sub", "worktree", "HEAD") == {"prompts/a.yaml", "prompts/ü new.yaml"}
    assert changed(repo, None, "worktree") == {"sub/prompts/a.yaml", "sub/prompts/ü new.yaml", "top.txt"}
    assert changed(repo, None, "index") == set()
    git(repo, "add", "-A")
    assert changed(repo, "index", "worktree") == set()
    assert changed(repo / "sub", None, "index") == {"prompts/a.yaml", "prompts/ü new.yaml"}


def test_a_file_that_was_only_touched_or_made_executable_has_the_same_content(repo: Path) -> None:
    (repo / "top.txt").chmod(0o755)
    git(repo, "add", "-A")
    assert changed(repo, None, "index") == set()


def test_unchanged_files_are_read_from_git_and_changed_ones_from_the_disk(repo: Path) -> None:
    (repo / "top.txt").write_text("new\n")
    sides = open_sides(repo, None, "worktree")
    assert sides.head.read("top.txt").data == b"new\n"
    assert sides.base.read("top.txt").data == b"name: first\n"
    assert sides.head.read("sub/prompts/a.yaml").oid is not None
    assert list(sides.head.paths()) == ["sub/prompts/a.yaml", "sub/prompts/b.yaml", "top.txt"]
    (repo / "top.txt").unlink()
    sides.close()
    again = open_sides(repo, None, "worktree")
    assert "top.txt" not in again.head.paths()
    with pytest.raises(InputError):
        again.head.read("top.txt")
    again.close()


@pytest.mark.parametrize(
    "setting", ["grep.lineNumber", "grep.column", "grep.fullName", "submodule.recurse", "color.ui"]
)
def test_words_are_found_in_unchanged_files_whatever_git_is_set_to(repo: Path, setting: str) -> None:
    git(repo, "config", setting, "always" if setting == "color.ui" else "true")
    (repo / "sub" / "prompts" / "b.yaml").write_text("name: first again\n")
    sides = open_sides(repo / "sub", None, "worktree")
    found = list(sides.lines(["first", "-model"], ["prompts", "nowhere"]))
    sides.close()
    assert found == [("prompts/a.yaml", "name: first")]


def test_a_link_counts_as_changed_when_anything_did(repo: Path) -> None:
    (repo / "link.txt").symlink_to("top.txt")
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", "link")
    assert changed(repo, None, "worktree") == set()
    (repo / "top.txt").write_text("new\n")
    assert changed(repo, None, "worktree") == {"top.txt", "link.txt"}


def test_a_submodule_that_moved_is_no_file(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    git(other, "commit", "-q", "--allow-empty", "-m", "one")
    git(repo, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "mod")
    git(repo, "commit", "-qm", "module")
    first = git(repo / "mod", "rev-parse", "HEAD")
    git(repo / "mod", "commit", "-q", "--allow-empty", "-m", "two")
    (repo / "mod" / "dirt").write_text("x")
    sides = open_sides(repo, None, "worktree")
    sides.close()
    assert sides.submodules == (Moved("mod", first, git(repo / "mod", "rev-parse", "HEAD")),)
    assert sides.changed == frozenset()
    back = open_sides(repo, "HEAD", "HEAD~1")
    back.close()
    assert back.submodules == (Moved("mod", first, None),)


def test_what_cannot_be_compared(repo: Path) -> None:
    with pytest.raises(InputError, match="does not differ from itself"):
        open_sides(repo, "worktree", "worktree")
    with pytest.raises(InputError, match="knows no revision"):
        open_sides(repo, "nosuch", "HEAD")
    (repo / ".git" / "objects" / git(repo, "rev-parse", "HEAD^{tree}")[:2]).rename(repo / "gone")
    with pytest.raises(UnavailableError):
        open_sides(repo, None, "worktree")
