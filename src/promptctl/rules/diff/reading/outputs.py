"""What two versions of a prompt promise about their answers."""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.changes.prompts import PromptChange
from promptctl.changes.schemas import Refusal, fields, refusals
from promptctl.model.prompt import Json

AT = ("output", "schema")


def schemas(change: PromptChange) -> tuple[Json, Json] | None:
    """The two output schemas; None where one of them is missing."""
    if change.before is None or change.after is None:
        return None
    old, new = change.before.output_schema, change.after.output_schema
    return None if old is None or new is None else (old, new)


def gone(change: PromptChange) -> Sequence[str]:
    """The fields the answer had and has no more, a field inside of one that is gone left out."""
    found = schemas(change)
    if found is None:
        return ()
    left = set(fields(found[1]))
    lost = [name for name in fields(found[0]) if name not in left]
    return [name for name in lost if not any(name.startswith((f"{one}.", f"{one}[]")) for one in lost)]


def loosened(change: PromptChange, *kinds: str) -> Sequence[Refusal]:
    """What the answer was never allowed to be and may be now, of these kinds."""
    found = schemas(change)
    if found is None:
        return ()
    lost = gone(change)
    refused = [one for one in refusals(found[1], found[0]) if one.kind in kinds]
    return [one for one in refused if not _within(one, lost)]


def _within(one: Refusal, lost: Sequence[str]) -> bool:
    """Whether it is about a field that is gone altogether, which is said already."""
    names = (
        [f"{one.where}.{name}" if one.where else name for name in one.names] if one.kind == "required" else [one.where]
    )
    return all(name in lost for name in names)


def place(one: Refusal) -> str:
    """` in NAME`, or nothing for the answer as a whole."""
    return f" of {one.where!r}" if one.where else ""
