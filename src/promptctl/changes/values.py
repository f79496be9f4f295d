"""Two JSON values, compared by path: what was added, removed and changed, and nothing that stayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.text.canonical import canonical

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One place at which two values differ. kind: "added" | "removed" | "changed"; the absent side is None."""

    path: NodePath
    kind: str
    before: Json = None
    after: Json = None

    def under(self, *above: str | int) -> ValueChange:
        """The same change, seen from further up."""
        return ValueChange((*above, *self.path), self.kind, self.before, self.after)


def value_changes(before: Json, after: Json) -> tuple[ValueChange, ...]:
    """Where `after` differs from `before`, in the order of `before`, what is new behind it.

    Mappings are compared by key and lists by position; 1 and 1.0 are the same number, 1 and true are not.
    """
    return tuple(_walk(before, after, ()))


def _walk(before: Json, after: Json, at: NodePath) -> Iterator[ValueChange]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key, value in before.items():
            if key in after:
                yield from _walk(value, after[key], (*at, key))
            else:
                yield ValueChange((*at, key), REMOVED, value)
        yield from (ValueChange((*at, key), ADDED, None, value) for key, value in after.items() if key not in before)
    elif _is_list(before) and _is_list(after):
        for index, (old, new) in enumerate(zip(before, after, strict=False)):
            yield from _walk(old, new, (*at, index))
        shared = min(len(before), len(after))
        yield from (ValueChange((*at, index), REMOVED, before[index]) for index in range(shared, len(before)))
        yield from (ValueChange((*at, index), ADDED, None, after[index]) for index in range(shared, len(after)))
    elif not same(before, after):
        yield ValueChange(at, CHANGED, before, after)


def same(before: Json, after: Json) -> bool:
    """Whether two values are the same JSON value."""
    return canonical(before) == canonical(after)


def _is_list(value: Json) -> bool:
    return isinstance(value, list | tuple)


def dotted(path: NodePath) -> str:
    """`properties.queue.enum[2]`, for a reader."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else (f".{part}" if out else str(part))
    return out
