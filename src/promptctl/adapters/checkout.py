"""What every run asks of git (where is the repository, at which commit, is it dirty), without importing GitPython.

Importing GitPython takes about 65 ms and starts a process; a whole cached run may take 500 ms. These facts need
a look at `.git` and one `git status`, so they stand here; everything about revisions is in `adapters/git.py`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Head:
    """The commit checked out, None outside of git or before the first one, and whether the files differ from it.

    problem: why git would not say, or None.
    """

    commit: str | None = None
    dirty: bool = False
    problem: str | None = None


def top_level(start: Path) -> Path | None:
    """The folder of the repository `start` lies in (a linked worktree's own folder), or None outside of git."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if os.path.lexists(folder / ".git")), None)


def git_dir(start: Path) -> Path | None:
    """The `.git` folder that belongs to the checkout around `start`: a worktree's or a submodule's own; None without."""
    top = top_level(start)
    if top is None:
        return None
    entry = top / ".git"
    if entry.is_dir():
        return entry
    # gitrepository-layout(5): in worktrees and submodules .git is a text file, "gitdir: PATH".
    target = _first_line(entry).removeprefix("gitdir:").strip()
    return (top / target).resolve() if target else None


def common_dir(start: Path) -> Path | None:
    """The `.git` folder all worktrees of the repository around `start` share, or None outside of git."""
    own = git_dir(start)
    if own is None:
        return None
    shared = _first_line(own / "commondir")
    return (own / shared).resolve() if shared else own


def head(root: Path) -> Head:
    """The commit and dirtiness of the project at `root`; files unknown to git count as dirty, since they may be prompts.

    Never raises: a run without git is a run without provenance.
    """
    command = [
        "git",
        "--no-optional-locks",
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--untracked-files=normal",
        "--",
        ".",
    ]
    if top_level(root) is None:
        return Head()
    try:
        done = subprocess.run(
            command,
            cwd=root,
            env=environment(root, os.environ),
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Head(problem=f"git did not answer: {error}")
    if done.returncode:
        return Head(
            problem=done.stderr.decode("utf-8", "replace").strip() or f"git status ended with {done.returncode}"
        )
    lines = done.stdout.decode("utf-8", "replace").split("\0")
    oid = next((line.removeprefix("# branch.oid ") for line in lines if line.startswith("# branch.oid ")), "(initial)")
    return Head(
        commit=None if oid == "(initial)" else oid,
        dirty=any(line and not line.startswith("# ") for line in lines),
    )


def environment(root: Path, inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment for a git process that runs in `root`.

    In a hook git says through GIT_INDEX_FILE which index is meant; it speaks of the repository in GIT_DIR, or, where
    that is not set, of the one the hook runs in. Where that is the repository of `root`, the index is kept, its path made absolute since git will run elsewhere, and git finds the
    repository by itself (with GIT_DIR it would take any folder for the top level). Where `root` lies in another
    repository, every GIT_* that is not about the user goes.
    """
    told, around = inherited.get("GIT_DIR"), git_dir(root)
    meant = git_dir(Path.cwd()) if told is None else Path(told)
    foreign = meant is not None and around is not None and meant.resolve() != around.resolve()
    kept = {}
    for name, value in inherited.items():
        found_anyway = around is not None and name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX")
        if found_anyway or (foreign and name.startswith("GIT_") and name not in ABOUT_THE_USER):
            continue
        kept[name] = str(Path(value).absolute()) if name in _PATHS else value
    return kept | {"LC_ALL": "C", "LANGUAGE": "C"}


ABOUT_THE_USER = frozenset(
    {"GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"}
)
_PATHS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"})


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape").partition("\n")[0].strip()
    except OSError:
        return ""
