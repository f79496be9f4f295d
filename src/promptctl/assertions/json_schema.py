r"""The whole answer is JSON that conforms to a JSON Schema.

Value: the schema, a mapping or the path of a file (JSON or YAML) in the repository; references lead only inside it.
JSON is strict, the schema's `format` is checked. `schema:` of a case is short for it. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `json-schema: {type: object, required: [a]}` | `'{"a": 1}'` | pass |
| `json-schema: {type: array, items: {type: integer}}` | `"[1, 2]"` | pass |
| `json-schema: {type: string, format: date}` | `'"2024-02-29"'` | pass |
| `json-schema: {type: object, required: [a]}` | `'{"b": 1}'` | fail |
| `json-schema: {type: string, format: date}` | `'"2023-02-29"'` | fail |
| `json-schema: {type: object}` | `no JSON` | fail |

>>> schema = {"type": "array"}
>>> check(Answer(output="[1]"), value=schema, prepared=schema).passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import load
from promptctl.assertions.reading.schemas import Schema, fault, schema_of
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.prompt import Json

VERSION = 1


def prepare(bench: Bench, *, value: Schema) -> Json:
    return schema_of(bench, value)


def fingerprint(*, prepared: Json) -> Json:
    return prepared


def check(answer: Answer, *, value: Schema, prepared: Json) -> Score:
    try:
        given = load(answer.output)
    except ValueError as error:
        return Score(False, 0.0, f"the answer is not JSON: {error}")
    broken = fault(prepared, given)
    return Score(not broken, float(not broken), broken or "the answer conforms to the schema")
