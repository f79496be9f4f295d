"""The project a command works in: its root, its files, and what was named on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import WorkTree, find_root
from promptctl.model.errors import InputError, Problem
from promptctl.model.project import Project
from promptctl.model.source import Tree


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project root, the working directory the user typed in, and the project read from the root."""

    root: Path
    cwd: Path
    project: Project


def open_workspace(directory: Path | None, *, rev: str | None = None) -> Workspace:
    """Read the project around `directory` (None: the working directory), at a git revision where `rev` names one.

    Raises InputError where the directory, the revision or promptctl.yaml cannot be used.
    """
    from promptctl.text.project import load_project  # lint needs the folder alone, and reads the project its own way

    cwd = start_folder(directory)
    root = find_root(cwd)
    return Workspace(root=root, cwd=cwd, project=load_project(_tree(root, rev)))


def start_folder(directory: Path | None) -> Path:
    """The folder a command starts in: `-C DIR`, which has to exist, or the working directory."""
    if directory is None:
        return Path.cwd()
    if not directory.is_dir():
        raise InputError(Problem(f"-C {directory}: there is no such folder"))
    return directory.absolute()


def _tree(root: Path, rev: str | None) -> Tree:
    if rev is None or rev == "worktree":
        return WorkTree(root)
    from promptctl.adapters.git import IndexTree, RevisionTree

    return IndexTree(root) if rev == "index" else RevisionTree(root, rev)


def project_names(workspace: Workspace, names: Sequence[str]) -> list[str]:
    """`names` as the project knows them: what is a file as seen from the working directory, by its path from the root."""
    return [_from_root(workspace, name) for name in names]


def _from_root(workspace: Workspace, name: str) -> str:
    path = workspace.cwd / name
    if not path.is_file():
        return name
    try:
        return path.resolve().relative_to(workspace.root.resolve()).as_posix()
    except ValueError:
        raise InputError(Problem(f"{name} lies outside of the project {workspace.root}")) from None


def read_given(workspace: Workspace, path: Path) -> bytes:
    """The bytes of a file named on the command line, relative to the working directory."""
    try:
        return (workspace.cwd / path).read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path=str(path))) from None
