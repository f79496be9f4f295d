"""The stream of commits and the objects in it, from real repositories: odd names, submodules, partial clones."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from promptctl.adapters.history import Change, cut_off, range_of, steps
from promptctl.adapters.objects import Objects
from promptctl.model.errors import InputError, UnavailableError

AUTHOR = ("-c", "user.name=Zoë\x1b[1m", "-c", "user.email=z@example.com", "-c", "init.defaultBranch=main")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *AUTHOR, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def commit(folder: Path, files: dict[str, str], message: str = "c") -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def objects(repo: Path) -> Iterator[Objects]:
    made = Objects(repo)
    yield made
    made.close()


def test_commits_come_newest_first_with_their_changes(repo: Path) -> None:
    one = commit(repo, {"a ö.yaml": "1", "b.txt": "1"}, "first :000000 line")
    commit(repo, {"b.txt": "2"})
    two = commit(repo, {"a ö.yaml": "2", 'we"ird\tname.yaml': "x"}, "zweiter")
    (newest, oldest) = steps(repo, ["HEAD"], [":(glob)**/*.yaml"])
    assert (newest.commit.id, oldest.commit.id) == (two, one)
    assert (newest.commit.subject, oldest.commit.subject) == ("zweiter", "first :000000 line")
    assert newest.commit.author == "Zoë\x1b[1m"
    assert newest.commit.date[:2] == "20"
    assert [change.path for change in newest.changes] == ["a ö.yaml", 'we"ird\tname.yaml']
    blob = git(repo, "rev-parse", f"{one}:a ö.yaml")
    assert oldest.changes == (Change("a ö.yaml", (None,), blob),)
    assert newest.changes[0].old == (blob,)


def test_a_merge_has_a_side_for_each_parent(repo: Path) -> None:
    base = commit(repo, {"a.yaml": "0"})
    git(repo, "checkout", "-qb", "side")
    commit(repo, {"a.yaml": "1"})
    git(repo, "checkout", "-q", "main")
    commit(repo, {"a.yaml": "2"})
    git(repo, "merge", "-q", "-s", "ours", "--no-commit", "side")
    merged = commit(repo, {"a.yaml": "3"})
    first = steps(repo, ["HEAD"], ["*.yaml"])[0]
    assert first.commit.id == merged
    assert [len(change.old) for change in first.changes] == [2]
    assert len(steps(repo, range_of(repo, "side..main"), ["*.yaml"])) == 2
    assert len(steps(repo, range_of(repo, "side...main~1"), ["*.yaml"])) == 2
    assert [step.commit.id for step in steps(repo, range_of(repo, base), ["*.yaml"])] == [base]


def test_a_branch_whose_merge_kept_nothing_of_it_is_history_too(repo: Path) -> None:
    commit(repo, {"a.yaml": "0"})
    git(repo, "checkout", "-qb", "side")
    side = commit(repo, {"a.yaml": "1"})
    git(repo, "checkout", "-q", "main")
    git(repo, "merge", "-q", "-s", "ours", "--no-edit", "side")
    assert side in [step.commit.id for step in steps(repo, ["HEAD"], ["*.yaml"])]


def test_a_submodule_is_no_file(repo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    commit(other, {"x.yaml": "1"})
    git(repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "sub.yaml")
    commit(repo, {"a.yaml": "1"})
    assert [change.path for step in steps(repo, ["HEAD"], ["*.yaml"]) for change in step.changes] == ["a.yaml"]
    assert [len(step.changes) for step in steps(repo / "sub.yaml", ["HEAD"], ["*.yaml"])] == [1]


def test_objects_by_id_and_by_path_at_a_commit(repo: Path, objects: Objects) -> None:
    one = commit(repo, {"a ö.yaml": "text\n", "folder/b": "2"})
    oid = objects.oid_at(one, "a ö.yaml")
    assert oid == git(repo, "rev-parse", "HEAD:a ö.yaml")
    assert objects.blob(oid) == b"text\n"
    assert [objects.oid_at(one, path) for path in ("missing", "folder", "a\nb", "folder/b/c")] == [None] * 4
    below = Objects(repo / "folder")
    assert below.oid_at(one, "b") == git(repo, "rev-parse", "HEAD:folder/b")
    below.close()
    with pytest.raises(UnavailableError, match="git fsck"):
        objects.blob("0" * 39 + "1")
    assert objects.blob(oid) == b"text\n"


def test_a_partial_clone_without_its_remote_names_the_fetch(repo: Path, tmp_path: Path) -> None:
    commit(repo, {"a.yaml": "old"})
    oid = git(repo, "rev-parse", "HEAD:a.yaml")
    commit(repo, {"a.yaml": "new"})
    git(repo, "config", "uploadpack.allowFilter", "true")
    git(repo, "config", "uploadpack.allowAnySHA1InWant", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{repo}", str(clone))
    assert len(steps(clone, ["HEAD"], ["*.yaml"])) == 2
    away = Path(shutil.move(repo, tmp_path / "away"))
    made = Objects(clone)
    with pytest.raises(UnavailableError) as caught:
        made.blob(oid)
    assert "partial clone" in str(caught.value)
    assert "git fetch --refetch --no-filter origin" in str(caught.value)
    shutil.move(away, repo)
    git(clone, "fetch", "-q", "--refetch", "--no-filter", "origin")
    assert made.blob(oid) == b"old"
    made.close()


def test_where_a_shallow_clone_is_cut_off(repo: Path, tmp_path: Path) -> None:
    commit(repo, {"a.yaml": "1"})
    edge = commit(repo, {"a.yaml": "2"})
    commit(repo, {"a.yaml": "3"})
    assert cut_off(repo) == frozenset()
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{repo}", str(clone))
    assert cut_off(clone) == {edge}
    assert steps(clone, ["HEAD"], ["*.yaml"])[-1].changes[0].old == (None,)


def test_a_sparse_checkout_has_all_of_history(repo: Path) -> None:
    commit(repo, {"in/a.yaml": "1", "out/b.yaml": "1"})
    git(repo, "sparse-checkout", "set", "in")
    assert not (repo / "out").exists()
    assert [change.path for change in steps(repo, ["HEAD"], ["*.yaml"])[0].changes] == ["in/a.yaml", "out/b.yaml"]


@pytest.mark.parametrize("text", ["nowhere", "nowhere..HEAD", "--output=x", "HEAD..nowhere"])
def test_a_revision_that_is_none_is_refused(repo: Path, text: str) -> None:
    commit(repo, {"a.yaml": "1"})
    with pytest.raises(InputError, match="git knows no revision"):
        range_of(repo, text)


def test_no_setting_of_the_user_changes_what_is_read(repo: Path) -> None:
    commit(repo, {"a.yaml": "1"})
    commit(repo, {"a.yaml": "2"})
    expected = steps(repo, ["HEAD"], ["*.yaml"])
    for name, value in (
        ("log.showSignature", "true"), ("diff.renames", "copies"), ("log.follow", "true"), ("core.abbrev", "4"),
        ("log.decorate", "full"), ("color.ui", "always"), ("log.diffMerges", "first-parent"), ("core.quotePath", "true"),
        ("diff.noprefix", "true"), ("format.pretty", "oneline"),
    ):  # fmt: skip
        git(repo, "config", name, value)
    assert steps(repo, ["HEAD"], ["*.yaml"]) == expected
