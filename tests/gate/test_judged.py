"""Judges that may block and judges that may only warn; bounds of metrics."""

from __future__ import annotations

from dataclasses import replace

import pytest
from runs_of import run_of, sample

from promptctl.assertions.results.judged import without_judges
from promptctl.assertions.results.tally import MEANS, RATES, Tally, by_case, means, tallies
from promptctl.gate.compare import compare
from promptctl.gate.decide import decide
from promptctl.gate.judges import hard, unproven
from promptctl.model.config import MEAN_METRICS, RATE_METRICS, GateConfig, MetricBound
from promptctl.model.run import AssertionResult, Outcome
from promptctl.model.verdict import JudgeInForce
from promptctl.text.verdict_record import decode, encode

CAREFUL = GateConfig(min_tnr=0.8)
JUDGE = JudgeInForce(
    "fair", "d", ("bot",), labels=100, passes=50, fails=50, tpr=0.9, tnr=0.92, tnr_lower=0.85, kappa=0.8
)


def result(kind, outcome, score=None, **more):
    found = {"p": Outcome.PASS, "f": Outcome.FAIL, "e": Outcome.ERROR}[outcome]
    given = {"p": 1.0, "f": 0.0, "e": None}[outcome] if score is None else score
    return AssertionResult(kind, found, given, f"{kind} said so", f"digest of {kind}", **more)


def judged(case, *results, outcome, **more):
    return sample(case, outcome, assertions=tuple(results), **more)


def both(hard_outcome, judge_outcome):
    """A case with a hard assertion and a judge; it passes where both do."""
    outcome = "p" if hard_outcome == judge_outcome == "p" else "f"
    return lambda case: judged(case, result("contains", hard_outcome), result("judge", judge_outcome), outcome=outcome)


def runs(base, head, n=60):
    return run_of([base(f"c{i}") for i in range(n)]), run_of([head(f"c{i}") for i in range(n)])


class TestWhatAJudgeMayDo:
    def test_flips_by_an_unproven_judge_alone_warn_and_do_not_block(self):
        base, head = runs(both("p", "p"), both("p", "f"))
        assert decide(compare(base, head), GateConfig()).verdict == "fail"
        found = decide(compare(base, head), CAREFUL)
        assert (found.verdict, found.rule) == ("inconclusive", "judge-unproven")
        assert "by their word alone 60 cases would newly fail: c0, c1, c2, c3, c4 and 55 more" in found.reasons[0]
        assert not found.incomplete
        assert found.prompts[0].regressions == 0

    def test_a_proven_one_blocks(self):
        base, head = runs(both("p", "p"), both("p", "f"))
        assert decide(compare(base, head), CAREFUL, judges=[JUDGE]).rule == "regression"
        weak = replace(JUDGE, tnr_lower=0.79)
        assert decide(compare(base, head), CAREFUL, judges=[weak]).rule == "judge-unproven"
        assert decide(compare(base, head), CAREFUL, judges=[JUDGE, replace(weak, digest="e")]).rule == "judge-unproven"
        elsewhere = replace(weak, prompts=("other",))
        assert decide(compare(base, head), CAREFUL, judges=[JUDGE, elsewhere]).rule == "regression"

    def test_hard_assertions_block_whatever_the_judge_is_worth(self):
        base, head = runs(both("p", "p"), both("f", "p"))
        found = decide(compare(base, head), CAREFUL)
        assert (found.verdict, found.rule) == ("fail", "regression")

    def test_an_unproven_judge_does_not_hide_a_hard_regression(self):
        """At the base the judge fails every case, so that overall nothing flips."""
        base, head = runs(both("p", "f"), both("f", "f"))
        assert decide(compare(base, head), GateConfig()).rule == "identical"
        assert decide(compare(base, head), CAREFUL).rule == "regression"

    def test_cases_that_only_judges_decide_are_not_counted_as_measured(self):
        base, head = runs(*(lambda case, o=o: judged(case, result("judge", o), outcome=o) for o in "pf"))
        found = decide(compare(base, head), CAREFUL)
        assert (found.rule, found.prompts[0].n, found.incomplete) == ("judge-unproven", 0, False)
        assert decide(compare(base, head), replace(CAREFUL, min_judge_score=0.9)).verdict == "inconclusive"
        assert decide(compare(base, head), GateConfig(min_judge_score=0.9)).verdict == "fail"

    def test_a_prompt_without_judges_is_not_touched_by_the_policy(self):
        base, head = runs(*(lambda case, o=o: judged(case, result("contains", o), outcome=o) for o in "pp"))
        assert decide(compare(base, head), CAREFUL).rule == "identical"

    def test_a_group_with_a_judge_in_it_is_the_judges(self):
        group = result("any", "p", children=(result("contains", "f"), result("not-judge", "p")))
        assert without_judges(judged("c", group, outcome="p")) is None
        left = without_judges(judged("c", group, result("contains", "f"), outcome="f"))
        assert ([one.type for one in left.assertions], left.outcome) == (["contains"], Outcome.FAIL)

    def test_the_cases_own_threshold_decides_again(self):
        mixed = judged(
            "c", result("contains", "f"), result("regex", "p"), result("judge", "f"), outcome="f", threshold=0.5
        )
        left = without_judges(mixed)
        assert (left.outcome, left.score) == (Outcome.PASS, 0.5)

    def test_hard_keeps_what_has_no_answer(self):
        base = run_of([sample("c0", "e"), both("p", "p")("c1")])
        head = run_of([sample("c0", "p"), both("p", "f")("c1")])
        [one] = compare(base, head).prompts
        assert ([pair.case for pair in hard(one).pairs], [pair.case for pair in hard(one).errored]) == (["c1"], ["c0"])

    def test_unproven(self):
        assert unproven(GateConfig(), [replace(JUDGE, tnr_lower=None)]) == frozenset()
        assert unproven(CAREFUL, [replace(JUDGE, tnr_lower=None)]) == {"bot"}
        assert unproven(CAREFUL, [JUDGE]) == frozenset()

    def test_the_verdict_document_keeps_the_judges(self):
        base, head = runs(both("p", "p"), both("p", "p"))
        found = decide(compare(base, head), CAREFUL, judges=[JUDGE])
        assert decode(encode(found)).judges == (JUDGE,)


