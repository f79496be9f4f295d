"""A tool no provider takes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.schema import check_schema

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")


@rule("PL310", Severity.ERROR, Subject.FILE)
def invalid_tool(file: File, _context: Context) -> Iterator[Hit]:
    """A tool has a name or a parameter schema that providers refuse.

    Why: one wrong tool fails every request of the prompt. `parameters` is a JSON Schema whose root is an object; a name
    is letters, digits, `_` and `-`, at most 64 of them (https://platform.openai.com/docs/api-reference/chat/create),
    and each tool has its own. A required argument without a property is a warning: some providers refuse it, others ask
    the model for something nobody described.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Look orders up.
    tools:
      - type: function
        function:
          name: find_order
          parameters: {type: object, properties: {id: {type: text}}}
    ```
    Bad (the root is no object):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Look orders up.
    tools:
      - {type: function, function: {name: find_order, parameters: {type: string}}}
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Look orders up.
    tools:
      - type: function
        function:
          name: find_order
          parameters: {type: object, properties: {id: {type: string}}, required: [id]}
    ```
    """
    value = file.value if file.kind in {"prompt", "judge"} else None
    tools = value.get("tools") if isinstance(value, dict) else None
    seen: dict[str, int] = {}
    for index, tool in enumerate(tools if isinstance(tools, list) else ()):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            continue
        at: NodePath = ("tools", index, "function")
        name = function["name"]
        if not _NAME.match(name):
            yield Hit(f"{name!r} is not a tool's name", at=(*at, "name"), hint="letters, digits, _ and -, at most 64")
        if seen.setdefault(name, index) != index:
            yield Hit(f"two tools are called {name!r}", at=(*at, "name"), hint="give one of the two another name")
        if "parameters" in function:
            yield from _parameters(name, function["parameters"], (*at, "parameters"))


def _parameters(name: str, schema: Json, at: NodePath) -> Iterator[Hit]:
    try:
        check_schema(schema)
    except InputError as error:
        for problem in error.problems:
            yield Hit(f"the parameters of {name!r}: {problem.message}", at=at, hint=problem.hint)
        return
    if not isinstance(schema, Mapping) or (schema and schema.get("type") != "object"):
        message = f"the parameters of {name!r} are not an object at their root"
        yield Hit(message, at=at, hint="{type: object, properties: {...}}")
        return
    properties, required = schema.get("properties"), schema.get("required")
    known = properties if isinstance(properties, Mapping) else {}
    for index, one in enumerate(required if isinstance(required, list) else ()):
        if one not in known:
            message = f"{name!r} requires the argument {one!r}, and `properties` does not describe it"
            place = (*at, "required", index)
            yield Hit(message, at=place, hint=f"add {one}: {{...}} to `properties`", severity=Severity.WARNING)
