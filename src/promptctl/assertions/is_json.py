r"""The whole answer is JSON, and conforms to a schema where one is given.

Value: none, or a JSON Schema: a mapping, or the path of a file. JSON is strict: no code fence around it, no comments,
no NaN, no number too large to hold; a bare number or text is JSON. The schema's `format` is checked. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `is-json: true` | `'{"a": [1, 2]}'` | pass |
| `is-json:` | `"null"` | pass |
| `is-json: {type: object, required: [a]}` | `'{"a": 1}'` | pass |
| `is-json: true` | `'{"a": 1,}'` | fail |
| `is-json: true` | `"```json\n{}\n```"` | fail |
| `is-json: {type: object, required: [a]}` | `'{"b": 1}'` | fail |

>>> check(Answer(output='{"a": 1}')).passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import load
from promptctl.assertions.reading.schemas import Schema, fault, schema_of
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.prompt import Json

VERSION = 1


def prepare(bench: Bench, *, value: Schema | None = None) -> Json:
    return True if value is None else schema_of(bench, value)


def fingerprint(*, prepared: Json) -> Json:
    return prepared


def check(answer: Answer, *, value: Schema | None = None, prepared: Json = True) -> Score:
    try:
        given = load(answer.output)
    except ValueError as error:
        return Score(False, 0.0, f"the answer is not JSON: {error}")
    broken = fault(prepared, given)
    if broken:
        return Score(False, 0.0, f"the JSON does not conform: {broken}")
    return Score(True, 1.0, "the answer is JSON" if value is None else "the answer is JSON that conforms to the schema")
