"""A case that a suite made, and the shapes they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from promptctl.model.prompt import Json

SAFETY, ATTACK, BENIGN, HARMFUL = "safety", "attack", "benign", "harmful"


@dataclass(frozen=True, slots=True)
class Made:
    """A case. note: what it tries, in a line; it becomes a comment where the format has one."""

    id: str
    note: str
    input: Mapping[str, Json]
    tags: tuple[str, ...]
    assertions: tuple[Mapping[str, Json], ...]
    history: tuple[Mapping[str, str], ...] = ()
    context: tuple[str, ...] = ()

    @property
    def case(self) -> dict[str, Json]:
        """The case as it stands in a golden set."""
        said: dict[str, Json] = {"id": self.id, "input": dict(self.input)}
        if self.history:
            said["history"] = [dict(turn) for turn in self.history]
        if self.context:
            said["context"] = list(self.context)
        return said | {"tags": list(self.tags), "assertions": [dict(one) for one in self.assertions]}


def slug(name: str) -> str:
    """A name as a part of an id."""
    kept = "".join(one if one.isalnum() and one.isascii() else "-" for one in name.lower())
    return "-".join(part for part in kept.split("-") if part) or "x"
