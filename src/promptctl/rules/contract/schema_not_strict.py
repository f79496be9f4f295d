"""A schema OpenAI's strict mode refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from promptctl.model.finding import Severity
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import NodePath
from promptctl.rules.contract.reading.strict_mode import strict_faults
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule

_PROVIDERS = frozenset({"openai", "azure"})


@rule("PL309", Severity.INFO, Subject.PROMPT, Subject.JUDGE)
def schema_not_strict(prompt: Prompt, _context: Context) -> Iterator[Hit]:
    """A schema cannot be used with the provider's strict mode.

    Why: with `strict: true` OpenAI (and Azure) hold the model to the schema while it writes; without it the schema is
    advice. Strict mode takes a part of JSON Schema
    (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas): every object says
    `additionalProperties: false` and requires all of its properties, and `allOf`, `oneOf`, `not`, `if`,
    `dependentRequired` and their kin are refused. Where the prompt asks for strict mode (a tool's or a
    `response_format`'s `strict: true`) the request fails: an error. Where it does not it is an info.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Extract the order.
    output:
      schema:
        type: object
        properties:
          total: {type: number}
          currency: {type: string}
        required: [total]
    ```
    Bad (an error, since the tool asks for it):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Look orders up.
    tools:
      - type: function
        function:
          name: find_order
          strict: true
          parameters: {type: object, properties: {id: {type: string}}, required: [id]}
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Extract the order.
    output:
      schema:
        type: object
        additionalProperties: false
        properties:
          total: {type: number}
          currency: {type: [string, "null"]}
        required: [total, currency]
    ```
    """
    if prompt.model.split("/", maxsplit=1)[0] not in _PROVIDERS:
        return
    for schema, at, asked in _schemas(prompt):
        severity = Severity.ERROR if asked else Severity.INFO
        for path, message, hint in strict_faults(schema):
            yield Hit(f"strict mode: {message}", at=(*at, *path), hint=hint, severity=severity)


def _schemas(prompt: Prompt) -> Iterator[tuple[Json, NodePath, bool]]:
    """Every schema of a prompt that strict mode could hold the model to, its place, and whether strict is asked for."""
    if prompt.output_schema is not None:
        yield prompt.output_schema, ("output", "schema"), False
    for index, tool in enumerate(prompt.tools):
        function = tool["function"]
        if function.get("strict") is True and "parameters" in function:
            yield function["parameters"], ("tools", index, "function", "parameters"), True
    wanted = prompt.parameters.get("response_format")
    described = wanted.get("json_schema") if isinstance(wanted, Mapping) else None
    if isinstance(described, Mapping) and described.get("strict") is True:
        yield described.get("schema"), ("parameters", "response_format", "json_schema", "schema"), True
