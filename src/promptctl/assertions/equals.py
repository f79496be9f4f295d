r"""The answer is exactly the value.

Value: text, compared character by character; a number or true / false is compared as its text. A mapping or a list is
compared with the answer read as JSON: 1 equals 1.0, the order of keys does not count, that of lists does. Default:
the case's `expected_output`. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `equals: "Yes"` | `"Yes"` | pass |
| `equals: 42` | `"42"` | pass |
| `equals: {a: 1, b: [x]}` | `'{"b": ["x"], "a": 1.0}'` | pass |
| `equals: "Yes"` | `"Yes\n"` | fail |
| `equals: {a: 1}` | `'{"a": true}'` | fail |
| `equals: [1, 2]` | `"[2, 1]"` | fail |

>>> check(Answer(output="yes"), value="yes").passed
True
"""

from __future__ import annotations

from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.assertions.reading.json_text import compact, excerpt, load, same
from promptctl.assertions.reading.needles import text_of
from promptctl.model.answer import Answer, Score
from promptctl.model.prompt import Json

VERSION = 1


def check(answer: Answer, *, value: Json = EXPECTED) -> Score:
    if isinstance(value, dict | list | tuple):
        return _as_json(answer.output, value)
    wanted = value if isinstance(value, str) else _spelled(value)
    if answer.output == wanted:
        return Score(True, 1.0, "the answer is exactly the value")
    return Score(False, 0.0, f"the answer {_difference(answer.output, wanted)}")


def _spelled(value: Json) -> str:
    if value is None or isinstance(value, bool):
        return compact(value)
    return text_of(value)


def _difference(output: str, wanted: str) -> str:
    if not output:
        return f"is empty; the value is {excerpt(wanted)}"
    at = next(
        (i for i, (a, b) in enumerate(zip(output, wanted, strict=False)) if a != b), min(len(output), len(wanted))
    )
    return f"differs from character {at + 1}: {excerpt(output[at:], 30)} where the value has {excerpt(wanted[at:], 30)}"


def _as_json(output: str, value: Json) -> Score:
    try:
        given = load(output)
    except ValueError as error:
        return Score(False, 0.0, f"the answer is not JSON: {error}")
    if same(given, value):
        return Score(True, 1.0, "the answer is the value, as JSON")
    return Score(False, 0.0, f"the answer is other JSON: {excerpt(compact(given))} for {excerpt(compact(value))}")
