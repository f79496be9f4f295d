"""A Python function of the repository judges the answer.

Value: `path/file.py:function`, the path from the project's root. The function is `f(output: str, context: dict)`; it
returns true or false, a number from 0 to 1, or `{"pass": bool, "score": number, "reason": text}`. context holds
`input`, `expected_output`, `tags`, `context`, `tool_calls`, `metadata` and `config`, a mapping beside the value. A
number passes when it reaches `threshold`, without one when it is above 0. It runs in a worker process without keys;
anything else it returns, an exception, a crash or more than `timeout_s` seconds (default 30) is ERROR, and so is
everything under `--no-exec`. Score: what it gave.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `python: checks/tone.py:polite` | `Thank you.` | `[true]` | pass |
| `python: checks/tone.py:polite` | `Thank you.` | `[0.2]` | pass |
| `python: {value: "checks/tone.py:polite", threshold: 0.7}` | `Thanks.` | `[{pass: true, score: 0.7}]` | pass |
| `python: checks/tone.py:polite` | `Go away.` | `[false]` | fail |
| `python: {value: "checks/tone.py:polite", threshold: 0.7}` | `Well.` | `[0.6]` | fail |
| `python: checks/tone.py:polite` | `Go away.` | `[{pass: false, reason: rude}]` | fail |
| `python: checks/tone.py:polite` | `Thank you.` | `[null]` | error |
| `python: checks/tone.py:polite` | `Thank you.` | `[7]` | error |

>>> read(Answer(output="Thank you."), (0.8,), value="checks/tone.py:polite", threshold=0.7).passed
True
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from promptctl.assertions.reading.given import payload, score_of
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Execution

VERSION = 1
RUNS_CODE = True


def prepare(bench: Bench, *, value: str, timeout_s: float = 30) -> str:
    path, colon, function = value.rpartition(":")
    if not colon or not path.endswith(".py") or not function.isidentifier():
        raise InputError(Problem(f"{value!r} does not name a function", hint="write path/file.py:function"))
    if timeout_s <= 0:
        raise InputError(Problem("`timeout_s` is above 0"))
    return hashlib.sha256(bench.read(path)).hexdigest()


def fingerprint(*, prepared: str) -> str:
    return prepared


def ask(
    answer: Answer, *, value: str, timeout_s: float = 30, config: Mapping[str, Json] | None = None
) -> tuple[Execution, ...]:
    return (Execution("python", value, payload(answer, config), timeout_s),)


def read(answer: Answer, replies: Sequence[Reply], *, value: str, threshold: float | None = None) -> Score:
    said = replies[0]
    return score_of(None if isinstance(said, Completion) else said, threshold, who=value.rpartition(":")[2])
