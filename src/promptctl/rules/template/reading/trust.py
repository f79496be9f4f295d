"""Which inputs can hold anything at all, and so somebody else's instructions."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.prompt import Json, Prompt

SHORT = 100
"""Characters; a text that may be no longer can hardly give orders."""
_BOUNDED_TYPES = frozenset({"number", "integer", "boolean", "null"})


def free_inputs(prompt: Prompt) -> frozenset[str]:
    """The names of the inputs whose schema allows free text: no enum, const, pattern, format or short maxLength."""
    return frozenset(one.name for one in prompt.inputs if is_free(one.schema))


def is_free(schema: Json) -> bool:
    """Whether a value of this schema may hold free text."""
    if not isinstance(schema, Mapping):
        return schema is not False
    if "enum" in schema or "const" in schema:
        return False
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list):
            return any(is_free(one) for one in schema[key])
    kinds = schema.get("type")
    listed = kinds if isinstance(kinds, list) else [kinds]
    return any(_free_of_type(kind, schema) for kind in listed if kind not in _BOUNDED_TYPES)


def _free_of_type(kind: Json, schema: Mapping[str, Json]) -> bool:
    if kind == "array":
        return is_free(schema.get("items", True))
    if kind == "object":
        known = schema.get("properties")
        inner = list(known.values()) if isinstance(known, Mapping) else []
        others = schema.get("additionalProperties", not inner)
        return any(is_free(one) for one in inner) or is_free(others)
    length = schema.get("maxLength")
    short = isinstance(length, int) and length <= SHORT
    return not (short or "pattern" in schema or "format" in schema)
