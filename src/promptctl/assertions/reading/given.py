"""What the repository's own code is given, and what it may say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from promptctl.model.answer import Answer, Score
from promptctl.model.errors import AssertionBroken
from promptctl.model.prompt import Json


def payload(answer: Answer, config: Mapping[str, Json] | None) -> dict[str, Json]:
    """The object handed to a function or a program: the output, and the context it was given in.

    config: what the assertion says to it, an empty mapping where it says nothing.
    """
    return {
        "output": answer.output,
        "context": {
            "input": dict(answer.input),
            "expected_output": answer.expected_output,
            "tags": list(answer.tags),
            "context": list(answer.context),
            "tool_calls": [
                {"id": call.id, "name": call.name, "arguments": call.arguments} for call in answer.tool_calls
            ],
            "metadata": dict(answer.metadata),
            "config": dict(config or {}),
        },
    }


def score_of(said: Json, threshold: float | None, *, who: str) -> Score:
    """The score of what came back: true / false, a number from 0 to 1, or {"pass", "score", "reason"}.

    A number passes when it reaches the threshold, without one when it is above 0; of an object `pass` decides, and
    its score has to reach a threshold too. Anything else raises AssertionBroken.
    """
    if isinstance(said, bool):
        return Score(said, float(said), f"{who} said {str(said).lower()}")
    if isinstance(said, int | float):
        value = _unit(said, who)
        return Score(value > 0 if threshold is None else value >= threshold, value, f"{who} gave {value:g}")
    if isinstance(said, dict):
        return _of_object(said, threshold, who)
    raise AssertionBroken(f"{who} gave {_kind(said)}, not true, false, a number or an object with `pass`")


def _of_object(said: dict[str, Json], threshold: float | None, who: str) -> Score:
    passed, value, reason = said.get("pass"), said.get("score"), said.get("reason")
    if not isinstance(passed, bool):
        raise AssertionBroken(f"{who} gave an object whose `pass` is {_kind(passed)}, not true or false")
    value = float(passed) if value is None else _unit(value, who)
    if reason is not None and not isinstance(reason, str):
        raise AssertionBroken(f"{who} gave an object whose `reason` is {_kind(reason)}, not text")
    passed = passed and (threshold is None or value >= threshold)
    return Score(passed, value, reason or f"{who} gave {value:g}")


def _unit(value: Any, who: str) -> float:  # noqa: ANN401 - whatever came back
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 0 <= value <= 1:
        raise AssertionBroken(f"{who} gave the score {value!r}, not a number from 0 to 1")
    return float(value)


def _kind(value: Json) -> str:
    if value is None:
        return "nothing"
    for kind, words in ((dict, "an object"), (list, "a list"), (str, "text")):
        if isinstance(value, kind):
            return words
    return f"the value {value!r}"
