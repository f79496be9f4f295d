"""The answer has no more than a number of tokens.

Value: the most tokens, inclusive. Counted are the output tokens the provider reported; where it reported none, the
text's tokens by the model's own tokenizer, or an estimate by a common one. Neither is ERROR. Score: 1 or 0.

| assertion | answer | outcome |
| --- | --- | --- |
| `max-tokens: 10` | `{output: short, output_tokens: 1}` | pass |
| `max-tokens: 10` | `{output: ten, output_tokens: 10}` | pass |
| `max-tokens: 0` | `{output: "", output_tokens: 0}` | pass |
| `max-tokens: 10` | `{output: long, output_tokens: 11}` | fail |
| `max-tokens: 0` | `{output: word, output_tokens: 1}` | fail |
| `max-tokens: 100` | `{output: thought and text, output_tokens: 900}` | fail |
| `max-tokens: 10` | `nobody counted` | error |

>>> check(Answer(output="short", output_tokens=1), value=10).passed
True
"""

from __future__ import annotations

from promptctl.model.answer import Answer, Bench, Score
from promptctl.model.errors import AssertionBroken, InputError, Problem

VERSION = 1


def prepare(bench: Bench, *, value: int) -> None:
    if value < 0:
        raise InputError(Problem("a number of tokens is never negative"))


def check(answer: Answer, *, value: int) -> Score:
    tokens, by = answer.output_tokens, "as the provider counts"
    if tokens is None:
        if answer.count_tokens is None:
            raise AssertionBroken("the number of output tokens is not known")
        tokens, by = answer.count_tokens(answer.output), "counted here"
    passed = tokens <= value
    return Score(passed, float(passed), f"the answer has {tokens} tokens, {by}")
