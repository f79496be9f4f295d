"""An output schema that is none."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.model.prompt import Json
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.text.schema import check_schema
from promptctl.text.schema_files import bundle, load_schema


@rule("PL308", Severity.ERROR, Subject.FILE)
def invalid_output_schema(file: File, context: Context) -> Iterator[Hit]:
    """The output schema is not a valid JSON Schema.

    Why: the provider refuses the request, or takes the schema and does not hold the answer to it. Checked by the
    meta-schema of its draft (2020-12 where `$schema` says nothing); references lead to files of the repository only.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Extract the order.
    output:
      format: json
      schema: {type: object, properties: {total: {type: nubmer}}}
    ```
    Bad (a file that is not there):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Extract the order.
    output: {schema: schemas/order.json}
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: Extract the order.
    output:
      format: json
      schema: {type: object, properties: {total: {type: number}}}
    ```
    """
    if not file.problems or file.kind not in {"prompt", "judge"} or not isinstance(file.value, dict):
        return
    output = file.value.get("output")
    schema = output.get("schema") if isinstance(output, dict) else None
    try:
        _check(schema, context)
    except InputError as error:
        for problem in error.problems:
            where = f"{problem.path}: " if problem.path not in (None, file.path) else ""
            yield Hit(f"{where}{problem.message}", at=("output", "schema"), hint=problem.hint)


def _check(schema: Json, context: Context) -> None:
    if isinstance(schema, str):
        load_schema(schema, context.read)
    elif isinstance(schema, dict):
        check_schema(bundle(schema, path="", read=context.read))
