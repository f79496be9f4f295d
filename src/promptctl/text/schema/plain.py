"""Schemas that need no library: a type, its description, items and properties of such kinds.

Most inputs are declared by a type alone, and jsonschema takes longer to import than to do all the rest of a small
command. What is said here is certain; of everything else jsonschema judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from promptctl.model.prompt import Json

_TYPES: Mapping[str, frozenset[type]] = {
    "string": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
    "array": frozenset({list}),
    "object": frozenset({dict}),
    "null": frozenset({type(None)}),
}
_SIMPLE = frozenset({str, int, bool, type(None)})
_DEEPEST = 20


def is_plain(schema: Json, depth: int = 0) -> bool:
    """Whether `schema` is certainly a JSON Schema, in every draft, and one that `conforms` can judge by."""
    if type(schema) is not dict or depth > _DEEPEST:
        return False
    return all(key in _KEYWORDS and _KEYWORDS[key](value, depth + 1) for key, value in schema.items())


def _is_type(value: Json, _depth: int) -> bool:
    return type(value) is str and value in _TYPES


def _is_text(value: Json, _depth: int) -> bool:
    return type(value) is str


def _is_default(value: Json, _depth: int) -> bool:
    return type(value) in _SIMPLE or value in ([], {})


def _are_properties(value: Json, depth: int) -> bool:
    return type(value) is dict and all(type(name) is str and is_plain(one, depth) for name, one in value.items())


_KEYWORDS: Mapping[str, Callable[[Json, int], bool]] = {
    "type": _is_type, "title": _is_text, "description": _is_text, "default": _is_default, "items": is_plain,
    "properties": _are_properties,
}  # fmt: skip


def conforms(schema: Mapping[str, Json], value: Json) -> bool:
    """Whether `value` is certainly what a plain schema asks for; False where it may be, or is not."""
    wanted = schema.get("type")
    if wanted is not None and type(value) not in _TYPES[wanted]:
        return False
    if type(value) is list and (items := schema.get("items")):
        return all(conforms(items, item) for item in value)
    if type(value) is dict and (inner := schema.get("properties")):
        return all(conforms(inner[name], item) for name, item in value.items() if name in inner)
    return True