class TestBounds:
    def run(self, kind, outcomes, **more):
        return run_of([judged(f"c{n}", result(kind, o), outcome=o, **more) for n, o in enumerate(outcomes)])

    def ruled(self, outcomes, bound, *, kind="not-pii", name="pii_leak_rate", **more):
        run = self.run(kind, outcomes, **more)
        found = decide(compare(run, run), GateConfig(metrics={name: bound}))
        return found.verdict.value, found.rule, found.reasons

    def test_a_rate_is_held_against_its_exact_upper_bound(self):
        assert self.ruled("p" * 300, MetricBound(max=0.01))[:2] == ("pass", "identical")
        verdict, rule, [reason] = self.ruled("p" * 100, MetricBound(max=0.01))
        assert (verdict, rule) == ("inconclusive", "metric-pii-leak-rate-not-shown")
        assert "0 of 100 cases: that shows at most 3.0 %" in reason
        assert "it takes 299 cases without one" in reason
        assert self.ruled("f" * 5 + "p" * 95, MetricBound(max=0.01))[:2] == ("fail", "metric-pii-leak-rate")

    def test_zero_asks_that_it_did_not_happen(self):
        assert self.ruled("p" * 20, MetricBound(max=0))[0] == "pass"
        assert self.ruled("p" * 19 + "f", MetricBound(max=0))[:2] == ("fail", "metric-pii-leak-rate")

    def test_injection_by_tag(self):
        attacks = {"kind": "contains", "name": "injection_success", "tags": ("safety", "injection", "attack")}
        assert self.ruled("f" * 10, MetricBound(max=0.1), **attacks)[:2] == ("fail", "metric-injection-success")
        benign = {**attacks, "tags": ("safety", "injection", "benign")}
        assert self.ruled("f" * 10, MetricBound(max=0.1), **benign)[0] == "pass"

    def test_a_mean_is_held_against_its_value(self):
        recall = {"kind": "recall-at-k", "name": "retrieval_recall"}
        assert self.ruled("pppf", MetricBound(min=0.75), **recall)[0] == "pass"
        verdict, rule, [reason] = self.ruled("ppff", MetricBound(min=0.75), **recall)
        assert (verdict, rule) == ("fail", "metric-retrieval-recall")
        assert reason == "bot: retrieval recall is 0.500, at least 0.75 is required"

    def test_a_judged_mean_of_an_unproven_judge_only_warns(self):
        run = self.run("faithfulness", "pf" * 20)
        policy = GateConfig(metrics={"faithfulness": MetricBound(min=0.9)})
        assert decide(compare(run, run), policy).rule == "metric-faithfulness"
        assert decide(compare(run, run), replace(policy, min_tnr=0.8)).verdict == "inconclusive"

    def test_what_no_case_measures_passes_and_is_said(self):
        run = self.run("contains", "pp")
        policy = GateConfig(metrics={"retrieval_recall": MetricBound(min=1)}, min_judge_score=0.5)
        found = decide(compare(run, run), policy)
        assert found.verdict == "pass"
        assert found.notes == (
            "no case here measures gate.metrics.retrieval_recall, gate.min_judge_score: nothing was held to it",
        )
        assert decide(compare(run, run), GateConfig()).notes == ()

    def test_a_bound_that_holds_is_seen_to_hold(self):
        runs = self.run("not-pii", "p" * 300), self.run("not-pii", "p" * 299 + "e")
        found = decide(compare(*runs), GateConfig(metrics={"pii_leak_rate": MetricBound(max=0.02)}))
        [row] = [one for one in found.prompts[0].measures if one.name == "metrics.pii_leak_rate"]
        assert (row.base, row.head, row.limit, row.head_calls) == (0, 0, 0.02, 299)
        assert row.note == "at most 2.0 %, exact upper bound 1.0 % of 299 cases, 1 case could not be judged"
        run = self.run("faithfulness", "pppf")
        mean = decide(compare(run, run), GateConfig(metrics={"faithfulness": MetricBound(min=0.5)}, min_tnr=0.9))
        [row] = [one for one in mean.prompts[0].measures if one.name == "metrics.faithfulness"]
        assert (row.unit, row.base, row.head, row.limit, row.note) == ("score", 0.75, 0.75, 0.5, "at least 0.5")

    def test_attacks_that_could_not_be_judged_leave_the_bound_open(self):
        """100 attacks of which 90 came to nothing are not 10 attacks that failed."""
        attacks = {"kind": "contains", "name": "injection_success", "tags": ("injection",)}
        for outcomes in ("p" * 10 + "e" * 90, "e" * 100, "p" * 299 + "e" * 20):
            verdict, _, reasons = self.ruled(outcomes, MetricBound(max=0), **attacks)
            assert verdict == "inconclusive", outcomes
            assert self.open("injection success", outcomes.count("e")) in reasons

    def open(self, title, missing):
        return f"bot: {title}: {missing} case{'s'[: missing - 1]} could not be judged, which could break its bound"

    def test_what_is_missing_and_could_not_matter_does_not(self):
        """0 of 400 with 1 missing: at worst 1 of 401, whose upper bound is 1.2 %."""
        attacks = {"kind": "contains", "name": "injection_success", "tags": ("injection",)}
        title = "injection success"
        assert self.open(title, 1) not in self.ruled("p" * 400 + "e", MetricBound(max=0.02), **attacks)[2]
        assert self.open(title, 20) in self.ruled("p" * 300 + "e" * 20, MetricBound(max=0.02), **attacks)[2]

    def test_a_mean_counts_what_is_missing_as_the_worst(self):
        recall = {"kind": "recall-at-k", "name": "retrieval_recall"}
        title = "retrieval recall"
        assert self.open(title, 1) in self.ruled("pppe", MetricBound(min=0.8), **recall)[2]
        assert self.open(title, 1) not in self.ruled("pppe", MetricBound(min=0.7), **recall)[2]
        assert self.open(title, 4) in self.ruled("eeee", MetricBound(max=0.5), **recall)[2]


