"""What a change touches, told from the plans of both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from tests.evals.evaluations import case, files, tree

from promptctl.evals.affected import Planned, Side, differences, only, planned, programs, reaches, roles
from promptctl.model.answer import Bench
from promptctl.model.config import EvalConfig
from promptctl.model.golden import GoldenSet
from promptctl.model.run import Outcome
from promptctl.text.project import load_project, select

CASES = [case("one", {"contains": "1"}), case("two", {"contains": "2"})]


def side(
    cases: Sequence[Mapping[str, Any]] = CASES, *more: Mapping[str, str], **prompt: Any
) -> tuple[Planned, GoldenSet]:
    """One side's own plan and golden set."""
    samples = prompt.pop("samples", None)
    read_from = tree(files(cases, **prompt), *more)
    project = load_project(read_from)
    ((found, golden),) = select(project, ["bot"])
    bench = Bench(read=lambda path: read_from.read(path).data, judges=project.judges)
    return planned(found, golden, Side(bench, EvalConfig(), samples)), golden


def test_the_same_on_both_sides_is_not_affected() -> None:
    assert differences(side()[0], side(description="Another word for the same")[0]) == ()
    assert differences(side()[0], side(list(reversed(CASES)))[0]) == ()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"system_prompt": "Be brief."}, ("prompt", "requests")),
        ({"retrieval": {"index": "kb-2"}}, ("prompt",)),
        ({"fallbacks": ["openai/gpt-4o-mini-2024-07-18"]}, ("prompt",)),
        ({"samples": 3}, ("samples",)),
        ({"cases": CASES[:1]}, ("cases",)),
        ({"cases": [CASES[0], case("two", {"contains": "3"})]}, ("cases", "assertions")),
        ({"cases": [CASES[0], {**CASES[1], "tags": ["critical"]}]}, ("cases",)),
    ],
)
def test_what_differs_is_said(change: dict[str, Any], why: tuple[str, ...]) -> None:
    cases = change.pop("cases", CASES)
    assert differences(side()[0], side(cases, **change)[0]) == why


def test_a_file_that_an_assertion_reads_counts_as_its_text() -> None:
    cases = [case("one", {"python": "checks/a.py:f"}), case("two", {"json-schema": "schemas/a.json"})]
    texts = {"checks/a.py": "def f(output, context): return True", "schemas/a.json": '{"type": "object"}'}
    before = side(cases, texts)[0]
    assert differences(before, side(cases, texts)[0]) == ()
    assert differences(before, side(cases, {**texts, "checks/a.py": "def f(output, context): return 1"})[0]) == (
        "assertions",
    )
    assert differences(before, side(cases, {**texts, "schemas/a.json": '{"type": "array"}'})[0]) == ("assertions",)


def test_a_judge_counts_wherever_it_is_used() -> None:
    def judge(system: str) -> dict[str, str]:
        text = f"name: strict\nversion: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\nsystem_prompt: {system}\nuser_prompt: '{{{{ output }}}} {{{{ rubric }}}}'\n"
        return {"judges/strict.yaml": text}

    cases = [case("one", {"judge": "Is it kind?"})]
    assert differences(side(cases, judge("Be strict."))[0], side(cases, judge("Be strict."))[0]) == ()
    assert differences(side(cases, judge("Be strict."))[0], side(cases, judge("Be mild."))[0]) == ("assertions",)


def test_every_case_has_a_role() -> None:
    after = [CASES[0], case("two", {"contains": "3"}), case("new", {"contains": "n"})]
    before = [*CASES, case("gone", {"contains": "g"})]
    (one, base), (other, head) = side(before), side(after)
    found = roles(one, other, base, head)
    assert (found.unchanged, found.edited, found.new, found.deleted) == (("one",), ("two",), ("new",), ("gone",))
    assert [case.id for case in only(base, ("gone", "one")).cases] == ["one", "gone"]


def test_a_case_whose_check_was_edited_is_an_edited_case() -> None:
    cases = [case("one", {"python": "checks/a.py:f"}), CASES[1]]
    before, base = side(cases, {"checks/a.py": "def f(output, context): return True"})
    after, head = side(cases, {"checks/a.py": "def f(output, context): return False"})
    assert roles(before, after, base, head).edited == ("one",)


TEXT = {"type": "string"}
TWO_INPUTS = [
    {"id": "one", "input": {"a": "x"}, "assertions": [{"contains": "1"}]},
    {"id": "two", "input": {"a": "x", "b": "y"}, "assertions": [{"contains": "2"}]},
]


def test_a_case_that_does_not_fit_is_an_error_in_every_sample_and_spoils_no_other() -> None:
    found, golden = side(TWO_INPUTS, samples=2, user_prompt="{{ a }} {{ b }}", inputs={"a": TEXT, "b": TEXT})
    assert [one.case.id for one in found.plan.cases] == ["two"]
    assert found.plan.cases[0].golden is golden
    assert [(one.case, one.sample, one.outcome, one.error_kind) for one in found.misfits] == [
        ("one", 0, Outcome.ERROR, "misfit"),
        ("one", 1, Outcome.ERROR, "misfit"),
    ]
    assert "the case does not fit the prompt" in (found.misfits[0].error or "")


def test_inputs_that_cases_no_longer_give_are_a_difference() -> None:
    optional = {"a": TEXT, "b": {**TEXT, "default": ""}}
    fitting = side(TWO_INPUTS, user_prompt="{{ a }}", inputs=optional)[0]
    found = side(TWO_INPUTS, user_prompt="{{ a }}", inputs={"a": TEXT, "b": TEXT})[0]
    assert not fitting.misfits
    assert "inputs" in differences(fitting, found)


def test_programs_are_found_in_groups_and_programs_reach_what_lies_near_them() -> None:
    cases = [
        case("one", {"any": [{"python": "checks/a.py:f"}, {"contains": "x"}]}),
        case("two", {"command": ["./tools/spelling", "words/list.txt"]}),
    ]
    texts = {"checks/a.py": "def f(output, context): return True", "tools/spelling": "#!/bin/sh", "words/list.txt": "a"}
    used = programs(side(cases, texts)[0])
    assert used == {"checks/a.py", "tools/spelling", "words/list.txt"}
    assert reaches(used, ["checks/data/stop.txt"])
    assert reaches(used, ["lib/tone.py"])
    assert reaches(used, ["words/list.txt"])
    assert not reaches(used, ["README.md", "prompts/bot.yaml"])
    assert not reaches((), ["lib/tone.py"])
