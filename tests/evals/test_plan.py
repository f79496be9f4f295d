"""Everything is checked and rendered before anything is called."""

from __future__ import annotations

import pytest
from tests.evals.evaluations import MODEL, case, files, planned, selected, tree

from promptctl.evals.plan import narrow, plan
from promptctl.model.answer import Bench
from promptctl.model.config import EvalConfig
from promptctl.model.errors import InputError, NothingSelectedError
from promptctl.text.project import load_project, select

YES = {"contains": "yes"}


def test_cases_keep_the_order_of_the_files() -> None:
    made = planned(files([case("b", YES), case("a", YES)]), files([case("c", YES)], name="other"))
    assert [(one.prompt.name, one.case.id) for one in made.cases] == [("bot", "b"), ("bot", "a"), ("other", "c")]
    assert made.samples == 3
    assert [message["content"] for message in made.cases[0].request.messages] == ["Be nice.", "b"]


def test_the_number_of_samples_has_an_order_of_precedence() -> None:
    texts = files([case("own", YES, samples=3), case("default", YES)])
    assert [one.samples for one in planned(texts, config=EvalConfig(samples=2)).cases] == [3, 2]
    assert [one.samples for one in planned(texts, config=EvalConfig(samples=2), samples=5).cases] == [5, 5]


def test_another_model_is_another_request() -> None:
    texts = files([case("a", YES)])
    pinned, tried = (
        planned(texts).cases[0].request,
        planned(texts, model="openai/gpt-4o-mini-2024-07-18").cases[0].request,
    )
    assert (pinned.model, tried.model) == (MODEL, "openai/gpt-4o-mini-2024-07-18")
    assert pinned.digest != tried.digest
    assert pinned.messages == tried.messages


def test_what_is_said_in_the_same_words_is_bound_once() -> None:
    made = planned(files([case("a", YES), case("b", YES), case("c", {"equals": "x"}, YES)]))
    first, second, third = (one.bound for one in made.cases)
    assert first[0] is second[0] is third[1]


def test_an_assertion_about_the_expected_output_is_bound_for_its_case() -> None:
    """Two cases without a value of their own share the words and not the meaning."""
    made = planned(
        files(
            [
                case("a", {"levenshtein": {}}, expected_output="left"),
                case("b", {"levenshtein": {}}, expected_output="right"),
            ]
        )
    )
    assert made.cases[0].bound[0] is not made.cases[1].bound[0]


def test_a_default_judge_that_is_not_there_is_one_problem_of_the_configuration() -> None:
    judge = {"judges/rubric.yaml": f'model: {MODEL}\nscale: 1-5\nuser_prompt: "{{{{ rubric }}}}{{{{ output }}}}"\n'}
    read_from = tree(files([case("a", {"judge": "R"}), case("b", {"regex": "("}, {"judge": "R"})]), judge)
    project = load_project(read_from)
    bench = Bench(read=lambda path: read_from.read(path).data, judges=project.judges, default_judge="rubic")
    with pytest.raises(InputError) as caught:
        plan(select(project, ()), config=EvalConfig(), bench=bench)

    first, second = caught.value.problems
    assert (first.path, first.message) == ("promptctl.yaml", "eval.judge: there is no judge 'rubic'")
    assert first.hint == "did you mean 'rubric'?"
    assert second.path == "golden/bot.yaml"


def test_every_problem_of_every_case_is_told() -> None:
    with pytest.raises(InputError) as caught:
        planned(files([case("a", {"regex": "("}, {"contians": "x"}), case("b", {"regex": "["})]))
    assert len(caught.value.problems) == 3
    assert {problem.path for problem in caught.value.problems} == {"golden/bot.yaml"}


def test_filters_narrow_and_refuse_what_matches_nothing() -> None:
    chosen = selected(
        files([case("a", YES, tags=["x"]), case("b", YES, tags=["x", "y"])]),
        files([case("c", YES, tags=["z"])], name="other"),
    )

    def ids(**filters: tuple[str, ...]) -> list[str]:
        return [one.id for _, golden in narrow(chosen, **filters) for one in golden.cases]

    assert ids() == ["a", "b", "c"]
    assert ids(tags=("x",)) == ["a", "b"]
    assert ids(tags=("y", "z")) == ["b", "c"]
    assert ids(cases=("c",)) == ["c"]
    assert ids(tags=("x",), cases=("b", "c")) == ["b"]
    for filters, hint in ((("tags", "xx"), "did you mean 'x'?"), (("cases", "nowhere"), "a, b, c")):
        with pytest.raises(NothingSelectedError) as caught:
            ids(**{filters[0]: (filters[1],)})
        assert hint in str(caught.value)
    with pytest.raises(NothingSelectedError, match="together"):
        ids(tags=("z",), cases=("a",))


def test_what_an_assertion_takes_from_its_case_is_not_another_cases() -> None:
    """One spelling, two cases that expect other passages: each is held to its own."""
    recall = {"recall-at-k": True}
    texts = files([case(name, recall, YES, metadata={"expected_context": [name]}) for name in ("kb-1", "kb-2")])
    first, second = (one.bound for one in planned(texts).cases)
    assert first[0].digest != second[0].digest
    assert first[1] is second[1]
    same = files([case(name, recall, metadata={"expected_context": ["kb"]}) for name in ("a", "b")])
    first, second = (one.bound for one in planned(same).cases)
    assert first[0] is second[0]
