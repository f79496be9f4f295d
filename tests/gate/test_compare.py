"""Pairing: what is compared, and that nothing is dropped without being listed."""

from __future__ import annotations

from dataclasses import replace

from runs_of import outcomes, run_of, sample, samples

from promptctl.gate.compare import compare
from promptctl.model.run import AssertionResult, Outcome
from promptctl.text.record import decode, encode


def one(base, head):
    return compare(base, head).prompts[0]


def test_cases_are_paired_by_id_whatever_their_order():
    base = run_of([sample("a", "p"), sample("b", "f")])
    head = run_of([sample("b", "p"), sample("a", "f")])
    found = one(base, head)
    assert [(pair.case, pair.change) for pair in found.pairs] == [("a", -1), ("b", 1)]
    assert [pair.case for pair in found.regressions] == ["a"]
    assert [pair.case for pair in found.improvements] == ["b"]


def test_what_one_side_lacks_is_listed():
    found = one(run_of([sample("a", "p"), sample("gone", "p")]), run_of([sample("a", "p"), sample("new", "f")]))
    assert (found.base_only, found.head_only, len(found.pairs)) == (("gone",), ("new",), 1)


def test_prompts_that_one_side_lacks_are_listed():
    base = run_of([sample("a", "p", prompt="x"), sample("a", "p", prompt="y")])
    head = run_of([sample("a", "p", prompt="y"), sample("a", "p", prompt="z")])
    found = compare(base, head)
    assert ([p.prompt for p in found.prompts], found.base_only, found.head_only) == (["y"], ("x",), ("z",))


def test_an_error_on_either_side_is_no_pair():
    found = one(outcomes("ppeef"), outcomes("epepf"))
    assert [pair.case for pair in found.pairs] == ["case-1", "case-4"]
    assert [pair.case for pair in found.errored] == ["case-0", "case-2", "case-3"]


def test_a_case_whose_content_differs_is_not_compared():
    head = run_of([sample("a", "p", case_digest="another")])
    found = one(run_of([sample("a", "p")]), head)
    assert (found.edited, found.pairs) == (("a",), ())


def test_a_case_judged_by_other_assertions_is_not_compared():
    other = AssertionResult("contains", Outcome.PASS, 1.0, "", "another digest")
    found = one(run_of([sample("a", "p")]), run_of([sample("a", "p", assertions=(other,))]))
    assert found.edited == ("a",)


def test_samples_add_up_to_one_case_by_its_pass_if():
    base, head = run_of(samples("a", "ppp", pass_if="majority")), run_of(samples("a", "pff", pass_if="majority"))
    pair = one(base, head).pairs[0]
    assert (pair.base.outcome, pair.head.outcome, pair.head.passed) == (Outcome.PASS, Outcome.FAIL, 1)


def test_the_mean_score_of_samples_is_the_case_score():
    head = run_of([sample("a", "p", number=n, score=s, kind="judge") for n, s in enumerate((0.2, 0.4, 0.9))])
    base = run_of([sample("a", "p", number=n, score=0.5, kind="judge") for n in range(3)])
    pair = one(base, head).pairs[0]
    assert (pair.base.judge_score, pair.head.judge_score) == (0.5, 0.5)


def test_as_many_samples_of_both_sides_are_compared():
    """`pass_if: all` of four is harder than of one: the extra samples of one side must not make it worse."""
    found = one(run_of(samples("a", "p")), run_of(samples("a", "pfff")))
    assert (found.uneven, found.pairs[0].change) == (("a",), 0)


def test_tags_and_clusters_are_those_of_the_base():
    base = run_of([sample("a", "p", tags=("critical",), cluster="k")])
    head = run_of([sample("a", "f", tags=(), cluster=None)])
    pair = one(base, head).pairs[0]
    assert (pair.tags, pair.cluster) == (("critical",), "k")


def test_a_stored_run_still_knows_clusters_and_pass_if():
    run = run_of(samples("a", "pf", cluster="account", pass_if="any"))
    stored = decode(encode(replace(run, summary=replace(run.summary, completions={}))))
    assert one(stored, stored).pairs[0].cluster == "account"
    assert one(stored, stored).pairs[0].base.outcome is Outcome.PASS
