"""Two states of a project and the files at which they differ, told by object ids without reading any.

The working tree is seen through git: a file that git holds for unchanged is read from the base, so that line ends git
converts, files a sparse checkout leaves out and clean filters make no difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import WorkTree
from promptctl.adapters.git import LINK, Entry, IndexTree, ObjectTree, RevisionTree, ask, is_revision, resolve
from promptctl.model.errors import InputError, Problem, UnknownRevisionError
from promptctl.model.source import Blob, Tree

INDEX, WORKTREE = "index", "worktree"
_SUBMODULE = "160000"
# What a user's configuration could add to the output of git grep.
_PLAIN = ("--no-color", "--no-line-number", "--no-column", "--no-full-name", "--no-recurse-submodules")


@dataclass(frozen=True, slots=True)
class Moved:
    """A submodule that is at another commit; None where it is not there."""

    path: str
    before: str | None
    after: str | None


class CheckoutTree:
    """The working tree over a git tree: what differs is read from the disk, all else from git; a `model.source.Tree`.

    below: the tree it is compared with. changed: paths that may differ from it. found: the files on the disk. kept:
    what git holds for in place, with the ids the index has; a sparse checkout has some of it not on the disk.
    """

    def __init__(
        self, root: Path, below: ObjectTree, changed: frozenset[str], found: frozenset[str], kept: ObjectTree
    ) -> None:
        self.rev: str | None = None
        self._root = root
        self._disk = WorkTree(root)
        self._below = below
        self._changed = changed
        self._kept = kept
        outside = {path for path in set(kept.paths()) & changed if not os.path.lexists(root / path)}
        self._paths = tuple(sorted((set(below.paths()) - changed) | (found & changed) | outside))

    def paths(self) -> Sequence[str]:
        """Every file's path from the root, sorted."""
        return self._paths

    def read(self, path: str) -> Blob:
        """The file at `path`. Raises InputError."""
        if path in self._below.entries and path not in self._changed:
            return self._below.read(path)
        # Left out by a sparse checkout, or a link to what is: git knows the content, and a deleted file it does not keep.
        left_out = path in self._kept.entries and not (self._root / path).exists()
        return self._kept.read(path) if left_out else self._disk.read(path)

    def close(self) -> None:
        """End the reading process."""
        self._kept.close()


class Sides:
    """A project before and after. changed: root-relative paths whose content may differ; submodules: those that moved.

    base_label, head_label: what each side is, for a reader: twelve digits of a commit, "index" or "worktree".
    """

    def __init__(
        self,
        root: Path,
        base: Tree,
        head: Tree,
        changed: frozenset[str],
        submodules: Sequence[Moved],
        store: ObjectTree,
    ) -> None:
        self.root = root
        self.base = base
        self.head = head
        self.changed = changed
        self.submodules = tuple(submodules)
        self._store = store

    @property
    def labels(self) -> tuple[str, str]:
        """The two sides, for a reader."""
        return _label(self.base), _label(self.head)

    def lines(self, words: Sequence[str], folders: Sequence[str]) -> Iterator[tuple[str, str]]:
        """(path, line) of every line of an unchanged file under `folders` that has one of `words` in it; found by git."""
        rev = self._store.rev
        if not words or not self._store.entries or rev is None:
            return
        where = ["--cached"] if rev == INDEX else []
        what = [part for word in words for part in ("-e", word)]
        told = [] if rev == INDEX else [rev]
        command = ["grep", *where, "-I", "-z", "-F", *_PLAIN, *what, *told, "--", *(one or "." for one in folders)]
        prefix = "" if rev == INDEX else f"{rev}:"
        for line in ask(self.root, "--literal-pathspecs", *command, fine=(0, 1)).split(b"\n"):
            name, found, text = line.partition(b"\0")
            path = os.fsdecode(name).removeprefix(prefix)
            if found and path not in self.changed:
                yield path, text.decode("utf-8", "replace")

    def close(self) -> None:
        """End the reading processes."""
        for one in (self.base, self.head, self._store):
            if isinstance(one, ObjectTree | CheckoutTree):
                one.close()


