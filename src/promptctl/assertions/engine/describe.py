"""What an assertion takes, drawn from its file: its page and its JSON Schema."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from promptctl.assertions.engine import hints
from promptctl.assertions.engine.binding import SHARED
from promptctl.assertions.engine.shelf import EXPECTED, REQUIRED, Kind, Parameter, kind, names
from promptctl.text.assertion_spec import MAPPING_IS_VALUE

_SHARED_SCHEMA: Mapping[str, Any] = {
    "threshold": {"type": "number"},
    "weight": {"type": "number", "minimum": 0},
    "name": {"type": "string"},
    "required": {"type": "boolean"},
}


@dataclass(frozen=True, slots=True)
class Description:
    """An assertion as its users see it.

    summary: one sentence. doc: the whole docstring. value_schema: JSON Schema of a plain value, None where it
    takes none. schema: of all that may stand after the name. options: its own, `value` and `threshold` left out.
    threshold: the default one, or None. group: whether it holds other assertions. waits: whether it makes a call.
    """

    name: str
    summary: str
    doc: str
    schema: Mapping[str, Any]
    value_schema: Mapping[str, Any] | None
    options: tuple[Parameter, ...]
    value: Parameter | None
    threshold: float | None
    group: bool
    waits: bool


@cache
def describe(name: str) -> Description:
    """The description of the assertion called `name`. Raises InputError where there is none."""
    found = kind(name)
    doc = inspect.cleandoc(found.module.__doc__ or "")
    value = found.parameters.get("value")
    own = tuple(p for p in found.parameters.values() if p.name not in ("value", "threshold"))
    threshold = found.parameters.get("threshold")
    default = threshold.default if threshold and isinstance(threshold.default, int | float) else None
    return Description(
        name=name,
        summary=doc.partition("\n")[0],
        doc=doc,
        schema=_schema(found),
        value_schema=None if value is None else hints.schema(value.hint),
        options=own,
        value=value,
        threshold=default,
        group=found.is_group,
        waits=found.waits,
    )


def _schema(found: Kind) -> dict[str, Any]:
    """What may stand after the name: the value, or a mapping of options."""
    members = {"type": "array", "items": {"$ref": "#/$defs/assertion"}, "minItems": 1}
    if found.is_group:
        return {"anyOf": [members, _options_schema(found, {"assertions": members}, ["assertions"])]}
    value = found.parameters.get("value")
    plain: list[dict[str, Any]] = []
    if value is None:
        plain.append({"enum": [True, None]})
    else:
        plain.append(_plain(found.name, hints.schema(value.hint)))
        if value.default is not REQUIRED:
            plain.append({"enum": [True, None] if value.default is not EXPECTED else [True]})
    if value is None or not hints.takes_mapping(value.hint) or found.name not in MAPPING_IS_VALUE:
        plain.append(_options_schema(found, {}, []))
    return plain[0] if len(plain) == 1 else {"anyOf": plain}


def _plain(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a plain value: a mapping is one only where it is the value itself, else it holds the options."""
    if name in MAPPING_IS_VALUE or "anyOf" not in schema:
        return schema
    return {"anyOf": [part for part in schema["anyOf"] if part != {"type": "object"}]}


def _options_schema(found: Kind, extra: Mapping[str, Any], required: list[str]) -> dict[str, Any]:
    own = {p.name: hints.schema(p.hint) for p in found.parameters.values()}
    required = required + [p.name for p in found.parameters.values() if p.default is REQUIRED]
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {**own, "threshold": _SHARED_SCHEMA["threshold"], "name": _SHARED_SCHEMA["name"], **extra},
        "additionalProperties": False,
    }
    return schema | ({"required": required} if required else {})


@cache
def entry_schema() -> dict[str, Any]:
    """The JSON Schema of one assertion in a golden set, both spellings; `$defs/assertion` refers to itself."""
    either = {f"{prefix}{name}": describe(name).schema for name in names() for prefix in ("", "not-")}
    short = {
        "type": "object",
        "properties": {**either, **{key: _SHARED_SCHEMA[key] for key in SHARED}},
        "additionalProperties": False,
    }
    long = {"type": "object", "properties": {"type": {"enum": list(either)}}, "required": ["type"]}
    return {
        "$defs": {"assertion": {"if": {"required": ["type"]}, "then": long, "else": short}},
        "$ref": "#/$defs/assertion",
    }
