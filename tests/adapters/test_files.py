"""The working tree: what is listed, what is refused, and writes that are whole or not at all."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from promptctl.adapters.files import WorkTree, atomic_write, find_root
from promptctl.model.errors import InputError, UnavailableError


def put(root: Path, *paths: str, text: str = "x") -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def refusal(tree: WorkTree, path: str) -> str:
    with pytest.raises(InputError) as caught:
        tree.read(path)
    return str(caught.value)


def test_the_root_is_the_folder_of_the_project_file(tmp_path: Path) -> None:
    put(tmp_path, "repo/.git/HEAD", "repo/app/promptctl.yaml", "repo/app/prompts/a.yaml")
    assert find_root(tmp_path / "repo/app/prompts") == tmp_path / "repo/app"


def test_without_a_project_file_the_root_is_gits_top_level(tmp_path: Path) -> None:
    put(tmp_path, "repo/.git/HEAD", "repo/prompts/a.yaml")
    assert find_root(tmp_path / "repo/prompts") == tmp_path / "repo"


def test_in_a_linked_worktree_dot_git_is_a_file(tmp_path: Path) -> None:
    put(tmp_path, "tree/.git", text="gitdir: elsewhere")
    put(tmp_path, "tree/a/b.yaml")
    assert find_root(tmp_path / "tree/a") == tmp_path / "tree"


def test_without_either_the_root_is_where_one_stands(tmp_path: Path) -> None:
    assert find_root(tmp_path) == tmp_path


def test_a_project_file_above_the_repository_is_not_its_own(tmp_path: Path) -> None:
    put(tmp_path, "promptctl.yaml", "repo/.git/HEAD")
    assert find_root(tmp_path / "repo") == tmp_path / "repo"


def test_paths_are_sorted_and_leave_out_what_is_not_the_projects(tmp_path: Path) -> None:
    put(
        tmp_path,
        *("b.yaml", "a/z.yaml", "a-b.yaml", "a/b/c.yaml", ".hidden/x.yaml", ".git/config", ".promptctl/cache.sqlite"),
        *(
            "node_modules/m/x.yaml",
            ".venv/x.yaml",
            "env/pyvenv.cfg",
            "env/x.yaml",
            "vendored/.git/HEAD",
            "vendored/x.yaml",
        ),
    )
    (tmp_path / "loop").symlink_to(tmp_path)
    assert WorkTree(tmp_path).paths() == [".hidden/x.yaml", "a-b.yaml", "a/b/c.yaml", "a/z.yaml", "b.yaml"]


def test_a_file_is_read_as_bytes_under_its_clean_path(tmp_path: Path) -> None:
    put(tmp_path, "a/ü.yaml", text="één\r\n")
    blob = WorkTree(tmp_path).read("./a/../a//ü.yaml")
    assert (blob.path, blob.data, blob.rev) == ("a/ü.yaml", "één\r\n".encode(), None)


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    put(tmp_path, "golden/support-bot.yaml")
    assert "did you mean golden/support-bot.yaml?" in refusal(WorkTree(tmp_path), "golden/suport-bot.yaml")
    assert "no such file" in refusal(WorkTree(tmp_path), "golden/support-bot.yaml/x")


@pytest.mark.parametrize("path", ["../secret", "a/../../secret", "/etc/passwd", ".."])
def test_a_path_that_leaves_the_root_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "root").mkdir()
    put(tmp_path, "secret")
    assert "leads out of the project" in refusal(WorkTree(tmp_path / "root"), path)


def test_symbolic_links_are_followed_inside_the_root_and_refused_outside(tmp_path: Path) -> None:
    put(tmp_path, "secret", "root/real/file", text="s")
    root = tmp_path / "root"
    (root / "inner").symlink_to("real")
    (root / "outer").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    assert WorkTree(root).read("inner/file").data == b"s"
    assert "leads out of the project" in refusal(WorkTree(root), "outer")
    assert "leads out of the project" in refusal(WorkTree(root), "folder/secret")


def test_a_root_that_is_itself_a_link_works(tmp_path: Path) -> None:
    put(tmp_path, "real/a")
    (tmp_path / "link").symlink_to("real")
    assert WorkTree(tmp_path / "link").read("a").data == b"x"


def test_a_loop_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    tree = WorkTree(tmp_path)
    assert "circle" in refusal(tree, "a")
    assert "is a folder" in refusal(tree, "folder")
    assert "not a regular file" in refusal(tree, "pipe")
    assert tree.paths() == ["a", "b"]


def test_an_lfs_pointer_is_not_the_file(tmp_path: Path) -> None:
    put(tmp_path, "golden.jsonl", text="version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
    assert "git lfs pull" in refusal(WorkTree(tmp_path), "golden.jsonl")


def test_names_that_are_no_text_are_listed_and_refused(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_text("x")
    tree = WorkTree(tmp_path)
    (name,) = tree.paths()
    assert "not valid UTF-8" in refusal(tree, name)
    assert "not valid UTF-8" in refusal(tree, "a\0b")


def in_child(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=20, check=False
    )


def test_an_unreadable_file_says_so(tmp_path: Path) -> None:
    put(tmp_path, "a")
    (tmp_path / "a").chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    code = (
        "import os, sys; from pathlib import Path; from promptctl.adapters.files import WorkTree\n"
        "os.getuid() == 0 and os.setuid(65534)\n"
        "WorkTree(Path(sys.argv[1])).read('a')"
    )
    assert "a: cannot be read: Permission denied" in in_child(code, str(tmp_path)).stderr


def test_a_write_replaces_the_whole_and_keeps_permissions(tmp_path: Path) -> None:
    target = tmp_path / "a"
    atomic_write(target, b"one")
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask()
    target.chmod(0o640)
    atomic_write(target, b"two")
    assert (target.read_bytes(), target.stat().st_mode & 0o777) == (b"two", 0o640)
    assert names(tmp_path) == ["a"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_full_disk_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.write_bytes(b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(UnavailableError, match="the disk is full"):
            atomic_write(target, b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (target.read_bytes(), names(tmp_path)) == (b"old", ["a"])


def test_a_missing_folder_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="existing folder"):
        atomic_write(tmp_path / "nowhere" / "a", b"x")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="cannot be written"):
        atomic_write(tmp_path / "folder", b"x")
    assert names(tmp_path) == ["folder"]
