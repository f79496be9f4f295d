"""Where a thing was read: a file's bytes and the positions in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

NodePath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a text; lines and columns are 1-based."""

    line: int
    column: int
    end_line: int | None = None
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    """A file's bytes, from the disk or from a git object; afterwards nobody can tell.

    path: relative to the project root, with forward slashes. rev: None for the working tree.
    """

    path: str
    data: bytes
    rev: str | None = None
    oid: str | None = None


def nowhere(_path: NodePath) -> Span | None:
    """The position of something that has none."""
    return None


@dataclass(frozen=True, slots=True)
class Source:
    """Where an object came from. `where(("cases", 3, "input"))` is the span of that node, or None."""

    path: str
    rev: str | None = None
    where: Callable[[NodePath], Span | None] = field(default=nowhere, compare=False, repr=False)


class Tree(Protocol):
    """The files of a project at one revision: the working tree, a commit, or the index."""

    @property
    def rev(self) -> str | None:
        """The revision, None for the working tree."""
        ...

    def paths(self) -> Sequence[str]:
        """Every file's root-relative path, sorted; ignored folders (.git, .promptctl) left out."""
        ...

    def read(self, path: str) -> Blob:
        """The file at `path`. Raises InputError: missing, unreadable, leaves the root, an LFS pointer."""
        ...