class TestTallies:
    def test_the_names_are_those_that_a_gate_may_bound(self):
        assert set(MEAN_METRICS) == {"judge_score", "refusal_rate", *MEANS}
        assert set(RATE_METRICS) == {"injection_success", "over_refusal_rate", "under_refusal_rate", *RATES}

    def test_every_case_weighs_the_same(self):
        """Two samples 1 and 0 of one case and one of another at 1: 0.75, not 2/3."""
        rows = [
            judged("a", result("faithfulness", "p"), outcome="p", number=0),
            judged("a", result("faithfulness", "f"), outcome="f", number=1),
            judged("b", result("faithfulness", "p"), outcome="p"),
        ]
        assert means(by_case(rows))["faithfulness"].value == 0.75

    def test_an_error_is_missing_and_neither_good_nor_bad(self):
        rows = [judged(f"c{n}", result("not-pii", o), outcome=o) for n, o in enumerate("pfee")]
        assert tallies(by_case(rows)) == {"pii_leak_rate": Tally(1, 2, missing=2)}

    def test_a_sample_without_an_answer_is_missing_where_it_is_known_what_is_asserted_of_it(self):
        rows = [judged("a", result("not-pii", "p"), outcome="p"), sample("b", "e", assertions=())]
        assert tallies(by_case(rows)) == {"pii_leak_rate": Tally(0, 1)}
        kinds = {("bot", "b"): frozenset({"not-pii"})}
        assert tallies(by_case(rows), kinds) == {"pii_leak_rate": Tally(0, 1, missing=1)}

    def test_one_sample_that_fails_decides_a_case_whose_other_samples_are_missing(self):
        rows = [
            judged("a", result("not-pii", "f"), outcome="f", number=0),
            sample("a", "e", number=1, assertions=()),
        ]
        assert tallies(by_case(rows)) == {"pii_leak_rate": Tally(1, 1)}

    def test_refusals(self):
        def row(case, kind, outcome, *tags):
            return judged(case, result(kind, outcome), outcome=outcome, tags=tags)

        rows = [
            row("a", "not-is-refusal", "f", "benign"),
            row("b", "not-is-refusal", "p", "benign"),
            row("c", "is-refusal", "f", "harmful"),
            row("d", "is-refusal", "p", "harmful"),
            row("e", "is-refusal", "p", "harmful"),
        ]
        found = tallies(by_case(rows))
        assert found == {"over_refusal_rate": Tally(1, 2), "under_refusal_rate": Tally(1, 3)}
        assert means(by_case(rows))["refusal_rate"].value == pytest.approx(3 / 5)

    def test_nothing_measured_is_nothing(self):
        rows = [judged("a", result("contains", "p"), outcome="p")]
        assert (means(by_case(rows)), tallies(by_case(rows))) == ({}, {})
