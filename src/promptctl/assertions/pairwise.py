"""A judge compares the answer with another, in both orders, and does not prefer the other.

Value: the other answer; default: the case's `expected_output`. `rubric`: what makes one better; default: the judge's own.
`judge`: a judge whose scale is `pairwise`; it is shown `first` and `second` (A and B) beside `rubric`, `input` (or
`question`), `context` and the case's inputs, and answers `{"winner": "A" | "B" | "tie", "reason": text}`. It is asked
twice, once in each order: where the two disagree it is a tie, because then the place decided. Score: 1 for the answer,
0.5 for a tie, 0 for the other. `threshold`: default 0.5, so that a tie passes; 1 asks for a win.

Detail: `judge`, `judge_digest`, `first` and `second`, whom the judge named when the answer stood first and when it stood
second ("A" is the answer, "B" the other), `verdict`.

| assertion | answer | replies | outcome |
| --- | --- | --- | --- |
| `pairwise: Hello.` | `Good morning.` | `[{output: '{"winner": "A"}'}, {output: '{"winner": "B"}'}]` | pass |
| `pairwise: Hello.` | `Good morning.` | `[{output: '{"winner": "A"}'}, {output: '{"winner": "A"}'}]` | pass |
| `pairwise: Hello.` | `Hi.` | `[{output: '{"winner": "tie"}'}, {output: '{"winner": "tie"}'}]` | pass |
| `pairwise: Hello.` | `Go.` | `[{output: '{"winner": "B"}'}, {output: '{"winner": "A"}'}]` | fail |
| `pairwise: {value: Hello., threshold: 1}` | `Hi.` | `[{output: '{"winner": "A"}'}, {output: '{"winner": "A"}'}]` | fail |
| `pairwise: Hello.` | `Go.` | `[{output: '{"winner": "B"}'}, {output: '[[A]]'}]` | fail |
| `pairwise: Hello.` | `Go.` | `[{output: '{"winner": "B"}'}, {output: both are fine}]` | error |
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.assertions.engine.shelf import EXPECTED
from promptctl.assertions.reading.json_text import compact
from promptctl.assertions.reading.judging import GIVEN, Judging, judging
from promptctl.assertions.reading.material import asked, material, values_of
from promptctl.assertions.reading.verdicts import read_verdict
from promptctl.model.answer import Answer, Bench, Reply, Score
from promptctl.model.golden import Case
from promptctl.model.judge import Scale
from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Request

VERSION = 1
_BRINGS = (*(name for name in GIVEN if name != "output"), "first", "second")
_SWAPPED = {"A": "B", "B": "A", "tie": "tie"}
_SCORES = {"A": 1.0, "B": 0.0, "tie": 0.5}
_TOLD = {"A": "the answer is preferred", "B": "the other is preferred", "tie": "neither is preferred"}


def prepare(
    bench: Bench,
    *,
    value: Json = EXPECTED,
    rubric: str | None = None,
    judge: str | None = None,
    case: Case | None = None,
) -> Judging:
    return judging(
        bench, judge, rubric=rubric, kinds=("pairwise",), case=case, brings=_BRINGS, sees=("first", "second")
    )


def fingerprint(*, prepared: Judging) -> tuple[Json, ...]:
    return (prepared.identity, prepared.rubric)


def judges(*, prepared: Judging) -> tuple[Judging, ...]:
    return (prepared,)


def ask(answer: Answer, *, prepared: Judging, value: Json = EXPECTED) -> tuple[Request, ...]:
    return both_orders(prepared, values_of(answer), answer.output, _text(value))


def both_orders(ready: Judging, values: dict[str, Json], one: str, other: str) -> tuple[Request, Request]:
    """The two requests that compare `one` with `other`: `one` first, then second. Raises AssertionBroken."""
    return (
        asked(ready, {**values, "first": one, "second": other}),
        asked(ready, {**values, "first": other, "second": one}),
    )


def read(
    answer: Answer,
    replies: Sequence[Reply],
    *,
    prepared: Judging,
    value: Json = EXPECTED,
    rubric: str | None = None,
    judge: str | None = None,
    threshold: float = 0.5,
) -> Score:
    judged = f"{material(answer)}\n{_text(value)}"
    first, second = winners(replies, judged=judged)
    verdict = first if first == second else "tie"
    score = _SCORES[verdict]
    said = _TOLD[verdict] if first == second else f"the judge named {first} and, in the other order, {second}: a tie"
    detail = {**prepared.about(), "first": first, "second": second, "verdict": verdict}
    return Score(score >= threshold, score, said, detail)


def winners(replies: Sequence[Reply], *, judged: str) -> tuple[str, str]:
    """Whom the judge named in each order, "A" being the one that stood first in the first. Raises AssertionBroken."""
    texts = [reply.output if isinstance(reply, Completion) else "" for reply in replies]
    first, second = (str(read_verdict(text, Scale("pairwise"), judged=judged).score) for text in texts)
    return first, _SWAPPED[second]


def _text(value: Json) -> str:
    return value if isinstance(value, str) else compact(value)
