"""A case's inputs against what the prompt declares."""

from __future__ import annotations

import pytest
from tests.text.reading import MemoryTree, problems_of, told

from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import Blob
from promptctl.text.golden import parse_golden
from promptctl.text.inputs import bind, input_problems
from promptctl.text.prompt import parse_prompt
from promptctl.text.template import render

INPUTS = "inputs: {question: {type: string}, articles: {type: array, items: {type: string}, default: []}}\n"


def prompt_of(inputs: str = INPUTS) -> Prompt:
    return parse_prompt(Blob("prompts/bot.yaml", f"name: bot\nmodel: m\n{inputs}".encode()), MemoryTree({}).read)


def golden_of(*cases: str) -> GoldenSet:
    return parse_golden(Blob("golden/bot.yaml", ("cases:\n" + "\n".join(f"  - {case}" for case in cases)).encode()))


def test_defaults_fill_what_is_not_given() -> None:
    golden = golden_of(
        "{id: a, input: {question: q}}", "{id: b, input: {question: q, articles: [x]}}", "{id: c, input: q}"
    )
    assert [bind(prompt_of(), case) for case in golden.cases] == [
        {"question": "q", "articles": []},
        {"question": "q", "articles": ["x"]},
        {"question": "q", "articles": []},
    ]
    assert input_problems(prompt_of(), golden) == ()


@pytest.mark.parametrize(
    ("inputs", "filled"),
    [
        ("inputs: {a: {}, b: {default: 1}}\n", {"a": "text", "b": 1}),
        ("inputs: {b: {default: 1}}\n", {"b": "text"}),
    ],
)
def test_plain_text_fills_the_only_input_it_can(inputs: str, filled: dict[str, object]) -> None:
    (case,) = golden_of("{id: a, input: text}").cases
    assert bind(prompt_of(inputs), case) == filled


@pytest.mark.parametrize(
    "inputs", ["inputs: {}\n", "inputs: {a: {}, b: {}}\n", "inputs: {a: {default: 1}, b: {default: 1}}\n"]
)
def test_plain_text_that_fits_nowhere_is_told(inputs: str) -> None:
    (case,) = golden_of("{id: a, input: text}").cases
    (problem,) = problems_of(lambda: bind(prompt_of(inputs), case, path="golden/bot.yaml"))
    assert "exactly one input" in problem.message


def test_missing_extra_and_wrong_inputs_are_placed_in_the_golden_set() -> None:
    golden = golden_of(
        "{id: a}",
        "{id: b, input: {question: q, qestion: q}}",
        "{id: c, input: {question: 3}}",
        "{id: d, input: {question: q, articles: [x, 2]}}",
    )
    found = input_problems(prompt_of(), golden)
    assert {problem.path for problem in found} == {"golden/bot.yaml"}
    assert [(problem.line, problem.column) for problem in found] == [(2, 5), (3, 43), (4, 31), (5, 44)]
    missing, extra, wrong, deep = told(found)
    assert "case 'a': input 'question' is missing" in missing[1]
    assert "takes no input 'qestion'" in extra[1]
    assert "did you mean 'question'?" in extra[2]
    assert "3 is not of type 'string'" in wrong[1]
    assert "articles[1]: 2 is not of type" in deep[1]


def test_render_places_the_problem_by_the_case() -> None:
    golden = golden_of("{id: a}")
    (problem,) = problems_of(lambda: render(prompt_of(), golden.cases[0], golden_path="golden/bot.yaml"))
    assert (problem.path, problem.line, problem.column) == ("golden/bot.yaml", 2, 5)
