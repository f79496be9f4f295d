"""What one JSON Schema takes that another refuses, keyword by keyword: the two directions of a contract.

Looks at types, enums, required names, bounds, patterns, formats and closed objects, and into properties and items. What
is said by combining schemas (`anyOf`, `$ref`) is only compared as a whole, as "other".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from promptctl.changes.values import same
from promptctl.model.prompt import Json
from promptctl.text.canonical import canonical

TYPE, ENUM, REQUIRED, BOUND, CLOSED, OTHER = "type", "enum", "required", "bound", "closed", "other"
_CEILINGS = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_FLOORS = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_EXACT = ("pattern", "format", "multipleOf", "uniqueItems")
_COMBINING = ("anyOf", "oneOf", "allOf", "not", "$ref", "if", "then", "else", "patternProperties", "dependentRequired")
_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something one schema refuses and the other takes. where: the dotted name of the part, "" for the whole value.

    kind: "type" | "enum" | "required" | "bound" | "closed" | "other". names: the types, values or property names that
    are refused. word: the keyword. what: a few words for a reader, of the schema that refuses.
    """

    where: str
    kind: str
    word: str
    names: tuple[str, ...]
    what: str


def refusals(taking: Json, refusing: Json, where: str = "", depth: int = 0) -> Iterator[Refusal]:
    """What `refusing` refuses although `taking` takes it."""
    old, new = _mapping(taking), _mapping(refusing)
    if same(old, new) or depth == _DEPTH:
        return
    yield from _kinds(old, new, where)
    for name in sorted(_required(new) - _required(old)):
        yield Refusal(where, REQUIRED, "required", (name,), f"{_in(where, name)!r} is required")
    yield from _bounds(old, new, where)
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield Refusal(where, CLOSED, "additionalProperties", (), "no further properties")
    inner = _mapping(old.get("properties"))
    for name, schema in _mapping(new.get("properties")).items():
        if name in inner:
            yield from refusals(inner[name], schema, _in(where, name), depth + 1)
    if "items" in new and "items" in old:
        yield from refusals(old["items"], new["items"], f"{where}[]", depth + 1)


def fields(schema: Json, where: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted names of every property a schema describes."""
    described = _mapping(schema)
    known = _mapping(described.get("properties")) if depth < _DEPTH else {}
    for name, inner in known.items():
        yield _in(where, name)
        yield from fields(inner, _in(where, name), depth + 1)
    if "items" in described and depth < _DEPTH:
        yield from fields(described["items"], f"{where}[]", depth + 1)


def _kinds(old: Mapping[str, Json], new: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    types, before = _types(new), _types(old)
    if types is not None and (before is None or not before <= types):
        gone = () if before is None else tuple(sorted(before - types))
        shown = " or ".join(sorted(types - {"integer"} if "number" in types else types))
        yield Refusal(where, TYPE, "type", gone, f"only {shown}")
    values, known = _values(new), _values(old)
    if values is not None and (known is None or not known <= values):
        lost = () if known is None else tuple(sorted(known - values))
        yield Refusal(where, ENUM, "enum", lost, f"not {', '.join(lost)}" if lost else "only some values")


def _bounds(old: Mapping[str, Json], new: Mapping[str, Json], where: str) -> Iterator[Refusal]:
    for words, sign in ((_CEILINGS, 1), (_FLOORS, -1)):
        for word in words:
            if _tighter(new, old, word, sign):
                yield Refusal(where, BOUND, word, (), f"{word} {new[word]}")
    for word in _EXACT:
        if word in new and not same(new[word], old.get(word)):
            yield Refusal(where, BOUND, word, (), f"{word} {canonical(new[word])}")
    for word in _COMBINING:
        if word in new and not same(new[word], old.get(word)):
            yield Refusal(where, OTHER, word, (), f"another `{word}`")


def _in(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}


def _types(schema: Mapping[str, Json]) -> frozenset[str] | None:
    kinds = schema.get("type")
    if kinds is None:
        return None
    listed = frozenset(kinds if isinstance(kinds, list) else [kinds])
    return listed | {"integer"} if "number" in listed else listed


def _values(schema: Mapping[str, Json]) -> frozenset[str] | None:
    if "const" in schema:
        return frozenset({canonical(schema["const"])})
    listed = schema.get("enum")
    return frozenset(canonical(one) for one in listed) if isinstance(listed, list) else None


def _required(schema: Mapping[str, Json]) -> frozenset[str]:
    listed = schema.get("required")
    return frozenset(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else frozenset()


def _tighter(new: Mapping[str, Json], old: Mapping[str, Json], word: str, sign: int) -> bool:
    bound, before = new.get(word), old.get(word)
    if not isinstance(bound, int | float):
        return False
    return not isinstance(before, int | float) or sign * bound < sign * before
