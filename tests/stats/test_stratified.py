"""A sample by verdict, weighed by what it stands for: pools whose truth is known, drawn from by the real draw."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.evals.judged import Candidate
from promptctl.evals.label_sample import draw, label_of
from promptctl.model.label import Judged, Label, Material
from promptctl.stats.agreement import Confusion, cohen_kappa, gwet_ac1, observed_agreement, reliability
from promptctl.stats.exact import lower_bound, upper_bound
from promptctl.stats.label_plan import labelled_verdicts, verdicts_for_floor, verdicts_for_width
from promptctl.stats.labelled import confusion_of
from promptctl.stats.stratified import Stratum, parts_of, rate_floor, stratified, weighted

AT = "2026-11-30T00:00:00+00:00"
MATERIAL = Material(None, "x")


def pool(both_pass, missed_passes, missed_fails, both_fail, *, digest="d", name="i"):
    """Candidates of a pool whose confusion matrix is known, and what people would say of each."""
    cells = ((both_pass, "pass", "pass"), (missed_passes, "pass", "fail"), (missed_fails, "fail", "pass"),
             (both_fail, "fail", "fail"))  # fmt: skip
    rows = [(human, judge) for count, human, judge in cells for _ in range(count)]
    found = [
        Candidate(f"{name}{at}", "bot", f"c{at}", 0, MATERIAL, Judged(digest, row[1])) for at, row in enumerate(rows)
    ]
    return found, {f"{name}{at}": human for at, (human, _) in enumerate(rows)}


def labelled(candidates, truth, *, size, seed, before=()):
    """The labels of a person who makes no mistake."""
    taken = draw(candidates, before, labeller="ann", size=size, seed=seed).to_label
    return [*before, *(label_of(one, truth[one.item], "ann", AT) for one in taken)]


def test_a_judge_that_misses_most_failures_is_not_proven_by_a_sample_by_verdict():
    """It passes 90 % of 2,000 and catches 110 failures of 290. By raw counts it was 'at least .697' and proven at .5."""
    candidates, truth = pool(1620, 90, 180, 110)
    covered = 0
    for seed in range(20):
        found = confusion_of(labelled(candidates, truth, size=100, seed=str(seed)), "d")
        assert found.table.passes + found.table.fails == 100
        assert reliability(found.table).tnr > 0.7  # what the counts of the sample say
        rates = stratified(found.strata)
        assert rates.tnr_lower < 0.5
        covered += rates.tnr_lower < 0.379 < rates.tnr_interval[1]
    assert covered >= 19


@pytest.mark.parametrize(
    ("cells", "size"),
    [
        ((810, 45, 90, 55), 100),  # misses most
        ((895, 30, 5, 70), 100),  # catches most, and its misses are 1 in 180 of what it passes
        ((900, 10, 0, 90), 60),  # misses none
        ((400, 300, 100, 200), 80),
        ((975, 5, 15, 5), 60),  # fails next to nothing
    ],
)  # fmt: skip
def test_the_interval_covers_the_truth(cells, size):
    candidates, truth = pool(*cells)
    tpr, tnr = cells[0] / (cells[0] + cells[1]), cells[3] / (cells[3] + cells[2])
    rounds, covered, floors, good = 25, 0, 0, 0
    shuffle = Random(5)
    for seed in range(rounds):
        shuffle.shuffle(candidates)
        rates = stratified(confusion_of(labelled(candidates, truth, size=size, seed=str(seed)), "d").strata)
        covered += rates.tnr_interval is None or rates.tnr_interval[0] <= tnr <= rates.tnr_interval[1]
        floors += rates.tnr_lower is None or rates.tnr_lower <= tnr
        good += rates.tpr_interval[0] <= tpr <= rates.tpr_interval[1]
    assert min(covered, floors, good) >= 0.93 * rounds, (covered, floors, good)


def test_the_estimate_is_right_on_average_and_that_of_the_counts_is_not():
    candidates, truth = pool(810, 45, 90, 55)
    rounds, tnr, kappa, raw = 30, 0.0, 0.0, 0.0
    for seed in range(rounds):
        found = confusion_of(labelled(candidates, truth, size=200, seed=str(seed)), "d")
        rates = stratified(found.strata)
        tnr, kappa, raw = tnr + rates.tnr, kappa + rates.kappa, raw + reliability(found.table).tnr
    true = reliability(Confusion(810, 45, 90, 55))
    assert tnr / rounds == pytest.approx(true.tnr, abs=0.04)
    assert kappa / rounds == pytest.approx(true.kappa, abs=0.03)
    assert raw / rounds > 0.8


def test_another_judge_over_the_strata_of_the_old_one_is_covered_too():
    """Verdicts of today's judge, strata by yesterday's: it may differ from its stratum, and nothing is known for sure."""
    random, covered = Random(3), 0
    candidates, truth = pool(750, 50, 100, 100)
    for seed in range(25):
        now = {one.item: truth[one.item] if random.random() < 0.8 else one.judge.outcome for one in candidates}
        fails = [item for item in truth if truth[item] == "fail"]
        tnr = sum(now[item] == "fail" for item in fails) / len(fails)
        labels = [
            Label(one.item, one.prompt, one.case, 0, MATERIAL, one.label, "ann", AT, None,
                  Judged("new", now[one.item]), one.drawn)
            for one in labelled(candidates, truth, size=120, seed=str(seed))
        ]  # fmt: skip
        strata = confusion_of(labels, "new").strata
        assert [one.own for one in strata] == [False, False]
        low, high = stratified(strata).tnr_interval
        covered += low <= tnr <= high
    assert covered >= 24


tables = st.builds(Confusion, *[st.integers(0, 40)] * 4)


@given(tables, st.integers(0, 5000), st.sampled_from([True, False, None]), st.booleans())
def test_one_stratum_says_what_its_counts_say(table, more, passed, own):
    size = max(1, table.passes + table.fails + more)
    assert stratified([Stratum(size, table, passed, own)]) == reliability(table)


def test_no_label_says_nothing():
    assert stratified([]) == reliability(Confusion(0, 0, 0, 0))


@given(tables, tables)
def test_a_pool_that_is_labelled_to_the_last_item_is_no_sample(passed, failed):
    strata = [Stratum(one.passes + one.fails, one, at) for one, at in ((passed, True), (failed, False))]
    both = Confusion(*(getattr(passed, name) + getattr(failed, name) for name in Confusion.__dataclass_fields__))
    assert stratified(strata) == reliability(both)


@settings(max_examples=60)
@given(
    st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40),
    st.integers(1, 3000), st.integers(1, 3000),
)  # fmt: skip
def test_figures_are_those_of_the_pool_that_the_shares_make(good, missed, wrong, caught, more_passed, more_failed):
    passed, failed = Confusion(good, 0, missed, 0), Confusion(0, wrong, 0, caught)
    sizes = good + missed + more_passed, wrong + caught + more_failed
    rates = stratified([Stratum(sizes[0], passed, True, True), Stratum(sizes[1], failed, False, True)])
    one, other = Fraction(sizes[0], good + missed), Fraction(sizes[1], wrong + caught)
    counts = {
        (True, True): good * one,
        (True, False): wrong * other,
        (False, True): missed * one,
        (False, False): caught * other,
    }
    assert rates.tnr == float(caught * other / (caught * other + missed * one))
    assert rates.tpr == (float(good * one / (good * one + wrong * other)) if good + wrong else None)
    assert (rates.agreement, rates.kappa, rates.ac1) == (
        observed_agreement(counts), cohen_kappa(counts), gwet_ac1(counts),
    )  # fmt: skip
    assert 0 <= rates.tnr_interval[0] <= rates.tnr_lower <= rates.tnr <= rates.tnr_interval[1] <= 1
    half = 0.975  # two bounds, each with half of the error
    low, high = (
        lower_bound(caught, wrong + caught, confidence=half),
        upper_bound(missed, good + missed, confidence=half),
    )
    assert rates.tnr_lower == pytest.approx(sizes[1] * low / (sizes[1] * low + sizes[0] * high))


def test_no_failure_among_fifty_passes_does_not_show_that_the_rest_hold_none():
    strata = [Stratum(1800, Confusion(50, 0, 0, 0), True, True), Stratum(200, Confusion(0, 0, 0, 50), False, True)]
    rates = stratified(strata)
    assert rates.tnr == 1
    assert rates.tnr_lower == pytest.approx(0.592, abs=5e-4)
    assert lower_bound(50, 50) > 0.94  # what the counts say


def test_what_nobody_labelled_may_be_anything():
    """The judge passed 1,800 and failed 200: fails alone are labelled, as if it missed nothing."""
    candidates, truth = pool(1620, 0, 180, 200)
    labels = [one for one in labelled(candidates, truth, size=100, seed="s") if one.judge.outcome == "fail"]
    found = confusion_of(labels, "d")
    assert [(one.size, one.labelled) for one in found.strata] == [(200, 50), (1800, 0)]
    rates = stratified(found.strata)
    assert rates.tnr == 1  # of what is labelled
    assert rates.tnr_lower < 0.1
    assert verdicts_for_floor(parts_of(found.strata, fails=True), 0.5) is None  # more fails alone show nothing


def test_strata_follow_a_pool_that_grows_and_a_judge_that_changes():
    candidates, truth = pool(80, 5, 5, 10)
    first = labelled(candidates, truth, size=20, seed="s")
    assert {(one.drawn.outcome, one.drawn.of, one.drawn.pool) for one in first} == {
        ("pass", 85, 100),
        ("fail", 15, 100),
    }
    more, said = pool(80, 5, 5, 10, name="later")
    later = draw([*candidates, *more], first, labeller="ann", size=40, seed="s").to_label
    assert {(one.drawn.outcome, one.drawn.of, one.drawn.pool) for one in later} == {
        ("pass", 170, 200),
        ("fail", 30, 200),
    }
    labels = [*first, *(label_of(one, (truth | said)[one.item], "ann", "2026-12-01T00:00:00+02:00") for one in later)]
    assert sorted(one.size for one in confusion_of(labels, "d").strata) == [30, 170]
    new = [replace(one, judge=replace(one.judge, digest="new")) for one in (*candidates, *more)]
    last = draw(new, first, labeller="ann", size=40, seed="s").to_label
    assert {one.drawn.judge for one in last} == {"new"}
    assert sum({one.drawn.stratum: one.drawn.of for one in last}.values()) == 180  # 20 stand for the old pool


def test_labels_that_were_not_drawn_stand_for_themselves():
    candidates, truth = pool(400, 20, 30, 50)
    drawn = labelled(candidates, truth, size=40, seed="s")
    own = [Label(f"x{n}", "bot", "c", 0, MATERIAL, "pass", "ann", AT, judge=Judged("d", "pass")) for n in range(7)]
    found = confusion_of([*drawn, *own], "d")
    assert {(one.size, one.labelled, one.own) for one in found.strata} == {
        (430, 20, True),
        (70, 20, True),
        (7, 7, False),
    }
    assert found.undrawn == 7


def test_the_labels_that_would_do_are_few_and_do():
    strata = [Stratum(1800, Confusion(50, 0, 0, 0), True, True), Stratum(200, Confusion(0, 5, 0, 45), False, True)]
    parts = parts_of(strata, fails=True)
    wanted = verdicts_for_floor(parts, 0.8)
    assert wanted.passed > 100
    assert wanted.failed < 100
    grown = [
        Stratum(1800, Confusion(wanted.passed, 0, 0, 0), True, True),
        Stratum(200, Confusion(0, wanted.failed - int(wanted.failed * 0.9), 0, int(wanted.failed * 0.9)), False, True),
    ]
    assert stratified(grown).tnr_lower >= 0.8
    assert rate_floor(parts) < 0.8
    fewer = [Stratum(1800, Confusion(wanted.passed - 15, 0, 0, 0), True, True), grown[1]]
    assert stratified(fewer).tnr_lower < 0.8
    width = verdicts_for_width(parts, 0.1)
    assert width.passed > wanted.passed > labelled_verdicts(parts).passed == 50
    missing = [Stratum(1800, Confusion(40, 0, 10, 0), True, True), strata[1]]
    assert verdicts_for_floor(parts_of(missing, fails=True), 0.8) is None  # it would have to catch more


def test_pairs_are_weighed_in_their_three_words():
    """A wins 300 of 400 by the judge, B 60, 40 are draws; a draw is enough, so that B alone fails."""
    pair = Material(None, "x", assertion="pairwise")
    outcomes = ["A"] * 300 + ["B"] * 60 + ["tie"] * 40
    candidates = [Candidate(f"i{at}", "bot", f"c{at}", 0, pair, Judged("d", said)) for at, said in enumerate(outcomes)]
    truth = {one.item: "B" if at % 10 == 0 else one.judge.outcome for at, one in enumerate(candidates)}
    found = confusion_of(labelled(candidates, truth, size=90, seed="s"), "d")
    assert [(one.size, one.labelled, one.passed) for one in found.strata] == [
        (300, 30, True), (60, 30, False), (40, 30, None),
    ]  # fmt: skip
    assert sum(weighted(found.weights).values()) == 400
    missed = sum(
        Fraction(size * count, sum(counts.values()))
        for size, counts in found.weights
        for (human, judge), count in counts.items()
        if human == "B" and judge != "B"
    )
    assert stratified(found.strata).tnr == pytest.approx(float(60 / (60 + missed)))
