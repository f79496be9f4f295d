"""A program judges the answer.

Value: the program and its arguments, a list; no shell is involved. It runs in the project's root, gets `{"output":
..., "context": ...}` as JSON on stdin and prints true or false, a number from 0 to 1, or `{"pass": bool, "score":
number, "reason": text}` on stdout. A number passes when it reaches `threshold`, without one when it is above 0.
`config` is a mapping that it finds in its context. It sees no keys; an exit code other than 0, other output, or more
than `timeout_s` seconds (default 30) is ERROR, and so is everything under `--no-exec`. Score: what it gave.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `command: [./checks/spelling, --strict]` | `fine` | `[true]` | pass |
| `command: [./checks/spelling]` | `fine` | `[{pass: true, score: 0.9}]` | pass |
| `command: {value: [./checks/spelling], threshold: 0.5}` | `fine` | `[0.5]` | pass |
| `command: [./checks/spelling]` | `fin` | `[false]` | fail |
| `command: [./checks/spelling]` | `fin` | `[0]` | fail |
| `command: {value: [./checks/spelling], threshold: 0.5}` | `fin` | `[{pass: true, score: 0.4}]` | fail |
| `command: [./checks/spelling]` | `fine` | `["yes"]` | error |

>>> read(Answer(output="fine"), (True,), value=("./checks/spelling",)).passed
True
"""

from __future__ import annotations

import contextlib
import hashlib
import posixpath
from collections.abc import Mapping, Sequence

from promptctl.assertions.reading.given import payload, score_of
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Execution

VERSION = 1
RUNS_CODE = True


def prepare(bench: Bench, *, value: tuple[str, ...], timeout_s: float = 30) -> tuple[str, ...]:
    """The digests of the program and of those arguments that are files of the repository."""
    if not value or not value[0]:
        raise InputError(Problem("the program is missing", hint="write command: [program, argument, ...]"))
    if timeout_s <= 0:
        raise InputError(Problem("`timeout_s` is above 0"))
    local = "/" in value[0] and not value[0].startswith("/")
    found = [_digest(bench, value[0])] if local else []
    for argument in value[1:]:
        with contextlib.suppress(InputError):  # most arguments are not files
            found.append(_digest(bench, argument))
    return tuple(found)


def _digest(bench: Bench, path: str) -> str:
    return hashlib.sha256(bench.read(posixpath.normpath(path))).hexdigest()


def fingerprint(*, prepared: tuple[str, ...]) -> tuple[str, ...]:
    return prepared


def ask(
    answer: Answer, *, value: tuple[str, ...], timeout_s: float = 30, config: Mapping[str, Json] | None = None
) -> tuple[Execution, ...]:
    return (Execution("command", value, payload(answer, config), timeout_s),)


def read(answer: Answer, replies: Sequence[Reply], *, value: tuple[str, ...], threshold: float | None = None) -> Score:
    said = replies[0]
    return score_of(None if isinstance(said, Completion) else said, threshold, who=posixpath.basename(value[0]))
