"""Annotations of an assertion's parameters: what fits them, what they are called, their JSON Schema."""

from __future__ import annotations

import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union

Hint = Any

_CHECKS: Mapping[Hint, Callable[[Any], bool]] = {
    str: lambda value: isinstance(value, str),
    bool: lambda value: isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    float: lambda value: isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value),
    type(None): lambda value: value is None,
    Any: lambda _: True,
}
_WORDS: Mapping[Hint, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    type(None): "nothing",
    Any: "any value",
}
_SCHEMAS: Mapping[Hint, Mapping[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    type(None): {"type": "null"},
    Any: {},
}


def _origin(hint: Hint) -> Any:  # noqa: ANN401 - a special form has no better type
    return typing.get_origin(hint)


def _members(hint: Hint) -> tuple[Hint, ...]:
    if _origin(hint) in (Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)


def fits(hint: Hint, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a JSON value is what the annotation says; a list fits tuple[X, ...]."""
    return any(_fits_one(member, value) for member in _members(hint))


def _fits_one(hint: Hint, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    if hint in _CHECKS:
        return _CHECKS[hint](value)
    origin = _origin(hint)
    if origin is Literal:
        return isinstance(value, str) and value in typing.get_args(hint)
    if origin is tuple:
        return isinstance(value, list | tuple) and all(fits(typing.get_args(hint)[0], item) for item in value)
    return isinstance(value, Mapping)


def takes_mapping(hint: Hint) -> bool:
    """Whether a mapping is itself a value of this annotation."""
    return fits(hint, {})


def words(hint: Hint) -> str:
    """The annotation in words, for messages and docs; "nothing" is left out where there is more."""
    parts = [_word(member) for member in _members(hint)]
    if "a whole number" in parts and "a number" in parts:
        parts.remove("a whole number")
    kept = [part for part in parts if part != "nothing"] or parts
    return " or ".join(kept)


def _word(hint: Hint) -> str:
    if hint in _WORDS:
        return _WORDS[hint]
    origin = _origin(hint)
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in typing.get_args(hint))
    if origin is tuple:
        inner = words(typing.get_args(hint)[0])
        return "a list" if inner == "any value" else f"a list of {inner}"
    return "a mapping"


def schema(hint: Hint) -> dict[str, Any]:
    """The JSON Schema of the annotation."""
    parts = [_schema_one(member) for member in _members(hint)]
    if len(parts) == 1:
        return parts[0]
    if all(set(part) == {"type"} for part in parts):
        kinds = [part["type"] for part in parts]
        return {"type": [kind for kind in kinds if not (kind == "integer" and "number" in kinds)]}
    return {"anyOf": parts}


def _schema_one(hint: Hint) -> dict[str, Any]:
    if hint in _SCHEMAS:
        return dict(_SCHEMAS[hint])
    origin = _origin(hint)
    if origin is Literal:
        return {"enum": list(typing.get_args(hint))}
    if origin is tuple:
        return {"type": "array", "items": schema(typing.get_args(hint)[0])}
    return {"type": "object"}


def settled(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A list as a tuple, so that a bound option cannot change."""
    return tuple(value) if isinstance(value, list) else value
