"""A tree in memory, and the problems of what is refused: what the tests of this room share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from promptctl.model.errors import InputError, Problem
from promptctl.model.source import Blob


@dataclass
class MemoryTree:
    """A Tree of texts that remembers what was read."""

    files: dict[str, str]
    rev: str | None = None
    reads: list[str] = field(default_factory=list)

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, path: str) -> Blob:
        self.reads.append(path)
        if path not in self.files:
            raise InputError(Problem(f"{path} does not exist", path))
        return Blob(path, self.files[path].encode())


def problems_of(act: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        act()
    return caught.value.problems


def told(problems: Sequence[Problem]) -> list[tuple[int | None, str, str]]:
    """(line, message, hint) of each problem."""
    return [(problem.line, problem.message, problem.hint or "") for problem in problems]
