"""Revisions and the index, read from real repositories, in real hooks and in shallow clones."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from promptctl.adapters.checkout import common_dir, environment, git_dir, head, top_level
from promptctl.adapters.git import IndexTree, RevisionTree, resolve
from promptctl.model.errors import InputError, UnavailableError

QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
AUTHOR = ("-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    for name, value in QUIET.items():
        monkeypatch.setenv(name, value)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *AUTHOR, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit(folder: Path, message: str = "c", **files: str) -> str:
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def test_outside_of_git_there_is_no_commit(tmp_path: Path) -> None:
    assert (head(tmp_path).commit, head(tmp_path).dirty, top_level(tmp_path), common_dir(tmp_path)) == (
        None,
        False,
        None,
        None,
    )


def test_head_says_the_commit_and_whether_files_differ(repo: Path) -> None:
    assert head(repo).commit is None
    oid = commit(repo, a="1", sub__b="1")
    assert (head(repo).commit, head(repo).dirty) == (oid, False)
    assert head(repo / "sub").commit == oid
    (repo / "new").write_text("x")
    assert head(repo).dirty
    assert not head(repo / "sub").dirty
    (repo / "sub/b").write_text("2")
    assert head(repo / "sub").dirty


def test_a_linked_worktree_shares_the_common_directory(repo: Path, tmp_path: Path) -> None:
    commit(repo, a="1")
    git(repo, "worktree", "add", "-q", str(tmp_path / "linked"))
    linked = tmp_path / "linked"
    assert (top_level(linked), common_dir(linked)) == (linked, repo / ".git")
    assert git_dir(linked) == repo / ".git/worktrees/linked"
    assert head(linked).commit == head(repo).commit


def test_a_revision_is_read_without_a_checkout(repo: Path) -> None:
    first = commit(repo, a__x="one", **{"a__ü ": "u"})
    commit(repo, a__x="two")
    tree = RevisionTree(repo, first)
    assert tree.paths() == ("a/x", "a/ü ")
    blob = tree.read("a/x")
    assert (blob.data, blob.rev, blob.oid) == (b"one", first, git(repo, "rev-parse", f"{first}:a/x"))
    assert RevisionTree(repo, "HEAD").read("a/x").data == b"two"
    tree.close()
    assert tree.read("a/ü ").data == b"u"


def test_many_files_are_read_by_one_process(repo: Path) -> None:
    commit(repo, **{f"p__{n}": f"text {n}\n" * n for n in range(60)})
    tree = RevisionTree(repo, "HEAD")
    assert [tree.read(f"p/{n}").data for n in range(60)] == [(f"text {n}\n" * n).encode() for n in range(60)]


def test_a_project_below_the_top_level_has_paths_of_its_own(repo: Path) -> None:
    commit(repo, outside="x", app__prompts__a="1")
    assert RevisionTree(repo / "app", "HEAD").paths() == ("prompts/a",)
    assert IndexTree(repo / "app").read("prompts/a").data == b"1"
    with pytest.raises(InputError, match="leads out of the project"):
        RevisionTree(repo / "app", "HEAD").read("../outside")


def test_links_are_followed_inside_and_refused_outside(repo: Path) -> None:
    (repo / "up").symlink_to("../../etc/passwd")
    (repo / "absolute").symlink_to("/etc/passwd")
    (repo / "folder").symlink_to("real")
    (repo / "loop").symlink_to("loop")
    (repo / "broken").symlink_to("nowhere")
    commit(repo, real__file="r")
    (repo / "real/again").symlink_to("../folder/file")
    commit(repo)
    tree = RevisionTree(repo, "HEAD")
    assert tree.read("folder/again").data == b"r"
    assert tree.paths() == ("absolute", "broken", "loop", "real/again", "real/file", "up")
    for path, why in {
        "up": "leads out",
        "absolute": "leads out",
        "loop": "circle",
        "broken": "no such file",
        "folder": "folder",
    }.items():
        with pytest.raises(InputError, match=why):
            tree.read(path)


def test_a_missing_file_names_the_nearest_and_an_lfs_pointer_is_refused(repo: Path) -> None:
    commit(repo, golden__bot="version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    tree = RevisionTree(repo, "HEAD")
    with pytest.raises(InputError, match="did you mean golden/bot"):
        tree.read("golden/bto")
    with pytest.raises(InputError, match="LFS"):
        tree.read("golden/bot")


def test_unknown_revisions_and_options_in_disguise_are_refused(repo: Path) -> None:
    commit(repo, a="1")
    git(repo, "branch", "release")
    with pytest.raises(InputError, match="did you mean release"):
        resolve(repo, "relaese")
    for disguise in ("--output=/tmp/x", "-h", ""):
        with pytest.raises(InputError, match="knows no revision"):
            resolve(repo, disguise)


def test_merge_base_and_tag_specs(repo: Path) -> None:
    base = commit(repo, a="1")
    git(repo, "tag", "v1.9.0")
    git(repo, "tag", "v1.10.0")
    git(repo, "checkout", "-q", "-b", "side")
    commit(repo, a="2")
    git(repo, "checkout", "-q", "-")
    commit(repo, b="3")
    assert resolve(repo, "merge-base:side") == base
    assert resolve(repo, "tag:v*") == base
    assert resolve(repo, "HEAD~1") == base
    with pytest.raises(InputError, match="no tag matches"):
        resolve(repo, "tag:x*")
    git(repo, "checkout", "-q", "--orphan", "other")
    commit(repo, c="4")
    with pytest.raises(InputError, match="no common ancestor"):
        resolve(repo, "merge-base:side")


@pytest.mark.parametrize("spec", ["HEAD^1", "HEAD~2", "origin/side", "merge-base:origin/side"])
def test_a_shallow_clone_names_the_fetch_that_helps(repo: Path, tmp_path: Path, spec: str) -> None:
    for n in range(3):
        commit(repo, a=str(n))
    git(repo, "branch", "side", "HEAD~2")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{repo}", str(clone))
    for _ in range(2):  # a merge base takes two: the branch first, then the history
        with pytest.raises(UnavailableError, match="shallow clone") as caught:
            resolve(clone, spec)
        hint = str(caught.value).split("'")
        command = next(part for part in hint if part.startswith("git fetch"))
        git(clone, *shlex.split(command)[1:])
        if not spec.startswith("merge-base"):
            break
    wanted = {"HEAD^1": "main~1", "HEAD~2": "main~2"}.get(spec, "side")
    assert resolve(clone, spec) == git(repo, "rev-parse", wanted.replace("main", "HEAD"))


def test_outside_of_a_repository_and_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="not in a git repository"):
        resolve(tmp_path, "HEAD")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="git is not installed"):
        resolve(tmp_path, "HEAD")
    (tmp_path / ".git").mkdir()
    assert "did not answer" in (head(tmp_path).problem or "")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody else")
def test_dubious_ownership_is_explained(repo: Path) -> None:
    commit(repo, a="1")
    for path in (repo, repo / ".git"):
        os.chown(path, 65534, 65534)
    with pytest.raises(UnavailableError, match="belongs to another user"):
        resolve(repo, "HEAD")
    assert "dubious" in (head(repo).problem or "")


HOOK = """import sys
from pathlib import Path
from promptctl.adapters.checkout import head
from promptctl.adapters.files import find_root
from promptctl.adapters.git import IndexTree, RevisionTree
root = find_root(Path.cwd() / "app")
other = Path(sys.argv[2])
with open(sys.argv[1], "w") as out:
    print(IndexTree(root).read("a").data, RevisionTree(root, "HEAD").read("a").data, file=out)
    print(IndexTree(other).paths(), RevisionTree(other, "HEAD").paths(), head(other).commit, file=out)
