"""The project a command works in: its root, its files, and what was named on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import WorkTree, find_root
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.golden import GoldenSet
from promptctl.model.project import Project
from promptctl.model.prompt import Prompt
from promptctl.text.project import load_project, select


@dataclass(frozen=True, slots=True)
class Workspace:
    """A project root, the working directory the user typed in, and the project read from the root."""

    root: Path
    cwd: Path
    project: Project


def open_workspace(directory: Path | None) -> Workspace:
    """Read the project around `directory`, or around the working directory.

    Raises InputError where the directory or promptctl.yaml cannot be used.
    """
    cwd = Path.cwd() if directory is None else _existing(directory)
    root = find_root(cwd)
    return Workspace(root=root, cwd=cwd, project=load_project(WorkTree(root)))


def _existing(directory: Path) -> Path:
    if not directory.is_dir():
        raise InputError(Problem(f"-C {directory}: no such directory"))
    return directory.resolve()


def selected(workspace: Workspace, names: Sequence[str]) -> Sequence[tuple[Prompt, GoldenSet]]:
    """The prompts that `names` (names, NAME@VERSION, or paths from the working directory) select, with golden sets.

    No name selects every prompt that has a golden set. Raises NothingSelectedError for an unknown name and for a
    project without prompts.
    """
    project = workspace.project
    if not names and not project.prompts and not project.problems:
        raise NothingSelectedError(
            Problem(
                f"no prompts in {workspace.root}: looked in {', '.join(project.config.prompts)}",
                hint="'promptctl init' makes a first prompt with a golden set",
            )
        )
    return select(project, [_as_root_relative(workspace, name) for name in names])


def _as_root_relative(workspace: Workspace, name: str) -> str:
    """`name` unchanged, or, where it is a file as seen from the working directory, its path from the root."""
    path = workspace.cwd / name
    if not path.is_file():
        return name
    try:
        return path.resolve().relative_to(workspace.root.resolve()).as_posix()
    except ValueError:
        raise InputError(Problem(f"{name} lies outside of the project {workspace.root}")) from None


def read_user_file(workspace: Workspace, given: Path) -> bytes:
    """The bytes of a file named on the command line, relative to the working directory."""
    try:
        return (workspace.cwd / given).read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot read the file: {error.strerror}", path=str(given))) from error
