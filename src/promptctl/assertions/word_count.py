r"""The answer has a number of words, or a number between two bounds.

Value: the exact number; or `min` and `max` (inclusive), one of them or both. Words are what stands between white
space. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `word-count: 3` | `one two three` | pass |
| `word-count: {min: 2, max: 4}` | `"  one\ntwo  "` | pass |
| `word-count: {max: 10}` | `""` | pass |
| `word-count: 3` | `one two` | fail |
| `word-count: {min: 2}` | `one-two` | fail |
| `word-count: {max: 2}` | `one two three` | fail |

>>> check(Answer(output="one two three"), min=3).passed
True
"""

from __future__ import annotations

from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: int | str | None = None, min: int | None = None, max: int | None = None) -> None:
    if (value is None) == (min is None and max is None):
        raise InputError(Problem("give either a number of words, or `min` and `max`"))
    if isinstance(value, str) and not value.strip().isdecimal():
        raise InputError(Problem(f"{value!r} is not a number of words"))
    if min is not None and max is not None and min > max:
        raise InputError(Problem(f"`min` {min} is greater than `max` {max}"))
    if any(bound is not None and int(bound) < 0 for bound in (value, min, max)):
        raise InputError(Problem("a number of words is never negative"))


def check(answer: Answer, *, value: int | str | None = None, min: int | None = None, max: int | None = None) -> Score:
    low, high = (min, max) if value is None else (int(value), int(value))
    words = len(answer.output.split())
    passed = (low is None or words >= low) and (high is None or words <= high)
    return Score(passed, float(passed), f"the answer has {words} words")
