"""Answers that already exist, in place of a model's."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from tests.evals.evaluations import case, files, planned, said

from promptctl.evals.given import GivenAnswers, given_answers
from promptctl.evals.plan import Plan
from promptctl.model.errors import CallFailed, InputError
from promptctl.text.outputs import Given

YES = {"contains": "yes"}
ONE = planned(files([case("a", YES, samples=9), case("b", YES)]))
TWO = planned(files([case("a", YES), case("b", YES)]), files([case("a", YES), case("z", YES)], name="other"))
KNOWN = {"bot": frozenset({"a", "b", "filtered"})}
BOTH = {"bot": frozenset({"a", "b"}), "other": frozenset({"a", "z"})}


def line(name: str, text: str | None = "x", *, number: int = 1, prompt: str | None = None, sample: int = 0) -> Given:
    return Given(
        case=name,
        completion=None if text is None else said(text),
        prompt=prompt,
        sample=sample,
        error=None if text else "broke",
        line=number,
    )


def made(
    plan: Plan, lines: Sequence[Given], known: dict[str, frozenset[str]] = KNOWN, others: Sequence[str] = ()
) -> tuple[Plan, GivenAnswers]:
    return given_answers(plan, lines, path="o.jsonl", known=known, others=others)


def test_the_file_says_how_many_samples_there_are() -> None:
    plan, answers = made(ONE, [line("a", "first"), line("a", "third", sample=2), line("filtered")])
    assert [one.samples for one in plan.cases] == [3, 1]
    assert asyncio.run(answers(plan.cases[0], 2)).output == "third"
    for sample, told in ((1, "no answer for sample 1 of case 'a'"), (3, "sample 3")):
        with pytest.raises(CallFailed, match=told) as caught:
            asyncio.run(answers(plan.cases[0], sample))
        assert caught.value.kind == "output_missing"


def test_an_error_in_an_answers_place_is_one() -> None:
    plan, answers = made(ONE, [line("b", None, number=7)])
    with pytest.raises(CallFailed, match=r"o\.jsonl:7: broke") as caught:
        asyncio.run(answers(plan.cases[1], 0))
    assert caught.value.kind == "given_error"


def test_a_line_belongs_to_its_prompt() -> None:
    plan, answers = made(TWO, [line("a", "mine", prompt="bot"), line("a", "theirs", prompt="other")], BOTH)
    assert [asyncio.run(answers(plan.cases[place], 0)).output for place in (0, 2)] == ["mine", "theirs"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (line("a", number=5), "does not say whose it is"),
        (line("aa", number=5, prompt="bot"), "no case 'aa'"),
        (line("z", number=5, prompt="bot"), "no case 'z'"),
        (line("a", number=5, prompt="othr"), "did you mean 'other'"),
    ],
)
def test_a_line_that_fits_nowhere_is_refused_with_its_number(wrong: Given, told: str) -> None:
    with pytest.raises(InputError) as caught:
        made(TWO, [line("a", prompt="bot"), wrong], BOTH, others=["third"])
    (problem,) = caught.value.problems
    assert (problem.path, problem.line) == ("o.jsonl", 5)
    assert told in str(problem)


def test_lines_of_a_prompt_that_was_not_selected_are_passed_over() -> None:
    plan, answers = made(ONE, [line("whatever", prompt="third"), line("a", "mine")], others=["third"])
    assert asyncio.run(answers(plan.cases[0], 0)).output == "mine"
