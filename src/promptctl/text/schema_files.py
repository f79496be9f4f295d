"""JSON Schemas that live in files: read, brought together into one that needs no other, checked."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import Blob
from promptctl.text.decode import decode
from promptctl.text.schema import check_schema
from promptctl.text.strict_json import parse_json
from promptctl.text.yaml import load

Read = Callable[[str], Blob]

_DATA = frozenset({"const", "enum", "default", "examples"})  # what holds values, not schemas
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_MOST_FILES = 100


def load_schema(path: str, read: Read) -> Json:
    """The JSON Schema in the file `path` (JSON or YAML), with what it refers to in other files brought in.

    A `$ref` to a file is relative to the file it stands in. Raises InputError naming the file that is wrong.
    """
    value = _parse(read(path))
    schema = bundle(value, path=path, read=read)
    try:
        check_schema(schema)
    except InputError as error:
        raise InputError(*(Problem(p.message, path, hint=p.hint) for p in error.problems)) from None
    return schema


def bundle(schema: Json, *, path: str, read: Read) -> Json:
    """`schema`, which stands in the file `path`, with every file it refers to copied into its `$defs`.

    A schema that names itself (`$id`) resolves its references by that name and is left alone. Raises InputError.
    """
    if not isinstance(schema, Mapping) or _names_itself(schema):
        return schema
    files = _Files(read)
    out = files.rewrite(schema, path, "")
    while files.waiting:
        files.bring_in(files.waiting.pop())
    if not files.schemas:
        return schema
    return {**out, "$defs": {**out.get("$defs", {}), **files.schemas}}


class _Files:
    def __init__(self, read: Read) -> None:
        self._read = read
        self._names: dict[str, str] = {}
        self.schemas: dict[str, Json] = {}
        self.waiting: list[str] = []

    def bring_in(self, path: str) -> None:
        self.schemas[self._names[path]] = self.rewrite(_parse(self._read(path)), path, f"/$defs/{self._names[path]}")

    def rewrite(self, schema: Json, path: str, base: str) -> Json:
        """`schema` of the file `path`, now standing at the pointer `base`, its references led there."""
        if isinstance(schema, list):
            return [self.rewrite(item, path, base) for item in schema]
        if not isinstance(schema, dict):
            return schema
        out = {key: value if key in _DATA else self.rewrite(value, path, base) for key, value in schema.items()}
        if isinstance(schema.get("$ref"), str):
            out["$ref"] = self._led(schema["$ref"], path, base)
        return out

    def _led(self, reference: str, path: str, base: str) -> str:
        target, _, fragment = reference.partition("#")
        if not target:
            return f"#{base}{fragment}" if fragment == "" or fragment.startswith("/") else reference
        if _ADDRESS.match(target) or target.startswith("/"):
            return reference
        return f"#/$defs/{self._name(posixpath.normpath(posixpath.join(posixpath.dirname(path), target)))}{fragment}"

    def _name(self, path: str) -> str:
        if path not in self._names:
            if len(self._names) == _MOST_FILES:
                raise InputError(Problem(f"a JSON Schema made of more than {_MOST_FILES} files", path))
            plain = re.sub(r"[^A-Za-z0-9_.-]", "_", path)
            self._names[path] = f"{plain}.{len(self._names)}" if plain in self._names.values() else plain
            self.waiting.append(path)
        return self._names[path]


def _parse(blob: Blob) -> Json:
    if blob.path.endswith(".json"):
        return parse_json(decode(blob), path=blob.path)
    return load(blob).value


def _names_itself(schema: Mapping[str, Json]) -> bool:
    return isinstance(schema.get("$id"), str)
