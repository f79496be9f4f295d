r"""A JSON object stands somewhere in the answer, and conforms to a schema where one is given.

Value: none, or a JSON Schema: a mapping, or the path of a file; one object in the answer that conforms is enough.
Lists and bare values do not count. `lenient: true` (in the long spelling) also reads comments, single quotes, bare
keys and trailing commas. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `contains-json: true` | `'Here it is: {"a": 1}. Enjoy!'` | pass |
| `contains-json: {required: [a]}` | `'{"b": 1} or {"a": 2}'` | pass |
| `{type: contains-json, lenient: true}` | `"{a: 'x', // why\n}"` | pass |
| `contains-json: true` | `"only [1, 2] here"` | fail |
| `contains-json: true` | `"{a: 1}"` | fail |
| `contains-json: {required: [a]}` | `'{"b": 1}'` | fail |

>>> check(Answer(output='It is {"a": 1}.')).passed
True
"""

from __future__ import annotations

from promptctl.assertions.reading.json_text import objects
from promptctl.assertions.reading.lenient import lenient_objects
from promptctl.assertions.reading.schemas import Schema, fault, schema_of
from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.prompt import Json

VERSION = 1


def prepare(bench: Bench, *, value: Schema | None = None) -> Json:
    return True if value is None else schema_of(bench, value)


def fingerprint(*, prepared: Json) -> Json:
    return prepared


def check(answer: Answer, *, value: Schema | None = None, lenient: bool = False, prepared: Json = True) -> Score:
    broken = None
    for found in lenient_objects(answer.output) if lenient else objects(answer.output):
        fails = fault(prepared, found)
        if fails is None:
            return Score(True, 1.0, "a JSON object stands in the answer")
        broken = broken or fails
    if broken:
        return Score(False, 0.0, f"no JSON object in the answer conforms: {broken}")
    return Score(False, 0.0, "no JSON object stands in the answer")
