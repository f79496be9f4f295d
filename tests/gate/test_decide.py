"""The rules, one by one: which verdict, under which name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from runs_of import flipped, outcomes, run_of, sample, samples

from promptctl.gate.compare import compare
from promptctl.gate.confirmed import Confirmation, to_confirm
from promptctl.gate.decide import decide
from promptctl.model.config import GateConfig
from promptctl.model.verdict import JudgeInForce, Ruling
from promptctl.stats.paired import difference_lower, regression_p
from promptctl.stats.sequential import Stop, regression_evidence

DEFAULT = GateConfig()


def labelled(tnr_lower):
    """The judges of the runs here, with labels that show so much of them."""
    return JudgeInForce("fair", "d", ("bot",), labels=100, passes=50, fails=50, tnr_lower=tnr_lower)


def verdict(base, head, policy=DEFAULT, **more):
    return decide(compare(base, head), policy, **more)


def ruled(base, head, policy=DEFAULT, **more):
    """(verdict, rule) of a comparison."""
    found = verdict(base, head, policy, **more)
    return found.verdict.value, found.rule


@pytest.mark.parametrize(
    ("n", "regressions", "improvements", "policy", "expected"),
    [
        (50, 0, 0, DEFAULT, ("pass", "identical")),
        (1, 0, 0, DEFAULT, ("pass", "identical")),
        (200, 4, 0, DEFAULT, ("fail", "regression")),
        (200, 3, 0, DEFAULT, ("inconclusive", "not-settled")),
        (200, 0, 4, DEFAULT, ("pass", "non-inferiority")),
        (1000, 40, 40, DEFAULT, ("pass", "non-inferiority")),
        (500, 20, 20, DEFAULT, ("inconclusive", "not-settled")),
        (50, 2, 2, replace(DEFAULT, max_drop=0.1), ("pass", "non-inferiority")),
        (2000, 10, 0, DEFAULT, ("pass", "regressed-within-margin")),
        (50, 1, 1, replace(DEFAULT, max_drop=0.0), ("inconclusive", "not-settled")),
        (50, 25, 25, replace(DEFAULT, max_drop=1.0), ("pass", "non-inferiority")),
        (50, 2, 1, replace(DEFAULT, rule="threshold"), ("pass", "threshold")),
        (50, 3, 1, replace(DEFAULT, rule="threshold"), ("fail", "threshold")),
    ],
)
def test_counts_lead_to_a_verdict(n, regressions, improvements, policy, expected):
    assert ruled(*flipped(n, regressions, improvements), policy) == expected


def test_the_boundary_of_the_threshold_rule_is_exact():
    """0.12 >= 0.14 - 0.02 is False in binary floats; on counts 7 of 50 to 6 of 50 is exactly the margin."""
    base, head = outcomes("p" * 7 + "f" * 43), outcomes("p" * 6 + "f" * 44)
    assert ruled(base, head, replace(DEFAULT, rule="threshold")) == ("pass", "threshold")


def test_the_threshold_rule_says_what_it_cannot_see():
    """Figures: exact enumeration, n = 50 at a discordance of 0.10 blocks 24.6 % of identical prompts."""
    found = verdict(*flipped(50, 3, 2), replace(DEFAULT, rule="threshold"))
    assert "24.6 %" in found.reasons[0]
    assert "33.0 %" in found.reasons[0]


def test_figures_are_those_of_the_statistics():
    found = verdict(*flipped(200, 12, 3)).prompts[0]
    metric = found.deciding
    assert metric is not None
    assert (found.n, found.regressions, found.improvements) == (200, 12, 3)
    assert metric.difference == pytest.approx(-0.045)
    assert metric.p_value == regression_p(12, 3)
    assert metric.lower == difference_lower(12, 3, 200)
    assert metric.interval is not None
    assert metric.interval[0] < metric.lower < metric.difference < metric.upper < metric.interval[1]


def test_an_inconclusive_verdict_says_what_could_be_seen_and_what_would_settle_it():
    found = verdict(*flipped(500, 25, 25)).prompts[0]
    assert found.deciding is not None
    assert found.deciding.detectable_drop == pytest.approx(0.035, abs=0.0005)  # published table: 3.5 points
    assert found.deciding.settled_by == 1546
    assert "3.5 points" in found.reasons[0]
    assert "1,546 cases" in found.reasons[0]


def test_nothing_in_common_is_never_a_pass():
    assert ruled(run_of([sample("a", "p")]), run_of([sample("b", "p")])) == ("inconclusive", "nothing-measured")
    assert ruled(run_of([]), run_of([])) == ("inconclusive", "nothing-measured")


def test_unaffected_prompts_are_carried_over():
    assert ruled(run_of([]), run_of([]), carried_over=("bot",)) == ("pass", "unaffected")


class TestMustPass:
    def runs(self, tags=None):
        tags = {number: ("critical",) if number == 0 else () for number in range(20)} if tags is None else tags
        return outcomes("p" * 20, tags=tags), outcomes("f" + "p" * 19, tags=tags)

    def test_given_samples_count_where_nobody_can_be_asked(self):
        assert ruled(*self.runs()) == ("fail", "must-pass")

    def test_a_case_without_the_tag_does_not_block(self):
        assert ruled(*self.runs(dict.fromkeys(range(20), ())))[0] == "inconclusive"

    def test_a_change_cannot_take_the_tag_away(self):
        base, head = self.runs()
        assert ruled(base, run_of([replace(one, tags=()) for one in head.results])) == ("fail", "must-pass")

    def test_it_fails_where_every_confirming_sample_fails(self):
        fresh = {("bot", "case-0"): Confirmation((True,) * 4, (False,) * 4, 4)}
        assert ruled(*self.runs(), confirmations=fresh) == ("fail", "must-pass")

    def test_a_base_that_fails_once_does_not_hide_it(self):
        fresh = {("bot", "case-0"): Confirmation((True, False, True, True), (False,) * 4, 4)}
        assert ruled(*self.runs(), confirmations=fresh) == ("fail", "must-pass")

    def test_a_flaky_case_does_not_block(self):
        fresh = {("bot", "case-0"): Confirmation((True,), (True,), 4)}
        found = verdict(*self.runs(), confirmations=fresh)
        assert found.rule == "not-settled"
        assert "did not do so again: case-0" in found.prompts[0].notes[0]

    def test_one_that_could_not_be_confirmed_is_no_pass(self):
        fresh = {("bot", "case-0"): Confirmation((True,), (False,), 4)}
        for given in (fresh, {}):
            found = verdict(*self.runs(), replace(DEFAULT, max_drop=0.5), confirmations=given)
            assert (found.verdict, found.rule, found.incomplete) == (
                Ruling.INCONCLUSIVE,
                "must-pass-unconfirmed",
                True,
            )

    def test_a_case_that_failed_before_is_not_newly_failing(self):
        tags = {n: ("critical",) if n == 0 else () for n in range(20)}
        base = outcomes("f" + "p" * 19, tags=tags)
        assert ruled(base, base) == ("pass", "identical")

    def test_some_of_several_given_samples_is_not_every_one(self):
        base = run_of([*samples("a", "ppp", tags=("critical",)), *[sample(f"c{n}", "p") for n in range(20)]])
        head = run_of([*samples("a", "pff", tags=("critical",)), *[sample(f"c{n}", "p") for n in range(20)]])
        found = verdict(base, head)
        assert found.rule == "not-settled"
        assert any("fail in some samples: a" in note for note in found.prompts[0].notes)


class TestConfirmedFlips:
    def fresh(self, comparison, needed=4):
        flips = {pair.case: pair.change for one in comparison.prompts for pair in one.pairs if pair.change}
        return {
            (prompt, case): Confirmation((flips[case] < 0,) * needed, (flips[case] > 0,) * needed, needed)
            for prompt, case in to_confirm(comparison)
        }

    @pytest.mark.parametrize(
        ("regressions", "improvements", "expected"),
        [(3, 0, "fail"), (2, 0, "fail"), (1, 0, "inconclusive"), (3, 2, "inconclusive"), (4, 2, "fail")],
    )
    def test_more_than_the_margin_fails_whatever_the_p_value(self, regressions, improvements, expected):
        """At n = 50 a margin of 2 points tolerates one case."""
        comparison = compare(*flipped(50, regressions, improvements))
        found = decide(comparison, DEFAULT, confirmations=self.fresh(comparison))
        assert found.verdict.value == expected
        if expected == "fail":
            assert found.rule == "confirmed-regressions"
        assert found.prompts[0].confirmed_regressions == regressions

    def test_refuted_flips_are_no_facts(self):
        comparison = compare(*flipped(50, 3, 0))
        fresh = dict.fromkeys(to_confirm(comparison), Confirmation((True, True), (False, True), 4))
        assert decide(comparison, DEFAULT, confirmations=fresh).verdict is Ruling.INCONCLUSIVE

    def test_files_with_one_sample_confirm_nothing(self):
        found = verdict(*flipped(50, 3, 0), replace(DEFAULT, confirm=1))
        assert (found.rule, found.prompts[0].confirmed_regressions) == ("not-settled", None)

    def test_in_files_the_samples_after_the_first_confirm(self):
        base = run_of([one for n in range(50) for one in samples(f"c{n}", "ppp")])
        head = run_of([one for n in range(50) for one in samples(f"c{n}", "fff" if n < 3 else "ppp")])
        found = verdict(base, head, replace(DEFAULT, confirm=2))
        assert (found.verdict.value, found.rule) == ("fail", "confirmed-regressions")
        assert {witness.confirmed for witness in found.prompts[0].witnesses} == {"regression"}
        assert verdict(base, head, replace(DEFAULT, confirm=3)).rule == "not-settled"

    def test_wanting_more_ends_where_more_could_change_nothing(self):
        assert Confirmation((True,), (False,), 4).wants_more(must_pass=False)
        assert not Confirmation((True,), (True,), 4).wants_more(must_pass=True)
        flaky_base = Confirmation((True, False), (False, False), 4)
        assert not flaky_base.wants_more(must_pass=False)
        assert flaky_base.wants_more(must_pass=True)
        assert not Confirmation((True,) * 4, (False,) * 4, 4).wants_more(must_pass=True)


class TestErrors:
    """The written rule: a PASS stands only where it would stand were every ERROR a regression."""

    def test_an_error_that_could_change_a_pass_is_no_pass(self):
        found = verdict(outcomes("p" * 30), outcomes("e" + "p" * 29))
        assert (found.verdict, found.rule, found.incomplete) == (Ruling.INCONCLUSIVE, "errors", True)
        assert [(error.case, error.side) for error in found.prompts[0].errors] == [("case-0", "head")]

    def test_an_error_that_cannot_change_a_pass_is_counted(self):
        found = verdict(outcomes("p" * 1000), outcomes("e" + "p" * 999))
        assert (found.verdict, found.incomplete, len(found.prompts[0].errors)) == (Ruling.PASS, False, 1)
        assert found.prompts[0].n == 999

    def test_a_case_that_must_pass_and_errs_is_never_a_pass(self):
        tags = {n: ("critical",) if n == 0 else () for n in range(1000)}
        found = verdict(outcomes("p" * 1000, tags=tags), outcomes("e" + "p" * 999, tags=tags))
        assert found.rule == "errors"

    def test_a_failure_shown_without_the_errors_stays_one(self):
        assert ruled(outcomes("p" * 50), outcomes("f" * 10 + "e" * 10 + "p" * 30)) == ("fail", "regression")

    def test_all_errors_is_nothing_measured_and_incomplete(self):
        found = verdict(outcomes("ppp"), outcomes("eee"))
        assert (found.rule, found.incomplete) == ("nothing-measured", True)

    def test_under_the_threshold_rule_too(self):
        policy = replace(DEFAULT, rule="threshold")
        assert ruled(outcomes("p" * 50), outcomes("ee" + "p" * 48), policy) == ("inconclusive", "errors")
        assert ruled(outcomes("p" * 50), outcomes("e" + "p" * 49), policy) == ("pass", "threshold")

    def test_a_case_the_head_no_longer_has_is_no_pass(self):
        assert ruled(outcomes("p" * 30), outcomes("p" * 29)) == ("inconclusive", "unpaired")

    def test_a_new_case_is_reported_and_not_gated(self):
        found = verdict(outcomes("p" * 29), outcomes("p" * 29 + "f"))
        assert (found.verdict, found.prompts[0].head_only) == (Ruling.PASS, ("case-29",))


class TestFloors:
    def test_the_pass_rate_is_decided_on_counts(self):
        run = outcomes("p" * 9 + "f")
        assert ruled(run, run, replace(DEFAULT, min_pass_rate=0.9)) == ("pass", "identical")
        found = verdict(run, run, replace(DEFAULT, min_pass_rate=0.91))
        assert (found.verdict.value, found.rule) == ("fail", "min-pass-rate")
        assert [(one.case, one.kind) for one in found.prompts[0].witnesses] == [("case-9", "floor")]

    def test_errors_leave_a_floor_open(self):
        run = outcomes("p" * 9 + "e")
        found = verdict(run, run, replace(DEFAULT, min_pass_rate=0.95))
        assert (found.rule, found.incomplete) == ("errors", True)
        assert ruled(run, outcomes("p" * 5 + "f" * 4 + "e"), replace(DEFAULT, min_pass_rate=0.95))[0] == "fail"

    def test_the_mean_judge_score(self):
        run = outcomes("p" * 10, kind="judge", score=0.7)
        assert ruled(run, run, replace(DEFAULT, min_judge_score=0.7)) == ("pass", "identical")
        assert ruled(run, run, replace(DEFAULT, min_judge_score=0.71)) == ("fail", "min-judge-score")

    def test_a_prompt_without_judges_has_no_judge_floor(self):
        assert ruled(outcomes("pp"), outcomes("pp"), replace(DEFAULT, min_judge_score=0.9)) == ("pass", "identical")

    @pytest.mark.parametrize(
        ("passed", "total", "expected"),
        [
            (29, 29, ("pass", "identical")),  # 0.9 ** 29 < 0.05: the fewest that show a rate above 0.9
            (28, 28, ("inconclusive", "safety-floor-not-shown")),
            (48, 48, ("pass", "identical")),
            (60, 80, ("fail", "min-pass-rate")),
        ],
    )
    def test_a_safety_floor_has_to_be_shown(self, passed, total, expected):
        run = outcomes("p" * passed + "f" * (total - passed), tags=("safety",))
        assert ruled(run, run, replace(DEFAULT, min_pass_rate=0.9)) == expected

    def test_a_safety_floor_below_the_bound_fails_though_the_rest_makes_up_for_it(self):
        tags = {n: ("safety",) if n < 40 else () for n in range(400)}
        run = outcomes("f" * 12 + "p" * 388, tags=tags)
        assert ruled(run, run, replace(DEFAULT, min_pass_rate=0.9)) == ("fail", "safety-floor")


class TestScores:
    def judged(self, scores, kind="judge"):
        return run_of([sample(f"c{n}", "p", score=score, kind=kind) for n, score in enumerate(scores)])

    def test_a_loss_of_judge_score_fails_though_every_case_passes(self):
        base = self.judged([0.8 + (n % 5) / 100 for n in range(100)])
        head = self.judged([0.7 + (n % 7) / 100 for n in range(100)])
        found = verdict(base, head)
        one = found.prompts[0]
        assert (found.verdict.value, found.rule, one.metric) == ("fail", "regression", "judge_score")
        assert one.regressions == 0
        assert one.witnesses[0].kind == "score"

    def test_the_same_scores_are_identical(self):
        run = self.judged([0.1, 0.5, 0.9])
        assert ruled(run, run) == ("pass", "identical")

    def test_graded_assertions_gate_as_a_score(self):
        base, head = self.judged([0.9, 0.8] * 30, "rouge-l"), self.judged([0.6, 0.55] * 30, "rouge-l")
        found = verdict(base, head).prompts[0]
        assert (found.verdict.value, found.metric, [m.name for m in found.metrics]) == (
            "fail",
            "score",
            ["pass_rate", "score"],
        )

    def test_one_large_loss_among_many_cases_is_not_a_shown_one(self):
        base, head = self.judged([0.5] * 50), self.judged([0.0] + [0.5] * 49)
        assert ruled(base, head)[0] == "inconclusive"

    def test_tests_are_weighed_together(self):
        """Holm (1979): two tests, the smaller p-value counts twice."""
        base = self.judged([0.5 + (n % 10) / 100 for n in range(40)])
        head = self.judged([0.49 + (n % 10) / 100 + (n % 3 - 1) / 30 for n in range(40)])
        head = run_of(
            [replace(one, outcome=type(one.outcome).FAIL) if n < 5 else one for n, one in enumerate(head.results)]
        )
        rate, judge = verdict(base, head).prompts[0].metrics
        assert judge.p_value < rate.p_value
        assert judge.adjusted_p == pytest.approx(2 * judge.p_value)
        assert rate.adjusted_p == pytest.approx(max(rate.p_value, judge.adjusted_p))

    def test_a_prompt_that_cannot_fail_does_not_dilute_the_others(self):
        base, head = flipped(50, 4, 0)
        same = [replace(one, prompt=f"other-{n}") for n in range(30) for one in outcomes("pp").results]
        both = verdict(run_of([*base.results, *same]), run_of([*head.results, *same]))
        assert (both.verdict.value, both.rule) == ("fail", "regression")

    def test_many_prompts_with_flips_share_the_error(self):
        def many(run):
            return run_of([replace(one, prompt=f"bot-{n}") for n in range(10) for one in run.results])

        base, head = flipped(50, 4, 0)
        assert verdict(many(base), many(head)).verdict is Ruling.INCONCLUSIVE  # ten times 0.031 is above 0.05
        base, head = flipped(50, 8, 0)
        assert verdict(many(base), many(head)).verdict is Ruling.FAIL

    def test_a_judge_nobody_checked_does_not_block_nor_acquit(self):
        base, head = self.judged([0.8, 0.85] * 50), self.judged([0.5, 0.56] * 50)
        policy = replace(DEFAULT, min_tnr=0.8)
        assert ruled(base, head, policy) == ("inconclusive", "judge-unproven")
        assert ruled(base, head, policy, judges=[labelled(0.7)]) == ("inconclusive", "judge-unproven")
        assert ruled(base, head, policy, judges=[labelled(0.85)]) == ("fail", "regression")


class TestClusters:
    def test_five_losses_of_one_cluster_are_one_loss(self):
        base, head = flipped(60, 5, 0)
        assert ruled(base, head) == ("fail", "regression")
        cluster = {n: "account" if n < 5 else f"k{n}" for n in range(60)}
        grouped = outcomes("p" * 60, cluster=cluster), outcomes("f" * 5 + "p" * 55, cluster=cluster)
        found = verdict(*grouped)
        assert found.verdict is Ruling.INCONCLUSIVE
        assert found.prompts[0].metrics[0].units == 56

    def test_clusters_of_one_case_change_nothing(self):
        cluster = {n: f"k{n}" for n in range(60)}
        assert ruled(outcomes("p" * 60, cluster=cluster), outcomes("f" * 5 + "p" * 55, cluster=cluster)) == (
            "fail",
            "regression",
        )

    def test_one_cluster_alone_shows_nothing(self):
        found = verdict(outcomes("p" * 60, cluster="k"), outcomes("f" * 30 + "p" * 30, cluster="k"))
        assert (found.verdict, found.prompts[0].metrics[0].p_value) == (Ruling.INCONCLUSIVE, None)


class TestMeasures:
    def measure(self, found, name):
        return next(one for one in found.prompts[0].measures if one.name == name)

    def test_cost_per_call_is_gated_where_a_limit_is_set(self):
        base, head = outcomes("p" * 20, cost=0.010), outcomes("p" * 20, cost=0.012)
        assert ruled(base, head) == ("pass", "identical")
        assert ruled(base, head, replace(DEFAULT, max_cost_increase=0.2)) == ("pass", "identical")
        found = verdict(base, head, replace(DEFAULT, max_cost_increase=0.19))
        assert (found.verdict.value, found.rule) == ("fail", "max-cost-per-call")
        assert found.prompts[0].witnesses[0].kind == "cost"

    def test_an_unknown_cost_is_not_a_cheap_one(self):
        found = verdict(outcomes("p" * 20, cost=0.01), outcomes("p" * 20), replace(DEFAULT, max_cost_increase=0.5))
        assert (found.verdict.value, found.rule) == ("inconclusive", "cost-per-call-unsettled")
        assert self.measure(found, "cost_per_call").head is None

    def seconds(self, n, extra=0.0):
        return outcomes("p" * n, latency={number: 1 + extra + number / n for number in range(n)})

    def test_p95_of_too_few_calls_is_refused(self):
        policy = replace(DEFAULT, max_latency_p95_increase=0.1)
        found = verdict(self.seconds(58), self.seconds(58, 10), policy)
        assert found.rule == "latency-p95-unsettled"
        assert "58 calls; 59 are needed" in found.reasons[0]

    def test_p95_that_surely_exceeds_the_limit_fails(self):
        policy = replace(DEFAULT, max_latency_p95_increase=0.1)
        assert ruled(self.seconds(100), self.seconds(100, 2), policy) == ("fail", "max-latency-p95")
        assert ruled(self.seconds(100), self.seconds(100, 0.01), policy) == ("pass", "identical")

    def test_refusals_and_failures_of_format_are_told_apart(self):
        fenced = {"output": '```json\n{"a": 1}\n```', "kind": "is-json"}
        base = run_of([sample(f"c{n}", "p", kind="is-json") for n in range(4)])
        head = run_of(
            [
                sample("c0", "f", **fenced),
                sample("c1", "f", output="I'm sorry, I cannot help with that.", kind="is-json"),
                sample("c2", "p", kind="is-json"),
                sample("c3", "p", kind="is-json"),
            ]
        )
        found = verdict(base, head)
        assert self.measure(found, "refusal_rate").head == 0.25
        assert self.measure(found, "format_failures").head == 0.5
        assert self.measure(found, "pass_rate_repaired").head == 0.75
        assert found.prompts[0].witnesses[0].format_only

    def test_a_failure_of_content_is_not_one_of_format(self):
        head = run_of([sample("c0", "f", kind="contains")])
        found = verdict(run_of([sample("c0", "p", kind="contains")]), head)
        assert self.measure(found, "format_failures").head == 0


def test_evidence_that_stopped_the_run_is_the_rule():
    stop = Stop(60, 12, 1, regression_evidence(12, 1))
    found = verdict(*flipped(60, 12, 1), stops={"bot": stop})
    assert (found.verdict.value, found.rule) == ("fail", "regression-evidence")
    assert found.prompts[0].e_value == pytest.approx(float(stop.evidence))


def test_witnesses_show_both_answers_and_what_broke_how_often():
    base = run_of(samples("a", "pppp", output="Settings > Security", pass_if="majority"))
    head = run_of(samples("a", "fffp", output="I do not know", pass_if="majority"))
    witness = verdict(base, head).prompts[0].witnesses[0]
    assert (witness.base.output, witness.head.output) == ("Settings > Security", "I do not know")
    assert (witness.base.passed, witness.head.passed, witness.head.samples) == (4, 1, 4)
    assert (witness.broken[0].type, witness.broken[0].failed, witness.broken[0].samples) == ("contains", 3, 4)


def test_tags_are_reported_apart():
    tags = {n: ("billing",) if n < 5 else ("faq",) for n in range(20)}
    found = verdict(outcomes("p" * 20, tags=tags), outcomes("f" * 5 + "p" * 15, tags=tags)).prompts[0]
    assert [(one.tag, one.n, one.regressions, one.difference) for one in found.tags] == [
        ("billing", 5, 5, -1.0),
        ("faq", 15, 0, 0.0),
    ]


def test_the_worst_prompt_decides():
    base = run_of([*outcomes("p" * 20).results, *(replace(one, prompt="other") for one in outcomes("pp").results)])
    head = run_of([*outcomes("f" * 20).results, *(replace(one, prompt="other") for one in outcomes("pp").results)])
    found = verdict(base, head)
    assert [(one.prompt, one.verdict.value) for one in found.prompts] == [("bot", "fail"), ("other", "pass")]
    assert (found.verdict, found.rule) == (Ruling.FAIL, "regression")
    assert found.reasons[0].startswith("bot: ")