"""


@pytest.mark.parametrize("how", [("-a",), ("--", "app/a")])
def test_a_hook_sees_the_index_of_its_commit_and_other_repositories_as_they_are(
    repo: Path, tmp_path: Path, how: tuple[str, ...]
) -> None:
    commit(repo, app__a="old", **{"app__promptctl.yaml": ""})
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    oid = commit(other, z="z")
    seen = tmp_path / "seen"
    (tmp_path / "hook.py").write_text(HOOK)
    hook = repo / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        "#!/bin/sh\nexec " + shlex.join([sys.executable, str(tmp_path / "hook.py"), str(seen), str(other)]) + "\n"
    )
    hook.chmod(0o755)
    (repo / "app/a").write_text("new")
    git(repo, "commit", "-q", "-m", "hooked", *how)
    assert seen.read_text().splitlines() == ["b'new' b'old'", f"('z',) ('z',) {oid}"]


def test_contents_are_known_by_id_before_they_are_read(repo: Path) -> None:
    (repo / "link").symlink_to("a")
    commit(repo, a="text")
    tree = IndexTree(repo)
    assert tree.oid("a") == git(repo, "rev-parse", "HEAD:a") == tree.read("a").oid
    assert (tree.oid("link"), tree.oid("nowhere")) == (None, None)
    tree.close()


def test_a_conflicted_file_is_not_an_empty_one(repo: Path) -> None:
    commit(repo, a="base")
    git(repo, "checkout", "-q", "-b", "side")
    commit(repo, a="theirs")
    git(repo, "checkout", "-q", "-")
    commit(repo, a="ours")
    subprocess.run(["git", *AUTHOR, "merge", "side"], cwd=repo, capture_output=True, check=False)
    with pytest.raises(InputError, match="merge conflict"):
        IndexTree(repo).read("a")
    assert IndexTree(repo).oid("a") is None


def test_the_environment_of_a_hook_reaches_only_its_own_repository(repo: Path, tmp_path: Path) -> None:
    inherited = {
        "GIT_DIR": str(repo / ".git"),
        "GIT_INDEX_FILE": str(repo / ".git/next"),
        "GIT_SSH_COMMAND": "ssh",
        "HOME": "/h",
    }
    own = environment(repo, inherited)
    assert (own.get("GIT_DIR"), own["GIT_INDEX_FILE"], own["HOME"]) == (None, str(repo / ".git/next"), "/h")
    (tmp_path / "other/.git").mkdir(parents=True)
    assert environment(tmp_path / "other", inherited) == {
        "GIT_SSH_COMMAND": "ssh",
        "HOME": "/h",
        "LC_ALL": "C",
        "LANGUAGE": "C",
    }


def test_before_the_first_commit_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(InputError, match="the repository has no commit yet"):
        resolve(tmp_path, "HEAD")