def open_sides(root: Path, base: str | None, head: str) -> Sides:
    """The sides of a comparison. base: a SPEC, None for HEAD (nothing, before the first commit). head: a SPEC.

    A SPEC is what `adapters.git.resolve` takes, or "index" or "worktree". Raises as `resolve` does.
    """
    if base == WORKTREE:
        if head == WORKTREE:
            raise InputError(Problem("the working tree does not differ from itself", hint="name a revision"))
        turned = open_sides(root, head, WORKTREE)
        moved = [Moved(one.path, one.after, one.before) for one in turned.submodules]
        return Sides(root, turned.head, turned.base, turned.changed, moved, turned._store)
    before = _base(root) if base is None else _tree(root, base)
    if head != WORKTREE:
        after = _tree(root, head)
        moved = list(_moved(before.submodules, after.submodules))
        return Sides(root, before, after, _differing(before.entries, after.entries), moved, before)
    return _with_checkout(root, before)


def _tree(root: Path, spec: str) -> ObjectTree:
    return IndexTree(root) if spec == INDEX else RevisionTree(root, spec)


def _base(root: Path) -> ObjectTree:
    """HEAD, or the empty tree of a repository without a commit."""
    if is_revision(root, "HEAD"):
        return RevisionTree(root, "HEAD")
    with suppress(UnknownRevisionError):
        return RevisionTree(root, "HEAD")  # says what is wrong, where something is
    empty = ask(root, "hash-object", "-t", "tree", os.devnull).decode().strip()
    return ObjectTree(root, empty, {})


def _differing(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> frozenset[str]:
    found = {path for path in {*before, *after} if _content(before.get(path)) != _content(after.get(path))}
    return _with_links(found, before, after)


def _content(entry: Entry | None) -> tuple[str, str] | None:
    """What makes a file another: its text, and whether it is a link or in conflict; not whether it may be executed."""
    return None if entry is None else (entry.oid, entry.mode if not entry.mode.startswith("100") else "")


def _with_links(found: set[str], *sides: Mapping[str, Entry]) -> frozenset[str]:
    """With every symbolic link: what one leads to may have changed."""
    if not found:
        return frozenset()
    return frozenset(found | {path for side in sides for path, entry in side.items() if entry.mode == LINK})


def _with_checkout(root: Path, before: ObjectTree) -> Sides:
    told = ("diff-files",) if before.rev == INDEX else ("diff-index", str(before.rev))
    options = ("--raw", "-z", "--no-abbrev", "--no-renames", "--relative", "--ignore-submodules=dirty")
    raw = ask(root, told[0], *options, *told[1:], "--")
    parts = raw.split(b"\0")[:-1]
    found: set[str] = set()
    left_out: dict[str, Entry] = {}
    moved = []
    for about, name in zip(parts[::2], parts[1::2], strict=True):
        path = os.fsdecode(name)
        before_mode, mode, _, oid, _ = about.decode().lstrip(":").split()
        if _SUBMODULE in (before_mode, mode):
            moved.append(Moved(path, before.submodules.get(path), _checked_out(root / path)))
        else:
            found.add(path)
            # An id is only told of what is as the index has it: a file that is gone from the disk has none.
            if oid.strip("0") and not (root / path).exists():
                left_out[path] = Entry(mode, oid)
    in_place = {path: entry for path, entry in before.entries.items() if path not in found}
    kept = ObjectTree(root, str(before.rev), in_place | left_out)
    disk = frozenset(WorkTree(root).paths())
    found |= disk - set(before.entries)
    changed = _with_links(found, before.entries)
    known = [one for one in moved if one.before != one.after]
    return Sides(root, before, CheckoutTree(root, before, changed, disk, kept), changed, known, before)


def _checked_out(folder: Path) -> str | None:
    return resolve(folder, "HEAD") if (folder / ".git").exists() and is_revision(folder, "HEAD") else None


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Moved]:
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path):
            yield Moved(path, before.get(path), after.get(path))


def _label(tree: Tree) -> str:
    if tree.rev is None:
        return WORKTREE
    return tree.rev if tree.rev == INDEX else tree.rev[:12]
