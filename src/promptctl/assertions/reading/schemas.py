"""The JSON Schema an answer is held against, and how answers fail it."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.answer import Bench
from promptctl.model.errors import AssertionBroken, InputError
from promptctl.model.prompt import Json
from promptctl.model.source import Blob
from promptctl.text import schema as schemas
from promptctl.text import yaml
from promptctl.text.schema_files import bundle, load_schema

Schema = str | Mapping[str, Json]


def schema_of(bench: Bench, value: Schema) -> Json:
    """The schema itself: a mapping, a text of YAML or JSON, or the path of a file with one. Raises InputError."""

    def read(path: str) -> Blob:
        return Blob(path, bench.read(path))

    if isinstance(value, str) and not _inline(value):
        return load_schema(value, read)
    found: Json = yaml.load(Blob("the schema", value.encode())).value if isinstance(value, str) else value
    found = bundle(found, path="", read=read)
    schemas.check_schema(found)
    return found


def _inline(text: str) -> bool:
    return "\n" in text or text.lstrip().startswith("{")


def fault(schema: Json, value: Json) -> str | None:
    """The first way in which a value breaks the schema, or None. Raises AssertionBroken where that cannot be told."""
    try:
        found = schemas.violations(schema, value)
    except InputError as error:
        raise AssertionBroken(str(error)) from error
    if not found:
        return None
    path, message = found[0]
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"{place.lstrip('.')}: {message}" if place else message
