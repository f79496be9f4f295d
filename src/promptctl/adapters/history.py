"""Which commits changed which files: one `git log --raw` stream, without reading a single file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.checkout import common_dir
from promptctl.adapters.git import ask, resolve

GITLINK = "160000"
NOTHING = "000000"
_FORMAT = "%x1e%H%x1f%P%x1f%aN%x1f%aI%x1f%s"
_OPTIONS = (
    "--raw", "-z", "-c", "--no-renames", "--no-abbrev", "--relative", "--full-history", "--date-order",
    "--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-notes", "--no-decorate", "--no-color",
    "--encoding=UTF-8", "--ignore-submodules=all",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit. date: when it was written, ISO 8601 with the author's own time zone."""

    id: str
    parents: tuple[str, ...]
    author: str
    date: str
    subject: str


@dataclass(frozen=True, slots=True)
class Change:
    """A file that a commit left otherwise than every parent had it.

    path: from the project root. old: its blob in each parent, None where it was not there. new: None where it is gone.
    """

    path: str
    old: tuple[str | None, ...]
    new: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """A commit with its changes, of the files that were asked for."""

    commit: Commit
    changes: tuple[Change, ...]


def steps(root: Path, revisions: Sequence[str], pathspecs: Sequence[str]) -> tuple[Step, ...]:
    """The commits reachable from `revisions` that changed a file `pathspecs` mean, newest first, parents after children.

    revisions: commit ids, `^ID` to leave out what it reaches, or `--all`. A merge is there only where it differs from
    all of its parents. Raises UnavailableError where git fails.
    """
    ends = ("--end-of-options",) if "--all" not in revisions else ()
    out = ask(root, "log", *_OPTIONS, f"--format={_FORMAT}", *ends, *revisions, "--", *pathspecs)
    return tuple(_parsed(out))


def range_of(root: Path, text: str) -> tuple[str, ...]:
    """`REV`, `A..B` or `A...B` as arguments of `steps`. Raises as `resolve` does."""
    match = re.fullmatch(r"(.*?)\.\.(\.?)(.*)", text)
    if match is None:
        return (resolve(root, text),)
    left, right = resolve(root, match[1] or "HEAD"), resolve(root, match[3] or "HEAD")
    if not match[2]:
        return (right, f"^{left}")
    bases = ask(root, "merge-base", "--all", left, right).decode().split()
    return (left, right, *(f"^{base}" for base in bases))


def cut_off(root: Path) -> frozenset[str]:
    """The commits at which a shallow clone ends: their parents are not here."""
    shared = common_dir(root)
    try:
        return frozenset((shared / "shallow").read_text("ascii").split()) if shared is not None else frozenset()
    except OSError:
        return frozenset()


def _parsed(out: bytes) -> Iterator[Step]:
    commit: Commit | None = None
    changes: list[Change] = []
    tokens = iter(out.split(b"\0"))
    for token in tokens:
        if token.startswith(b"\x1e"):
            if commit is not None and changes:
                yield Step(commit, tuple(changes))
            commit, changes = _commit(token[1:]), []
        elif token.lstrip(b"\n").startswith(b":"):
            change = _change(token.lstrip(b"\n").decode(), os.fsdecode(next(tokens)))
            if change is not None:
                changes.append(change)
    if commit is not None and changes:
        yield Step(commit, tuple(changes))


def _commit(token: bytes) -> Commit:
    name, parents, author, date, subject = token.decode("utf-8", "replace").split("\x1f", 4)
    return Commit(name, tuple(parents.split()), author, date, subject)


def _change(about: str, path: str) -> Change | None:
    """gitformat "RAW OUTPUT FORMAT" in git-diff-tree(1): a colon a parent, modes, ids, status."""
    parents = len(about) - len(about.lstrip(":"))
    fields = about[parents:].split(" ")
    modes, oids = fields[: parents + 1], fields[parents + 1 : 2 * parents + 2]
    files = tuple(None if mode in (NOTHING, GITLINK) else oid for mode, oid in zip(modes, oids, strict=True))
    if all(one is None for one in files):
        return None
    return Change(path, files[:-1], files[-1])
