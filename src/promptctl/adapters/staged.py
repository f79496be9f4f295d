"""Trees that know their files' ids without reading them, and what is staged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from promptctl.adapters.git import CONFLICT, LINK, Entry, IndexTree, ObjectTree, RevisionTree
from promptctl.model.errors import InputError
from promptctl.model.source import Blob


class IdentifiedTree:
    """A git tree whose files' blob ids are known beforehand; a `model.source.Tree`."""

    def __init__(self, tree: ObjectTree) -> None:
        self._tree = tree
        self.rev = tree.rev
        self.entries: Mapping[str, Entry] = tree._entries

    def paths(self) -> Sequence[str]:
        """Every file's path from the root, sorted."""
        return self._tree.paths()

    def read(self, path: str) -> Blob:
        """The file at `path`. Raises InputError."""
        return self._tree.read(path)

    def oid(self, path: str) -> str | None:
        """The id of the file's content; None for a link, a conflict, a file that is not there."""
        entry = self.entries.get(path)
        return None if entry is None or entry.mode in (LINK, CONFLICT) else entry.oid

    def close(self) -> None:
        """End the reading process."""
        self._tree.close()


def tree_at(root: Path, spec: str) -> IdentifiedTree:
    """The files at a revision, or of the index for "index". Raises as `adapters.git.resolve` does."""
    return IdentifiedTree(IndexTree(root) if spec == "index" else RevisionTree(root, spec))


def head_tree(root: Path) -> IdentifiedTree | None:
    """The files of HEAD; None before the first commit. Raises InputError outside of a repository."""
    try:
        return tree_at(root, "HEAD")
    except InputError as error:
        if any("knows no revision" in problem.message for problem in error.problems):
            return None
        raise


def staged_paths(index: IdentifiedTree, head: IdentifiedTree | None) -> frozenset[str]:
    """The paths, from the root, at which the index differs from HEAD: added, changed or deleted."""
    before = head.entries if head is not None else {}
    return frozenset(path for path in {*index.entries, *before} if index.entries.get(path) != before.get(path))
