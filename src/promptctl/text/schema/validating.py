"""What jsonschema does: compile a schema, hold it to its draft, walk a value by it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError, best_match
from jsonschema_specifications import REGISTRY as METASCHEMAS  # type: ignore[import-untyped]
from referencing import Resource
from referencing.exceptions import NoSuchResource, Unresolvable
from referencing.jsonschema import specification_with

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.text.canonical import canonical
from promptctl.text.formats import FORMATS

Violation = tuple[NodePath, str]

_DEFAULT = jsonschema.Draft202012Validator
_DEFAULT_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_NO_DRAFT: Any = object()
_MOST = 100
_LONGEST = 300


def violations(schema: Json, value: Json) -> tuple[Violation, ...]:
    """Where and why `value` is not what `schema` asks for, by path, at most a hundred; empty where it is.

    Raises InputError where the schema itself is wrong.
    """
    validator = _validator(_key(schema))
    found: list[Violation] = []
    try:
        for error in validator.iter_errors(value):
            found.append((tuple(error.absolute_path), _sentence(error)))
            if len(found) == _MOST:
                break
    except RecursionError:
        raise InputError(Problem("the schema refers to itself without end")) from None
    except Unresolvable as error:
        raise InputError(Problem(f"the schema's reference {error.ref!r} leads nowhere")) from None
    return tuple(sorted(found, key=lambda item: ([str(part) for part in item[0]], item[1])))


def check_schema(schema: Json) -> None:
    """Raises InputError where `schema` is not a JSON Schema of its draft, or a reference in it leads outside."""
    _validator(_key(schema))


def _key(schema: Json) -> str:
    try:
        return canonical(schema)
    except (TypeError, ValueError) as error:
        raise InputError(Problem(f"a JSON Schema is made of JSON: {error}")) from None
    except RecursionError:
        raise InputError(Problem("the schema is nested too deep")) from None


@lru_cache(maxsize=1024)
def _validator(key: str) -> Any:  # noqa: ANN401 - jsonschema's validators have no common public type
    schema = json.loads(key)
    if not isinstance(schema, dict | bool):
        raise InputError(Problem(f"a JSON Schema is a mapping, not {key[:40]}"))
    draft = _draft(schema)
    error = best_match(draft(draft.META_SCHEMA, format_checker=_formats()).iter_errors(schema))
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path) or "its root"
        raise InputError(Problem(f"not a valid JSON Schema, at {where}: {_sentence(error)}"))
    if isinstance(schema, dict):
        root = _resource(schema)
        for reference in _unresolvable(root, METASCHEMAS.resolver_with_root(root)):
            raise InputError(_lost(reference))
    return draft(schema, registry=METASCHEMAS, format_checker=_formats())


def _draft(schema: Json) -> Any:  # noqa: ANN401 - as above
    named = schema.get("$schema") if isinstance(schema, dict) else None
    if named is None:
        return _DEFAULT
    draft = jsonschema.validators.validator_for(schema, default=_NO_DRAFT)
    if draft is _NO_DRAFT:
        hint = "use https://json-schema.org/draft/2020-12/schema, or leave $schema out"
        raise InputError(Problem(f"{named!r} is not a JSON Schema draft promptctl knows", hint=hint))
    return draft


def _resource(schema: dict[str, Json]) -> Resource[Json]:
    return Resource(schema, specification_with(schema.get("$schema", _DEFAULT_DRAFT)))  # type: ignore[call-arg]


def _unresolvable(root: Resource[Json], resolver: Any) -> Iterator[str]:  # noqa: ANN401 - referencing's Resolver
    """Every `$ref` and `$dynamicRef` below `root` that leads nowhere, walked as the draft says schemas nest."""
    stack = [(root, resolver)]
    while stack:
        resource, at = stack.pop()
        for keyword in ("$ref", "$dynamicRef"):
            reference = resource.contents.get(keyword)
            if isinstance(reference, str) and not _resolves(at, reference):
                yield reference
        inner = (part for part in resource.subresources() if isinstance(part.contents, dict))
        stack.extend((part, at.in_subresource(part)) for part in inner)


def _resolves(resolver: Any, reference: str) -> bool:  # noqa: ANN401 - as above
    try:
        resolver.lookup(reference)
    except (Unresolvable, NoSuchResource, ValueError):
        return False
    return True


def _lost(reference: str) -> Problem:
    if "://" in reference:
        hint = "copy the schema into the repository and refer to it by path; nothing is fetched"
        return Problem(f"remote reference {reference!r} in a JSON Schema", hint=hint)
    return Problem(f"the reference {reference!r} in a JSON Schema leads nowhere", hint="check its spelling")


@lru_cache(maxsize=1)
def _formats() -> jsonschema.FormatChecker:
    checker = jsonschema.FormatChecker(formats=())
    for name, holds in FORMATS.items():
        checker.checks(name)(lambda value, holds=holds: not isinstance(value, str) or holds(value))
    return checker


def _sentence(error: ValidationError) -> str:
    message = error.message
    if error.context:
        closest = best_match(error.context)
        message = f"{message} (closest: {closest.message})"
    if len(message) > _LONGEST:
        half = _LONGEST // 2
        message = f"{message[:half]} ... {message[-half:]}"
    return message
