"""What one JSON Schema refuses that another took: enough of it to tell a broken contract from a wider one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptctl.model.prompt import Json
from promptctl.text.canonical import canonical

_CEILINGS = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_FLOORS = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_DEPTH = 20


def refusals(old: Json, new: Json, where: str = "", depth: int = 0) -> Iterator[str]:
    """What `new` refuses and `old` took, each in a few words; `where` names the part of the value.

    Looks at types, enums, required names, bounds, patterns, formats and closed objects, and into properties and items;
    what is said by combining schemas (`anyOf`, `$ref`) counts only where it is the same in both.
    """
    old, new = _mapping(old), _mapping(new)
    if old == new or depth == _DEPTH:
        return
    at = f"{where}: " if where else ""
    types, before = _types(new), _types(old)
    if types is not None and (before is None or not before <= types):
        yield f"{at}its type is now {' or '.join(sorted(types - {'integer'} if 'number' in types else types))}"
    values, known = _values(new), _values(old)
    if values is not None and (known is None or not known <= values):
        gone = ", ".join(sorted(known - values)) if known is not None else ""
        yield f"{at}{'no longer ' + gone if gone else 'only some values now'}"
    for name in sorted(_names(new) - _names(old)):
        yield f"{at}{name!r} is required now"
    yield from (f"{at}{word} now {new[word]}" for word in _CEILINGS if _tighter(new, old, word, 1))
    yield from (f"{at}{word} now {new[word]}" for word in _FLOORS if _tighter(new, old, word, -1))
    yield from (
        f"{at}{word} now {new[word]}" for word in ("pattern", "format") if new.get(word, old.get(word)) != old.get(word)
    )
    if new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
        yield f"{at}no further properties now"
    for name, inner in _mapping(new.get("properties")).items():
        if name in _mapping(old.get("properties")):
            yield from refusals(old["properties"][name], inner, f"{where}.{name}" if where else name, depth + 1)
    if "items" in new and "items" in old:
        yield from refusals(old["items"], new["items"], f"{where}[]", depth + 1)


def properties(schema: Json, where: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted names of every property a schema describes."""
    known = _mapping(_mapping(schema).get("properties")) if depth < _DEPTH else {}
    for name, inner in known.items():
        path = f"{where}.{name}" if where else name
        yield path
        yield from properties(inner, path, depth + 1)
    if "items" in _mapping(schema) and depth < _DEPTH:
        yield from properties(_mapping(schema)["items"], f"{where}[]", depth + 1)


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


def _names(schema: Mapping[str, Json]) -> frozenset[str]:
    listed = schema.get("required")
    return frozenset(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else frozenset()


def _tighter(new: Mapping[str, Json], old: Mapping[str, Json], word: str, sign: int) -> bool:
    bound, before = new.get(word), old.get(word)
    if not isinstance(bound, int | float):
        return False
    return not isinstance(before, int | float) or sign * bound < sign * before
