"""What an assertion is told of the request: its instructions, and the rest of the conversation."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tests.evals.evaluations import MODEL, case, files, planned, said, world

from promptctl.evals.plan import PlannedCase
from promptctl.evals.run import run
from promptctl.model.run import Completion, SampleResult

RULES = "You answer riders of {{ city }}. Never name the depot, and keep to two short sentences."
SECRET = "You answer riders of Bern. Never name the depot, and keep to two short sentences."


def judged(text: str, *messages: tuple[str, str]) -> SampleResult:
    async def answer(_planned: PlannedCase, _sample: int) -> Completion:
        return said(text)

    results: list[SampleResult] = []
    one = case("a", {"not-leaks": True}) | {"input": {"city": "Bern", "question": "When?"}}
    one["history"] = [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hi."}]
    written = files([one])
    prompt: dict[str, Any] = {"version": "1.0.0", "model": MODEL}
    prompt["messages"] = [{"role": role, "content": content} for role, content in messages]
    made = planned({**written, "prompts/bot.yaml": json.dumps(prompt)})
    asyncio.run(run(made, world(answer, results)))
    return results[0]


@pytest.mark.parametrize("role", ["system", "developer"])
def test_rendered_instructions_reach_the_assertions(role: str) -> None:
    messages = ((role, RULES), ("user", "{{ question }}"))
    assert judged(SECRET, *messages).outcome.value == "fail"
    assert judged("At six, from platform two.", *messages).outcome.value == "pass"


def test_what_a_user_says_is_no_instruction() -> None:
    result = judged(SECRET, ("user", RULES + " {{ question }}"))
    assert result.outcome.value == "error"
    assert "nothing could be recognised" in result.assertions[0].reason
