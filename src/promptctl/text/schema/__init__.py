"""The one door to jsonschema: is a value what a schema asks for, and is the schema one at all.

The draft is that of `$schema`, 2020-12 without it. `format` is asserted. A `$ref` resolves inside the schema, to
the drafts' own meta-schemas, or (by `schema_files.bundle`) to a file of the repository; nothing is ever fetched.

jsonschema itself is behind `validating`, which is opened where a schema is more than plain types.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType

from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.text.schema.plain import conforms, is_plain

Violation = tuple[NodePath, str]


def violations(schema: Json, value: Json) -> tuple[Violation, ...]:
    """Where and why `value` is not what `schema` asks for, by path, at most a hundred; empty where it is.

    Raises InputError where the schema itself is wrong.
    """
    if schema is True or (isinstance(schema, Mapping) and not schema):
        return ()
    if is_plain(schema) and conforms(schema, value):
        return ()
    found: tuple[Violation, ...] = _validating().violations(schema, value)
    return found


def check_schema(schema: Json) -> None:
    """Raises InputError where `schema` is not a JSON Schema of its draft, or a reference in it leads outside."""
    if schema is not True and not is_plain(schema):
        _validating().check_schema(schema)


@cache
def _validating() -> ModuleType:
    return import_module("promptctl.text.schema.validating")
