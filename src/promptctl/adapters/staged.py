"""The trees lint compares in a repository, and what is staged."""

from __future__ import annotations

from pathlib import Path

from promptctl.adapters.git import IndexTree, ObjectTree, RevisionTree
from promptctl.model.errors import UnknownRevisionError


def tree_at(root: Path, spec: str) -> ObjectTree:
    """The files at a revision, or of the index for "index". Raises as `adapters.git.resolve` does."""
    return IndexTree(root) if spec == "index" else RevisionTree(root, spec)


def head_tree(root: Path) -> ObjectTree | None:
    """The files of HEAD; None before the first commit. Raises InputError outside of a repository."""
    try:
        return tree_at(root, "HEAD")
    except UnknownRevisionError:
        return None


def staged_paths(index: ObjectTree, head: ObjectTree | None) -> frozenset[str]:
    """The paths, from the root, at which the index differs from HEAD: added, changed or deleted."""
    before = head.entries if head is not None else {}
    return frozenset(path for path in {*index.entries, *before} if index.entries.get(path) != before.get(path))
