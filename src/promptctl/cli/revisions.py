"""Which of a command line's words are revisions, and which are prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.git import is_revision, merge_base, resolve
from promptctl.adapters.sides import INDEX, WORKTREE
from promptctl.model.errors import InputError, Problem, UnknownRevisionError
from promptctl.model.suggest import closest

_PREFIXES = ("merge-base:", "tag:")
_MOST = 2


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the words mean. base: None for HEAD. ambiguous: words taken for revisions that could be names as well.

    doubtful: the first of the names, where it could be a revision that git does not know.
    """

    base: str | None
    head: str
    names: tuple[str, ...]
    ambiguous: tuple[str, ...] = ()
    doubtful: str | None = None


def spoken(root: Path, leading: Sequence[str], behind: Sequence[str] | None, *, staged: bool) -> Spoken:
    """The two sides and the names. leading: the words before `--`; behind: those after it, None where there is none.

    Raises InputError for too many revisions, and for one that git does not know; UnavailableError where the clone is
    too shallow to tell.
    """
    taken: list[str] = []
    rest = list(leading)
    while rest and len(taken) < _MOST and _is_spec(root, rest[0]):
        taken.append(rest.pop(0))
    if rest and behind is not None:
        if len(taken) == _MOST:
            raise InputError(Problem(f"{rest[0]}: two revisions are compared, not three", hint="names go behind --"))
        resolve(root, rest[0])  # says what is wrong with it
    doubtful = rest[0] if rest and behind is None and len(taken) < _MOST else None
    base, head = _sides(root, taken, staged=staged)
    plain = [word for word in taken if not _certain(word)]
    return Spoken(base, head, (*rest, *(behind or ())), tuple(plain) if behind is None else (), doubtful)


def _is_spec(root: Path, word: str) -> bool:
    return _certain(word) or is_revision(root, word)


def _certain(word: str) -> bool:
    """Whether a word can only be a revision."""
    ranged = ".." in word and not word.startswith((".", "/")) and "/.." not in word
    return word in (INDEX, WORKTREE) or word.startswith(_PREFIXES) or ranged


def _sides(root: Path, taken: Sequence[str], *, staged: bool) -> tuple[str | None, str]:
    first = taken[0] if taken else None
    if first is not None and ".." in first and not first.startswith(_PREFIXES):
        if len(taken) > 1 or staged:
            raise InputError(Problem(f"{first} are two revisions already", hint="leave the other one out"))
        return _range(root, first)
    if staged:
        if len(taken) > 1:
            raise InputError(Problem("--staged compares with one revision, not with two", hint="leave one out"))
        return first, INDEX
    return first, taken[1] if len(taken) > 1 else WORKTREE


def _range(root: Path, word: str) -> tuple[str, str]:
    """`A...B` from where they parted to B, `A..B` from A to B; what is left out is HEAD."""
    parted = "..." in word
    left, _, right = word.partition("..." if parted else "..")
    one, other = left or "HEAD", right or "HEAD"
    return (merge_base(root, one, other), other) if parted else (one, other)


def refuse_revision(root: Path, word: str) -> None:
    """Raise what is wrong with a word that is neither a revision nor a prompt."""
    try:
        resolve(root, word)
    except UnknownRevisionError as error:
        hint = error.problems[0].hint or "names of prompts can also stand behind --"
        raise InputError(Problem(f"{word!r} is neither a revision nor a prompt", hint=hint)) from None


def unknown(word: str, names: Sequence[str]) -> Problem:
    """The problem of a name that no prompt has."""
    near = closest(word, names)
    hint = f"did you mean {near}?" if near else f"the prompts are {', '.join(sorted(names)[:20]) or 'none'}"
    return Problem(f"there is no prompt {word!r} on either side", hint=hint)
