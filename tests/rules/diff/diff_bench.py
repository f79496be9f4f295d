"""Comparing files given as text, in two real folders: what every test of a rule about changes needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from promptctl.adapters.files import WorkTree
from promptctl.model.source import NodePath, Span
from promptctl.rules.diff.engine.outcome import Outcome, approvals_in, outcome, policy_of
from promptctl.rules.diff.engine.reading import Reading
from promptctl.rules.diff.engine.side import Side, config_of
from promptctl.text.yaml import load

TODAY = date(2026, 11, 20)


def write(folder: Path, files: Mapping[str, str]) -> WorkTree:
    folder.mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
    return WorkTree(folder)


def lines_of(tree: WorkTree, changed: frozenset[str]):
    """Finds words by reading everything: what git does for the command, done the plain way."""

    def lines(words: Sequence[str], folders: Sequence[str]) -> Iterator[tuple[str, str]]:
        for path in tree.paths():
            inside = any(folder in ("", path) or path.startswith(f"{folder}/") for folder in folders)
            if path in changed or not inside:
                continue
            for line in tree.read(path).data.decode().splitlines():
                if any(word in line for word in words):
                    yield path, line

    return lines


def reading_of(folder: Path, base: Mapping[str, str], head: Mapping[str, str], submodules: Iterable = ()) -> Reading:
    before, after = write(folder / "base", base), write(folder / "head", head)
    changed = frozenset(path for path in {*base, *head} if base.get(path) != head.get(path))
    sides = [Side(tree, config_of(tree)) for tree in (before, after)]
    return Reading(sides[0], sides[1], changed, lines_of(before, changed), submodules)


def diff_files(folder: Path, base: Mapping[str, str], head: Mapping[str, str], **more) -> Outcome:
    reading = reading_of(folder, base, head, **more)

    def places(path: str, at: NodePath) -> Span | None:
        return load(reading.head.tree.read(path)).where(at) if path in reading.head.paths else None

    return outcome(
        reading.comparison(),
        policy_of(reading.base.config),
        places,
        approvals=(approvals_in(reading.base.tree), approvals_in(reading.head.tree)),
        today=TODAY,
    )


def codes(found: Outcome) -> list[str]:
    return sorted(one.finding.rule for one in found.found)
