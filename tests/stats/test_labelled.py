"""Labels beside verdicts, and what moves a judge: published figures, exact oracles and simulations."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from promptctl.model.label import Judged, Label, Material
from promptctl.stats.agreement import Confusion, fails_for_bound
from promptctl.stats.exact import lower_bound
from promptctl.stats.fisher import fisher_p
from promptctl.stats.judge_bias import (
    differential_error,
    length_bias_of_answers,
    length_bias_of_pairs,
    order_agreement,
)
from promptctl.stats.labelled import confusion_of, labeller_pairs, majority
from promptctl.stats.orders import lean


def label(item, said, who="ann", judge=None):
    return Label(item, "bot", item, 0, Material(None, item), said, who, "2026-11-30T00:00:00+00:00", judge=judge)


def judged(outcome, digest="now", **more):
    return Judged(digest, outcome, **more)


def test_an_item_counts_once_by_majority_and_a_draw_is_disputed():
    good = judged("pass")
    labels = [
        *[label("a", said, who, good) for who, said in (("ann", "fail"), ("bob", "pass"), ("cy", "fail"))],
        label("b", "pass", "ann", good), label("b", "fail", "bob", good),
        label("c", "pass", "ann", judged("fail", "old")),
        label("d", "fail", "ann", judged("error")),
        label("e", "pass", "ann", None), label("e", "pass", "bob", good),
    ]  # fmt: skip
    found = confusion_of(labels, "now")
    assert [item.label.item for item in found.items] == ["a", "b", "c", "d", "e"]
    assert found.table == Confusion(1, 0, 1, 0)  # e passes twice; the judge misses a
    assert found.counts == {("fail", "pass"): 1, ("pass", "pass"): 1}
    assert [item.label.item for item in found.disputed] == ["b"]
    assert [item.label.item for item in found.unjudged] == ["c"]
    assert [item.label.item for item in found.errors] == ["d"]
    old = confusion_of(labels, "old")
    assert (old.table, len(old.unjudged)) == (Confusion(0, 1, 0, 0), 3)


def test_no_label_compares_nothing():
    assert confusion_of([], "now").table == Confusion(0, 0, 0, 0)
    assert confusion_of([], "now").items == ()


def test_majority_of_three_words_needs_more_than_either_other():
    assert majority(["A", "tie", "A", "B"]) == "A"
    assert majority(["A", "tie", "B"]) is None
    assert majority(["tie"]) == "tie"


def test_of_a_pair_a_draw_passes_unless_a_win_is_asked_for():
    draw = [
        label("a", "tie", judge=judged("A")),
        label("b", "A", judge=judged("tie")),
        label("c", "B", judge=judged("B")),
    ]
    assert confusion_of(draw, "now").table == Confusion(2, 0, 0, 1)
    win = [label("a", "tie", judge=judged("A", threshold=1)), label("b", "A", judge=judged("tie", threshold=1))]
    assert confusion_of(win, "now").table == Confusion(0, 1, 1, 0)


def test_labellers_are_compared_on_what_both_labelled():
    labels = [label(item, "pass", who) for item in "abcd" for who in ("ann", "bob")]
    labels += [
        label("e", "fail", "ann"),
        label("e", "fail", "bob"),
        label("f", "pass", "ann"),
        label("f", "fail", "bob"),
    ]
    labels += [label("g", "pass", "cy")]
    (pair,) = labeller_pairs(labels)
    assert (pair.one, pair.other, pair.items, pair.differ) == ("ann", "bob", 6, ("f",))
    assert pair.agreement == pytest.approx(5 / 6)
    assert pair.kappa == pytest.approx((5 / 6 - 22 / 36) / (1 - 22 / 36))


def test_fisher_finds_the_lady_tasting_tea():
    """The design of experiments (1935): three of four cups right is no proof; all four are 1 in 70, twice."""
    assert fisher_p((3, 4), (1, 4)) == pytest.approx(34 / 70)
    assert fisher_p((4, 4), (0, 4)) == pytest.approx(2 / 70)
    assert fisher_p((0, 0), (1, 4)) is None


counts = st.integers(0, 60).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


@given(counts, counts)
def test_fisher_agrees_with_scipy(one, other):
    found = fisher_p(one, other)
    if found is None:
        assert not one[1] or not other[1]
        return
    oracle = fisher_exact([[one[0], one[1] - one[0]], [other[0], other[1] - other[0]]]).pvalue
    assert found == pytest.approx(min(1.0, float(oracle)), rel=1e-6)


@pytest.mark.parametrize(
    ("pairs", "first", "second", "agreement", "p"),
    [
        (200, 15, 11, 0.87, 0.442068338),  # GPT-4 on MT-bench
        (200, 83, 2, 0.575, 9.67284329e-23),  # ChatGPT on MT-bench
        (66, 18, 2, 0.696969697, 0.000221252441),  # GPT-4 on FairEval
        (66, 54, 0, 0.181818182, 5.55111512e-17),  # ChatGPT on FairEval
    ],
)
def test_order_agreement_has_the_published_position_biases(pairs, first, second, agreement, p):
    verdicts = [("A", "B")] * first + [("B", "A")] * second
    verdicts += [("A", "A")] * (pairs - first - second)
    found = order_agreement(verdicts)
    assert (found.to_first, found.to_second, found.pairs) == (first, second, pairs)
    assert found.agreement == pytest.approx(agreement)
    assert found.p == pytest.approx(p, rel=1e-6)


def test_a_draw_in_one_order_leans_to_where_the_winner_stood():
    found = order_agreement([("A", "tie"), ("tie", "B"), ("tie", "A"), ("tie", "tie")])
    assert (found.consistent, found.to_first, found.to_second) == (1, 2, 1)
    assert order_agreement([]) is None


def test_a_judge_that_prefers_length_is_held_against_people_not_against_a_half():
    pairs = [(20, 10, "A", "A")] * 6 + [(10, 20, "A", "B")] * 3 + [(20, 10, "B", "B")] * 1
    pairs += [(10, 10, "A", "A"), (20, 10, "tie", "A"), (20, 10, "A", "tie")]
    found = length_bias_of_pairs(pairs)
    assert found.items == 10
    assert (found.judge, found.human) == (0.9, 0.6)
    assert found.excess == pytest.approx(0.3)
    assert found.interval[0] < 0.3 < found.interval[1]
    assert length_bias_of_pairs([(10, 10, "A", "A")]) is None


def test_length_of_answers_compares_leniency_above_and_below_the_median():
    long, short = [(9, False, True)] * 4 + [(9, True, True)] * 6, [(1, True, True)] * 5 + [(1, False, False)] * 5
    found = length_bias_of_answers((long + short) * 4)
    assert (found.items, found.judge, found.human) == (80, 0.5, pytest.approx(0.1))
    assert found.excess == pytest.approx(0.4)
    assert found.interval[0] > 0
    calm = length_bias_of_answers([(9, True, True)] * 10 + [(1, False, False)] * 10)
    assert calm.excess == 0
    assert calm.interval[0] < 0 < calm.interval[1]  # no disagreement is no certainty
    assert length_bias_of_answers([(5, True, True)] * 3) is None
    assert length_bias_of_answers([]) is None


def test_the_interval_of_length_bias_covers_the_truth():
    """A judge that passes 30 % of the long failures and 10 % of the short ones, half of the answers good."""
    random, covered, rounds = Random(7), 0, 400
    for _ in range(rounds):
        rows = []
        for length, slip in ((9, 0.3), (1, 0.1)):
            for _ in range(40):
                good = random.random() < 0.5
                rows.append((length, good, good or random.random() < slip))
        found = length_bias_of_answers(rows)
        covered += found.interval[0] <= 0.1 <= found.interval[1]
    assert 0.92 <= covered / rounds <= 0.99


def test_a_judge_that_errs_on_one_prompts_answers_alone_is_found():
    """Real: the same judge has kappa .875 on one system's answers and .081 on another's."""
    found = differential_error(
        {"a": Confusion(40, 2, 1, 30), "b": Confusion(41, 3, 20, 12), "c": Confusion(39, 2, 2, 31)}
    )
    assert [one.prompt for one in found] == ["a", "b", "c"]
    assert found[1].tnr == (12, 32)
    assert found[1].tnr_p < 0.001
    assert all(one.tpr_p == 1.0 for one in found)
    two = differential_error({"a": Confusion(9, 1, 0, 0), "b": Confusion(1, 9, 2, 2)})
    assert two[0].tpr_p == two[1].tpr_p == pytest.approx(fisher_p((9, 10), (1, 10)))
    assert two[0].tnr_p is None
    assert differential_error({"a": Confusion(1, 1, 1, 1)}) == ()


@given(st.integers(0, 40), st.integers(1, 40), st.floats(0.3, 0.95))
def test_the_fails_for_a_bound_are_the_fewest(caught, fails, floor):
    tnr = min(caught, fails) / fails
    found = fails_for_bound(tnr, floor, labelled=fails)
    if found is None:
        assert tnr <= floor or lower_bound(int(tnr * 10_000), 10_000) < floor
        return
    assert lower_bound(int(tnr * found + 1e-9), found) >= floor
    assert found == fails or all(lower_bound(int(tnr * n + 1e-9), n) < floor for n in range(fails, found))


def test_a_judge_that_misses_nothing_needs_29_fails_for_90_percent():
    assert fails_for_bound(1.0, 0.9) == 29
    assert fails_for_bound(0.9, 0.9) is None


@pytest.mark.parametrize("first", ["A", "B", "tie"])
@pytest.mark.parametrize("second", ["A", "B", "tie"])
def test_a_lean_is_to_one_place_and_the_names_of_the_answers_do_not_matter(first, second):
    other = {"A": "B", "B": "A", "tie": "tie"}
    assert lean(first, second) == lean(other[second], other[first])
    assert (lean(first, second) == 0) is (first == second)
