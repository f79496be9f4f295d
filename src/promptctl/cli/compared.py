"""Two sides of a project, opened and compared: what `diff` and `accept` have in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promptctl.adapters.sides import Sides, open_sides
from promptctl.model.config import Config
from promptctl.model.errors import InputError
from promptctl.model.source import NodePath, Span, Tree
from promptctl.rules.diff.engine.accepted import Acceptance
from promptctl.rules.diff.engine.comparison import Comparison
from promptctl.rules.diff.engine.outcome import Outcome, approvals_in, outcome, policy_of
from promptctl.rules.diff.engine.reading import Reading
from promptctl.rules.diff.engine.side import Side, config_of
from promptctl.text.yaml import Document, load


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sides and what differs between them. notes: what could not be done as usual."""

    sides: Sides
    reading: Reading
    comparison: Comparison
    notes: tuple[str, ...] = ()


@contextmanager
def compared(root: Path, base: str | None, head: str) -> Iterator[Compared]:
    """Open and compare. Raises as `adapters.sides.open_sides` does, and InputError where promptctl.yaml is wrong."""
    sides = open_sides(root, base, head)
    try:
        notes: list[str] = []
        after = config_of(sides.head)
        before = _config_before(sides.base, notes)
        moved = [(one.path, one.before, one.after) for one in sides.submodules]
        reading = Reading(Side(sides.base, before), Side(sides.head, after), sides.changed, sides.lines, moved)
        yield Compared(sides, reading, reading.comparison(), tuple(notes))
    finally:
        sides.close()


def _config_before(tree: Tree, notes: list[str]) -> Config:
    try:
        return config_of(tree)
    except InputError as error:
        notes.append(
            f"the base's configuration cannot be read, so its defaults are the policy: {error.problems[0].message}"
        )
        return Config()


def judged(found: Compared, comparison: Comparison | None = None) -> Outcome:
    """The findings by the base's policy, with the approvals of the change. comparison: a part of what was found."""
    head = found.sides.head
    approvals: tuple[tuple[Acceptance, ...], tuple[Acceptance, ...]] = (_before(found.sides.base), approvals_in(head))
    today = datetime.now(UTC).astimezone().date()
    settings = policy_of(found.reading.base.config)
    return outcome(comparison or found.comparison, settings, _Places(head), approvals=approvals, today=today)


def _before(tree: Tree) -> tuple[Acceptance, ...]:
    """The base's approvals; of a file that could not be read there nothing is history, and all of the head's are new."""
    try:
        return approvals_in(tree)
    except InputError:
        return ()


class _Places:
    """Where a node stands in a file as it is now; a file is parsed once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._documents: dict[str, Document | None] = {}

    def __call__(self, path: str, at: NodePath) -> Span | None:
        if path not in self._documents:
            try:
                self._documents[path] = load(self._tree.read(path))
            except InputError:
                self._documents[path] = None
        document = self._documents[path]
        return document.where(at) if document is not None else None
