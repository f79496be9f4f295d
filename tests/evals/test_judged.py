"""Judged answers in a run, and the sample a person sees of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.evals.evaluations import case, files, planned, said, tree, world

from promptctl.evals.judged import Candidate, distinct, judged_by, known_case
from promptctl.evals.label_sample import draw, label_of
from promptctl.evals.run import run
from promptctl.evals.summary import prompt_runs, summarise
from promptctl.model.answer import Bench
from promptctl.model.errors import CallFailed
from promptctl.model.label import Judged, Material
from promptctl.model.run import Provenance, Run
from promptctl.text.project import load_project

JUDGES = {
    f"judges/{name}.yaml": f"name: {name}\nmodel: m\nscale: {scale}\n{more}user_prompt: '{text}'\n"
    for name, scale, more, text in (
        ("fair", "1-5", "rubric: Is it fair?\n", "{{ output }} {{ rubric }}"),
        ("kind", "1-5", "", "{{ output }} {{ rubric }}"),
        ("better", "pairwise", "rubric: Better?\n", "{{ first }} {{ second }} {{ rubric }}"),
    )
}


def judged(assertions, *, replies, name="fair", **more):
    """The candidates of one case with these assertions; replies: what the judge says, by a word of the request."""
    written = (files([case("a", *assertions, **more)]), JUDGES)
    made = planned(*written)

    async def answer(_planned, _sample):
        return said("the answer")

    async def complete(request, _sample):
        text = str(request.messages[-1]["content"])
        reply = next(reply for word, reply in replies.items() if word in text)
        if isinstance(reply, Exception):
            raise reply
        return said(reply)

    results = []
    asyncio.run(run(made, world(answer, results, complete=complete)))
    about = Provenance("0", None, None, False, "", 0.0)
    stored = Run("r", "complete", about, summarise(made, results), prompt_runs(made, results), tuple(results))
    project = load_project(tree(*written))
    bench = Bench(read=lambda path: b"", judges=project.judges)
    known = known_case(made.cases[0].case, made.cases[0].golden.source, bench, same=True)
    found, lost = judged_by(name, stored, lambda _result: known)
    assert lost == ()
    edited = replace(known, same=False)  # its question does not belong to this answer
    if any(one.judge is not None and one.judge.outcome != "error" for one in found):
        assert judged_by(name, stored, lambda _result: edited) == ((), tuple(results))
    return found


def test_a_judge_is_found_alone_negated_in_groups_and_in_panels() -> None:
    found = judged(
        [
            {"judge": {"value": "R1", "judge": "fair"}},
            {"not-judge": {"value": "R2", "judge": "fair"}},
            {"any": [{"contains": "x"}, {"judge": {"rubric": "R3", "judge": "fair", "threshold": 5}}]},
            {"panel": {"rubric": "R4", "judges": ["kind", "fair"]}},
            {"judge": {"value": "R5", "judge": "kind"}},
            {"judge": {"judge": "fair"}},
        ],
        replies={"R1": '{"score": 4}', "R2": '{"score": 2}', "R3": '{"score": 4}', "R4": '{"score": 1}',
                 "R5": '{"score": 5}', "fair?": '{"score": 5}'},
    )  # fmt: skip
    assert [(one.material.rubric, one.judge.outcome, one.judge.score) for one in found] == [
        ("R1", "pass", 4), ("R2", "fail", 2), ("R3", "fail", 4), ("R4", "fail", 1), ("Is it fair?", "pass", 5),
    ]  # fmt: skip
    assert [one.material.threshold for one in found] == [None, None, 5, None, None]
    assert [one.material.own_rubric for one in found] == [False, False, False, False, True]
    assert {one.material.assertion for one in found} == {"judge"}
    assert len({one.judge.digest for one in found}) == 1


def test_the_judges_own_error_is_known_and_a_failed_call_is_not() -> None:
    (mute,) = judged([{"judge": {"value": "R", "judge": "fair"}}], replies={"R": "well"})
    assert (mute.judge.outcome, mute.judge.threshold) == ("error", 3)
    (down,) = judged([{"judge": {"value": "R", "judge": "fair"}}], replies={"R": CallFailed("down", kind="server")})
    assert down.judge is None


def test_a_pair_keeps_both_orders_and_criteria_are_one_question() -> None:
    (pair,) = judged(
        [{"pairwise": {"value": "other", "judge": "better"}}], replies={"": '{"winner": "A"}'}, name="better"
    )
    assert (pair.judge.outcome, pair.judge.first, pair.judge.second) == ("tie", "A", "B")
    assert (pair.material.assertion, pair.material.other) == ("pairwise", "other")
    (many,) = judged(
        [{"g-eval": {"criteria": ["C1", "C2"], "judge": "fair"}}], replies={"C1": '{"score": 5}', "C2": '{"score": 1}'}
    )
    assert (many.judge.outcome, many.judge.score) == ("fail", 0.5)
    assert many.material.rubric == "C1\n\nC2"
    assert many.material.options == {"criteria": ["C1", "C2"]}


def test_what_is_stored_can_be_put_again() -> None:
    from promptctl.evals.audit import asking
    from promptctl.stats.labelled import items_of

    project = load_project(tree(files([]), JUDGES))
    bench = Bench(read=lambda path: b"", judges=project.judges)
    for assertions, judge in (
        ([{"judge": {"value": "R", "judge": "fair", "threshold": 4}}], "fair"),
        ([{"g-eval": {"criteria": {"C1": 2, "C2": 1}, "judge": "fair"}}], "fair"),
        ([{"pairwise": {"value": "other", "judge": "better"}}], "better"),
    ):
        (one,) = judged(assertions, replies={"": '{"score": 3, "winner": "A"}'}, name=judge)
        label = label_of(one, "A" if judge == "better" else "pass", "ann", "2026-11-30T00:00:00+00:00")
        asked = asking(items_of([label], "none"), project.judges[judge], bench, path="x")
        assert asked.refused == {}
        (again,) = asked.plan.cases[0].bound
        spec = case("a", *assertions)
        made = planned(files([spec]), JUDGES).cases[0].bound[0]
        assert again.options["prepared"] == made.options["prepared"]
        assert again.threshold == made.threshold


def candidates(*rows):
    """(prompt, case, sample, outcome or None) of each."""
    return [
        Candidate(f"{prompt}-{name}-{sample}", prompt, name, sample, Material(None, "x"),
                  None if outcome is None else Judged("d", outcome))
        for prompt, name, sample, outcome in rows
    ]  # fmt: skip


def test_of_several_runs_the_verdict_of_this_judge_counts() -> None:
    (one,) = candidates(("p", "a", 0, "pass"))
    old, unknown = replace(one, judge=Judged("old", "fail")), replace(one, judge=None)
    assert distinct([unknown, old, one], "d") == (one,)
    assert distinct([unknown, old], "d") == (old,)
    assert distinct([one, replace(one, prompt="later")], "d") == (one,)


rows = st.lists(
    st.tuples(
        st.sampled_from("pq"), st.sampled_from("abcdefgh"), st.integers(0, 3), st.sampled_from(["pass", "fail", "error", None])
    ),
    unique_by=lambda row: row[:3],
    max_size=40,
)  # fmt: skip


@settings(max_examples=50)
@given(rows, st.integers(1, 30), st.text(max_size=3))
def test_a_draw_is_balanced_repeatable_and_without_repeats(rows, size, seed) -> None:
    pool = candidates(*rows)
    drawn = draw(pool, [], labeller="ann", size=size, seed=seed)
    assert draw(pool[::-1], [], labeller="ann", size=size, seed=seed) == drawn
    assert len({one.item for one in drawn.to_label}) == len(drawn.to_label) == min(size, len(pool))
    there = Counter(one.judge.outcome if one.judge else None for one in pool)
    got = Counter(one.judge.outcome if one.judge else None for one in drawn.to_label)
    decided = got["pass"] + got["fail"]
    assert decided == min(size, there["pass"] + there["fail"])
    for one, other in (("pass", "fail"), ("fail", "pass")):
        assert got[one] >= min(there[one], decided // 2), other


@settings(max_examples=50)
@given(rows, st.integers(1, 30), st.integers(0, 10))
def test_a_walk_goes_on_where_it_stopped(rows, size, stopped) -> None:
    pool = candidates(*rows)
    whole = draw(pool, [], labeller="ann", size=size, seed="s").to_label
    labels = [label_of(one, "pass", "ann", "2026-11-30T00:00:00+00:00") for one in whole[:stopped]]
    rest = draw(pool, labels, labeller="ann", size=size, seed="s")
    assert rest.done == len(labels)
    assert len(rest.to_label) + rest.done == len(whole)
    assert not {one.item for one in rest.to_label} & {one.item for one in labels}
    assert draw(pool, labels, labeller="bob", size=size, seed="s").to_label == whole


def test_prompts_take_turns_and_cases_come_before_second_samples() -> None:
    many = [("big", f"c{n}", s, "pass") for n in range(10) for s in range(5)]
    pool = candidates(*many, *(("small", f"s{n}", 0, "pass") for n in range(3)))
    drawn = draw(pool, [], labeller="ann", size=13, seed="s").to_label
    assert Counter(one.prompt for one in drawn) == {"big": 10, "small": 3}
    assert len({one.case for one in drawn if one.prompt == "big"}) == 10


@pytest.mark.parametrize("labelled", [0, 2])
def test_pairs_are_drawn_in_three_even_parts(labelled) -> None:
    pool = [
        replace(one, material=Material(None, "x", assertion="pairwise"))
        for one in candidates(*(("p", f"{o}{n}", 0, o) for o in ("A", "B", "tie") for n in range(9)))
    ]
    labels = [label_of(one, "A", "ann", "2026-11-30T00:00:00+00:00") for one in pool[:labelled]]
    drawn = draw(pool, labels, labeller="ann", size=9, seed="s")
    assert drawn.strata == {"A": 3, "B": 3, "tie": 3}
