"""What OpenAI's strict mode takes of JSON Schema.

https://platform.openai.com/docs/guides/structured-outputs#supported-schemas: the root is an object and not `anyOf`;
every object says `additionalProperties: false` and requires all of its properties; composition other than `anyOf` is
refused. Its limits (5,000 properties, 10 levels) are above what prompts hold and are not checked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptctl.model.prompt import Json
from promptctl.model.source import NodePath

REFUSED = (
    "allOf", "oneOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "patternProperties",
)  # fmt: skip
_DEPTH = 50

Fault = tuple[NodePath, str, str]


def strict_faults(schema: Json) -> Iterator[Fault]:
    """Where and why strict mode refuses a schema, and what to do, by path in the schema."""
    if isinstance(schema, Mapping) and (schema.get("type") != "object" or "anyOf" in schema) and "$ref" not in schema:
        yield (), "its root is not an object", "wrap it: {type: object, properties: {result: ...}}"
    yield from _faults(schema, (), 0)


def _faults(schema: Json, at: NodePath, depth: int) -> Iterator[Fault]:
    if not isinstance(schema, Mapping) or depth > _DEPTH:
        return
    for word in REFUSED:
        if word in schema:
            yield (*at, word), f"`{word}` is not supported", "say it without, with anyOf, or in the prompt's text"
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        yield from _object(schema, at)
    for key in ("properties", "$defs", "definitions"):
        inner = schema.get(key)
        for name, one in inner.items() if isinstance(inner, Mapping) else ():
            yield from _faults(one, (*at, key, name), depth + 1)
    yield from _faults(schema.get("items"), (*at, "items"), depth + 1)
    options = schema.get("anyOf")
    for index, one in enumerate(options if isinstance(options, list) else ()):
        yield from _faults(one, (*at, "anyOf", index), depth + 1)


def _object(schema: Mapping[str, Json], at: NodePath) -> Iterator[Fault]:
    if schema.get("additionalProperties") is not False:
        yield at, "an object does not say `additionalProperties: false`", "add additionalProperties: false"
    names = schema.get("properties")
    required = schema.get("required")
    listed = required if isinstance(required, list) else []
    missing = [name for name in names if name not in listed] if isinstance(names, Mapping) else []
    if missing:
        shown = ", ".join(repr(name) for name in missing[:3]) + (" ..." if len(missing) > 3 else "")
        hint = 'require all; what may be absent gets the type [..., "null"]'
        yield (*at, "properties", missing[0]), f"{shown} {'is' if len(missing) == 1 else 'are'} not required", hint
