"""The JSON Schemas of the three kinds of file, for editors. Reading does not use them: dispatching on names is faster.

Nothing heavy is imported here, so that printing a schema costs as little as finding it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json

KINDS = ("prompt", "golden", "config")


def load(kind: str) -> dict[str, Json]:
    """The JSON Schema (draft 2020-12) of `prompt`, `golden` or `config`. Raises InputError for another kind.

    That of golden sets knows assertions only in general; `golden_schema` fills them in.
    """
    if kind not in KINDS:
        raise InputError(Problem(f"there is no schema {kind!r}", hint=f"the kinds are {', '.join(KINDS)}"))
    schema: dict[str, Json] = json.loads(files(__name__).joinpath(f"{kind}.json").read_text(encoding="utf-8"))
    return schema


def golden_schema(assertions: Mapping[str, Mapping[str, Json]]) -> dict[str, Json]:
    """The schema of golden sets with every assertion in it.

    assertions: by name, the JSON Schema of what may stand after the name. A schema in it refers to any assertion as
    `#/$defs/assertion`. Each name also stands with `not-` before it.
    """
    schema = load("golden")
    named: dict[str, Json] = {}
    for name in sorted(assertions):
        schema["$defs"][f"assertion-{name}"] = dict(assertions[name])
        named[name] = named[f"not-{name}"] = {"$ref": f"#/$defs/assertion-{name}"}
    schema["$defs"]["assertion"] = {
        "description": "An assertion: the bare name, `name: value`, or the long spelling with `type`.",
        "type": ["object", "string"],
        "if": {"type": "string"},
        "then": {"enum": sorted(named)},
        "else": {
            "if": {"required": ["type"]},
            "then": {"properties": {"type": {"enum": sorted(named)}, **_SHARED}},
            "else": {"properties": {**named, **_SHARED}, "additionalProperties": False, "minProperties": 1},
        },
    }
    return schema


_SHARED: dict[str, Json] = {
    "threshold": {"type": ["number", "null"], "description": "What the score, or the measure, is held against."},
    "weight": {"type": "number", "minimum": 0, "description": "Its weight in a `weighted` group."},
    "name": {"type": ["string", "null"], "description": "What reports call it."},
    "required": {"type": "boolean", "description": "Whether the case fails with it whatever its threshold."},
}
