"""An ordinary value for an input, from its JSON Schema alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptctl.model.prompt import Json
from promptctl.text.schema import violations

TEXT = "What can you help me with?"
_FORMATS = {
    "email": "anna@example.com",
    "idn-email": "anna@example.com",
    "date": "2026-11-30",
    "date-time": "2026-11-30T09:00:00Z",
    "time": "09:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/help",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
}
_WORDS = ("en", "EUR", "other", "Anna", "A-1", "1", "1.0", "2026-11-30", "12345", "example")
_DEPTH = 6


def ordinary(schema: Json) -> Json:
    """A value that the schema takes; None where none was found."""
    for value in _candidates(schema, _DEPTH):
        if not violations(schema, value):
            return value
    return None


def _candidates(schema: Json, depth: int) -> Iterator[Json]:
    if not isinstance(schema, Mapping) or depth == 0:
        yield TEXT
        return
    for key in ("default", "const"):
        if key in schema:
            yield schema[key]
    for key in ("examples", "enum"):
        if isinstance(schema.get(key), list):
            yield from schema[key]
    for key in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(key) or ():
            yield from _candidates(one, depth - 1)
    kinds = schema.get("type", "object" if "properties" in schema else "array" if "items" in schema else "string")
    for kind in kinds if isinstance(kinds, list) else [kinds]:
        yield from _of_type(kind, schema)


def _of_type(kind: Json, schema: Mapping[str, Json]) -> Iterator[Json]:
    if kind == "string":
        yield from _texts(schema)
    elif kind in ("integer", "number"):
        yield from (schema[key] for key in ("minimum", "maximum") if key in schema)
        yield from (1, 0, 10, 100, 0.5)
    elif kind == "boolean":
        yield False
    elif kind == "array":
        least = schema.get("minItems")
        yield [ordinary(schema.get("items", {}))] * max(1, least if isinstance(least, int) else 1)
        yield []
    elif kind == "object":
        known = schema.get("properties") or {}
        wanted = [name for name in known if name in (schema.get("required") or known)]
        yield {name: ordinary(known[name]) for name in wanted}
    else:
        yield None


def _texts(schema: Mapping[str, Json]) -> Iterator[str]:
    known = _FORMATS.get(str(schema.get("format")))
    if known is not None:
        yield known
    yield TEXT
    least = schema.get("minLength")
    if isinstance(least, int) and least < 10_000:
        yield (f"{TEXT} " * (least // len(TEXT) + 1)).strip()
    yield from _WORDS
