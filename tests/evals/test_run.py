"""The only loop that waits, in worlds written by hand."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.evals.evaluations import case, files, planned, said, world

from promptctl.evals.plan import PlannedCase
from promptctl.evals.run import run
from promptctl.model.errors import AssertionBroken, CallFailed
from promptctl.model.run import Completion, Outcome, Request, SampleResult, Source

YES = {"contains": "yes"}
JUDGE = {
    "judges/strict.yaml": """
name: strict
version: 1.0.0
model: openai/gpt-4o-2024-08-06
system_prompt: "Judge. Answer in JSON."
user_prompt: "{{ output }} {{ rubric }}"
"""
}


async def _yes(_planned: PlannedCase, _sample: int) -> Completion:
    return said("yes")


def test_every_sample_is_answered_judged_and_handed_over() -> None:
    async def answer(one: PlannedCase, sample: int) -> Completion:
        return said("yes" if (one.case.id, sample) != ("b", 1) else "no", input_tokens=3)

    results: list[SampleResult] = []
    made = planned(files([case("a", YES), case("b", YES, samples=2, tags=["t"], pass_if="any")]))
    asyncio.run(run(made, world(answer, results)))
    assert sorted((one.case, one.sample, str(one.outcome), one.score) for one in results) == [
        ("a", 0, "pass", 1.0), ("b", 0, "pass", 1.0), ("b", 1, "fail", 0.0),
    ]  # fmt: skip
    assert {(one.tags, one.pass_if) for one in results if one.case == "b"} == {(("t",), "any")}
    assert all(one.request_digest == made.cases[0].request.digest for one in results if one.case == "a")


def test_a_failed_call_is_a_result_and_not_an_exception() -> None:
    async def answer(one: PlannedCase, _sample: int) -> Completion:
        if one.case.id == "a":
            raise CallFailed("the line is dead", kind="connection")
        return said("yes")

    results: list[SampleResult] = []
    asyncio.run(run(planned(files([case("a", YES), case("b", YES)])), world(answer, results)))
    broken = next(one for one in results if one.case == "a")
    assert (broken.outcome, broken.score, broken.completion, broken.assertions) == (Outcome.ERROR, None, None, ())
    assert (broken.error, broken.error_kind) == ("the line is dead", "connection")
    assert [one.outcome for one in results if one.case == "b"] == [Outcome.PASS]


def test_an_answer_that_is_wrong_in_itself_is_not_judged() -> None:
    results: list[SampleResult] = []
    parts: dict[str, Any] = {"inspect": lambda _request, completion: f"{completion.output} came from another snapshot"}
    asyncio.run(run(planned(files([case("a", YES)])), world(_yes, results, **parts)))
    assert (results[0].outcome, results[0].error_kind) == (Outcome.ERROR, "served_model")
    assert results[0].error == "yes came from another snapshot"
    assert results[0].completion is not None


def test_nothing_asserted_is_an_error() -> None:
    results: list[SampleResult] = []
    asyncio.run(run(planned(files([case("a")])), world(_yes, results)))
    assert (results[0].outcome, results[0].score) == (Outcome.ERROR, None)
    assert "nothing was asserted" in str(results[0].error)


def test_any_other_exception_is_a_bug_and_ends_the_run() -> None:
    async def answer(_one: PlannedCase, _sample: int) -> Completion:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(run(planned(files([case("a", YES)])), world(answer, [])))


def test_no_more_are_under_way_than_the_width() -> None:
    under_way, most = 0, 0

    async def answer(_one: PlannedCase, _sample: int) -> Completion:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        under_way -= 1
        return said("yes")

    results: list[SampleResult] = []
    asyncio.run(run(planned(files([case(f"c{n}", YES) for n in range(20)])), world(answer, results, width=3)))
    assert (most, len(results)) == (3, 20)


def test_a_cancelled_run_has_handed_over_what_it_finished() -> None:
    async def scene() -> list[SampleResult]:
        stuck = asyncio.Event()
        results: list[SampleResult] = []

        async def answer(one: PlannedCase, _sample: int) -> Completion:
            if one.case.id != "a":
                stuck.set()
                await asyncio.Event().wait()
            return said("yes")

        made = planned(files([case("a", YES), case("b", YES), case("c", YES)]))
        task = asyncio.create_task(run(made, world(answer, results, width=1)))
        await stuck.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return results

    assert [one.case for one in asyncio.run(scene())] == ["a"]


def test_a_stop_ends_a_cases_samples_early() -> None:
    results: list[SampleResult] = []

    def enough(prompt: str, name: str) -> bool:
        return (prompt, name) == ("bot", "a") and len(results) >= 2

    made = planned(files([case("a", YES, samples=5), case("b", YES)]))
    asyncio.run(run(made, world(_yes, results, width=1, stop=enough)))
    assert [(one.case, one.sample) for one in results] == [("a", 0), ("a", 1), ("b", 0)]


def test_a_judge_is_asked_through_complete_and_its_call_is_noted() -> None:
    asked: list[tuple[Request, int]] = []

    async def complete(request: Request, sample: int) -> Completion:
        asked.append((request, sample))
        return said(
            '{"score": 5, "reason": "good"}', cost_usd=0.25, input_tokens=7, output_tokens=2, source=Source.CACHED
        )

    results: list[SampleResult] = []
    made = planned(files([case("a", {"judge": {"value": "is nice", "judge": "strict"}}, YES, samples=2)]), JUDGE)
    asyncio.run(run(made, world(_yes, results, complete=complete)))
    assert sorted(sample for _, sample in asked) == [0, 1]
    judged, plain = results[0].assertions
    (call,) = judged.calls
    assert (call.cost_usd, call.input_tokens, call.source, call.request_digest) == (
        0.25,
        7,
        Source.CACHED,
        asked[0][0].digest,
    )
    assert plain.outcome is Outcome.PASS


def test_a_judge_sees_a_plain_text_input_as_the_prompt_does() -> None:
    shown: list[str] = []

    async def complete(request: Request, _sample: int) -> Completion:
        shown.append(str(request.messages[-1]["content"]))
        return said('{"score": 5}')

    inputs = "{question: {type: string}, output: {type: string}, rubric: {type: string}}"
    shows = "user_prompt: '{{ question }}{{ output }}{{ rubric }}'"
    prompt = f"name: strict\nmodel: m\ninputs: {inputs}\n{shows}\n"
    made = planned(
        files([case("Is it raining?", {"judge": {"value": "is nice", "judge": "strict"}})]),
        {"judges/strict.yaml": prompt},
    )
    asyncio.run(run(made, world(_yes, [], complete=complete)))
    assert "Is it raining?" in shown[0]


@pytest.mark.parametrize("reason", [CallFailed("the judge is out", kind="server"), AssertionBroken("the judge is out")])
def test_a_judge_that_cannot_be_asked_is_an_error_of_its_assertion_alone(reason: Exception) -> None:
    async def complete(_request: Request, _sample: int) -> Completion:
        raise reason

    results: list[SampleResult] = []
    made = planned(files([case("a", {"judge": {"value": "is nice", "judge": "strict"}}, YES)]), JUDGE)
    asyncio.run(run(made, world(_yes, results, complete=complete)))
    judged, plain = results[0].assertions
    assert (judged.outcome, judged.score) == (Outcome.ERROR, None)
    assert "the judge is out" in judged.reason
    assert plain.outcome is Outcome.PASS
    assert results[0].outcome is Outcome.ERROR


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        (True, "pass"),
        (False, "fail"),
        (0.9, "pass"),
        ({"pass": False, "score": 0.2, "reason": "r"}, "fail"),
        ("yes", "error"),
        (None, "error"),
    ],
)
def test_code_of_the_repository_runs_through_execute(value: Any, outcome: str) -> None:
    async def execute(_execution: Any) -> Any:
        return value

    results: list[SampleResult] = []
    asyncio.run(
        run(
            planned(files([case("a", {"python": "check.py:f"})]), {"check.py": "def f(output, context): ..."}),
            world(_yes, results, execute=execute),
        )
    )
    assert str(results[0].outcome) == outcome
