"""Three versions of a document merged by key: what to take from theirs into ours, and where both changed one thing.

Mappings merge by their keys, golden cases by `id`, tools by their function's name, other lists by position where no
side removed an item. What cannot be taken apart further, and an input's schema, is one thing: two different changes
of it are a conflict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.text.canonical import canonical


class _Missing:
    """No such node."""


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class Take:
    """Do in ours what theirs did: give the node at `ours` their value, add their node, or (theirs None) remove ours.

    ours: the node in our document; None where it is to be added behind `after`, or first. parent: the collection of ours
    it is in, and goes into.
    """

    ours: NodePath | None
    theirs: NodePath | None
    parent: NodePath
    after: NodePath | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Both sides changed one thing. A side that removed it is None; `parent` and `after` are as in Take."""

    ours: NodePath | None
    theirs: NodePath | None
    parent: NodePath
    after: NodePath | None = None


@dataclass(slots=True)
class Merge:
    """The merged value (where sides conflict: ours), and how our text gets there. values: merged, by path in ours."""

    value: Json = None
    takes: list[Take] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    values: dict[NodePath, Json] = field(default_factory=dict)
    theirs: dict[NodePath, NodePath] = field(default_factory=dict)


def merge(base: Json, ours: Json, theirs: Json) -> Merge:
    """Merge three documents. Equal is what has the same canonical JSON."""
    out = Merge()
    out.value = _Merging(out).value(base, ours, theirs, (), (), ())
    return out


def same(one: object, other: object) -> bool:
    """Whether two values, or their absence, are the same."""
    if one is MISSING or other is MISSING:
        return one is other
    return canonical(one) == canonical(other)


class _Merging:
    def __init__(self, out: Merge) -> None:
        self._out = out

    def value(self, base: Json, ours: Json, theirs: Json, at: NodePath, their_at: NodePath, parent: NodePath) -> Json:
        """The merged value of a node that both sides have."""
        self._out.theirs[at] = their_at
        merged = self._value(base, ours, theirs, at, their_at, parent)
        self._out.values[at] = merged
        return merged

    def _value(self, base: Json, ours: Json, theirs: Json, at: NodePath, their_at: NodePath, parent: NodePath) -> Json:
        if same(ours, theirs) or same(base, theirs):
            return ours
        if not _is_unit(at):
            if isinstance(ours, dict) and isinstance(theirs, dict) and isinstance(base, dict):
                return self._mapping(base, ours, theirs, at, their_at)
            if isinstance(ours, list) and isinstance(theirs, list) and isinstance(base, list):
                merged = self._list(base, ours, theirs, at, their_at)
                if merged is not None:
                    return merged
        if same(base, ours):
            self._out.takes.append(Take(at, their_at, parent))
            return theirs
        self._out.conflicts.append(Conflict(at, their_at, parent))
        return ours

    def _mapping(
        self, base: dict[str, Json], ours: dict[str, Json], theirs: dict[str, Json], at: NodePath, their_at: NodePath
    ) -> dict[str, Json]:
        pieces = self._keyed(
            _Side(base, {key: (key,) for key in base}),
            _Side(ours, {key: (*at, key) for key in ours}),
            _Side(theirs, {key: (*their_at, key) for key in theirs}),
            at,
        )
        return dict(pieces)

    def _list(
        self, base: list[Json], ours: list[Json], theirs: list[Json], at: NodePath, their_at: NodePath
    ) -> list[Json] | None:
        """The merged list; None where its items cannot be told apart."""
        sides = []
        names = [_names(items) for items in (base, ours, theirs)]
        if any(one is None for one in names):
            if len(ours) < len(base) or len(theirs) < len(base):
                return None
            if len(ours) > len(base) and len(theirs) > len(base) and not same(ours[len(base) :], theirs[len(base) :]):
                return None
            names = [[str(index) for index in range(len(items))] for items in (base, ours, theirs)]
        for items, keys, where in zip((base, ours, theirs), names, ((), at, their_at), strict=True):
            assert keys is not None
            by_key = dict(zip(keys, items, strict=True))
            sides.append(_Side(by_key, {key: (*where, index) for index, key in enumerate(keys)}))
        old, own, other = sides
        return [value for _, value in self._keyed(old, own, other, at)]

    def _keyed(self, base: _Side, ours: _Side, theirs: _Side, at: NodePath) -> list[tuple[str, Json]]:
        """The merged items in order: ours, each followed by what theirs added behind it."""
        added = self._added(base, ours, theirs, at)
        out = list(added.get(None, ()))
        for key, own in ours.items.items():
            path, before = ours.paths[key], base.items.get(key, MISSING)
            if key in theirs.items:
                out.append((key, self.value(before, own, theirs.items[key], path, theirs.paths[key], at)))
            elif before is MISSING:
                out.append((key, own))
            elif same(before, own):
                self._out.takes.append(Take(path, None, at))
            else:
                self._out.conflicts.append(Conflict(path, None, at))
                out.append((key, own))
            out += added.get(key, ())
        return out

    def _added(self, base: _Side, ours: _Side, theirs: _Side, at: NodePath) -> dict[str | None, list[tuple[str, Json]]]:
        """What theirs has and ours has not, by the key of ours it follows."""
        out: dict[str | None, list[tuple[str, Json]]] = {}
        after: str | None = None
        for key, item in theirs.items.items():
            if key in ours.items:
                after = key
                continue
            before = base.items.get(key, MISSING)
            behind = None if after is None else ours.paths[after]
            if before is MISSING:
                self._out.takes.append(Take(None, theirs.paths[key], at, behind))
                out.setdefault(after, []).append((key, item))
            elif not same(before, item):
                self._out.conflicts.append(Conflict(None, theirs.paths[key], at, behind))
        return out


@dataclass(frozen=True, slots=True)
class _Side:
    """A collection of one version: items by key, and where each stands."""

    items: dict[str, Json]
    paths: dict[str, NodePath]


def _is_unit(at: NodePath) -> bool:
    return len(at) >= 2 and at[0] == "inputs"


def _names(items: Sequence[Json]) -> list[str] | None:
    """What names each item: its `id`, or its function's name; None where one has none, or two the same."""
    names = []
    for item in items:
        if not isinstance(item, dict):
            return None
        function = item.get("function")
        name = item.get("id", function.get("name") if isinstance(function, dict) else None)
        if not isinstance(name, str | int):
            return None
        names.append(str(name))
    return names if len(set(names)) == len(names) else None
