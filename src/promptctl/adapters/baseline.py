"""The base of a comparison: what a SPEC turned out to be, and its files as a folder that checks can run in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.git import ObjectTree, asked, resolve
from promptctl.adapters.sides import INDEX, WORKTREE
from promptctl.model.errors import InputError, Problem, UnavailableError

MOST_FILES = 20_000
MOST_BYTES = 500_000_000
_FIRST_PARENT = re.compile(r"(?:HEAD|@)(?:\^1?|~1?)")


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was taken. commit: the full id, None for the index and the working tree. words: how it was found, for a reader."""

    spec: str
    commit: str | None
    words: str

    @property
    def label(self) -> str:
        """The commit as git shortens it, "index" or "worktree"."""
        return self.spec if self.commit is None else self.commit[:7]


def find_baseline(root: Path, spec: str) -> Baseline:
    """What `spec` means here. Raises as `adapters.git.resolve` does: a shallow clone is told what to fetch."""
    if spec == WORKTREE:
        hint = "name a revision, or index for what is staged"
        raise InputError(Problem("--against worktree: the working tree is what is judged", hint=hint))
    if spec == INDEX:
        return Baseline(spec, None, "what is staged")
    return find_side(root, spec)


def find_side(root: Path, spec: str) -> Baseline:
    """What `spec` means as one side of a comparison: a revision or the working tree. Raises as `adapters.git.resolve` does."""
    if spec == WORKTREE:
        return Baseline(spec, None, "the files as they are")
    commit = resolve(root, spec)
    return Baseline(spec, commit, _words(root, spec, commit))


def _words(root: Path, spec: str, commit: str) -> str:
    if _FIRST_PARENT.fullmatch(spec):
        parents = (asked(root, "rev-list", "--parents", "-n", "1", "HEAD") or "").split()[1:]
        return "HEAD^1 of a merge" if len(parents) > 1 else "the commit before HEAD"
    if spec.startswith("merge-base:"):
        return f"where HEAD and {spec.removeprefix('merge-base:')} parted"
    if spec.startswith("tag:"):
        name = (asked(root, "describe", "--tags", "--exact-match", commit) or "").strip()
        return f"tag {name}, the newest that matches {spec.removeprefix('tag:')}" if name else spec
    return "that commit" if commit.startswith(spec.lower()) else spec


def copy_files(
    tree: ObjectTree,
    folder: Path,
    *,
    what: str = "checks",
    hint: str = "--policy-from head runs the checks of the working tree",
) -> None:
    """Write the files of a git tree into `folder`, which exists, modes kept; submodules left out, of symbolic links to
    files the file.

    what: what they are copied for. hint: what to do where they cannot be. Raises UnavailableError where there are too
    many, or the disk refuses.
    """
    if len(tree.entries) > MOST_FILES:
        message = f"the revision has {len(tree.entries):,} files, too many to copy for its {what}"
        raise UnavailableError(Problem(message, hint=hint))
    written = 0
    try:
        for path, entry in tree.entries.items():
            place = folder / path
            try:
                data = tree.read(path).data
            except InputError:  # a link to a folder, a pointer to a large file elsewhere: what reads it says so
                continue
            written += len(data)
            if written > MOST_BYTES:
                message = f"the revision's files are too large to copy for its {what}"
                raise UnavailableError(Problem(message, hint=hint))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            place.chmod(0o755 if entry.mode.endswith("755") else 0o644)
    except OSError as error:
        raise UnavailableError(f"the revision's {what} cannot be copied: {error}") from error
