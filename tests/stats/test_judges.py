"""Agreement and correction: known paradoxes, limits, and simulations in which the truth is known."""

from __future__ import annotations

from random import Random
from statistics import fmean, variance

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from promptctl.stats import agreement, correction
from promptctl.stats.krippendorff import krippendorff_alpha
from promptctl.stats.two_phase import concordant_variance, two_phase

cells = st.tuples(*[st.integers(0, 80)] * 4)


@given(cells)
def test_reliability_is_bounded_and_absent_where_nothing_was_labelled(table):
    found = agreement.reliability(agreement.Confusion(*table))
    passes, fails = table[0] + table[1], table[2] + table[3]
    assert found.items == sum(table)
    assert (found.tpr is None) == (passes == 0) == (found.tpr_interval is None)
    assert (found.tnr is None) == (fails == 0) == (found.tnr_interval is None) == (found.tnr_lower is None)
    if found.items == 0:
        assert (found.agreement, found.kappa, found.ac1) == (None, None, None)
        return
    assert found.kappa is None or -1 <= found.kappa <= found.agreement + 1e-12
    assert -1 <= found.ac1 <= 1
    if found.tnr is not None:
        assert found.tnr_interval[0] <= found.tnr_lower <= found.tnr <= found.tnr_interval[1]


@given(cells)
def test_agreement_does_not_depend_on_who_is_called_the_judge(table):
    one = agreement.Confusion(*table).counts
    other = agreement.Confusion(table[0], table[2], table[1], table[3]).counts
    for measure in (agreement.cohen_kappa, agreement.gwet_ac1, agreement.observed_agreement):
        assert measure(one) == pytest.approx(measure(other)) if measure(one) is not None else measure(other) is None


def test_a_fine_ac1_may_hide_a_judge_that_misses_failures():
    found = agreement.reliability(agreement.Confusion(90, 5, 4, 1))
    assert found.agreement > 0.9
    assert found.ac1 > 0.89
    assert found.kappa < 0.14
    assert found.tnr_lower < 0.02


def test_kappa_of_many_categories_is_the_textbook_one():
    """Fleiss, Cohen and Everitt (1969), table 1: two clinicians, three diagnoses, 0.492."""
    rows = ((88, 14, 18), (10, 40, 10), (2, 6, 12))
    counts = {(i, j): value for i, row in enumerate(rows) for j, value in enumerate(row)}
    assert agreement.cohen_kappa(counts) == pytest.approx(0.492, abs=5e-4)
    # by hand: the mean shares are 0.55, 0.30, 0.15, so chance is (0.2475 + 0.21 + 0.1275) / 2
    assert agreement.gwet_ac1(counts, categories=3) == pytest.approx((0.7 - 0.2925) / (1 - 0.2925))
    with pytest.raises(ValueError, match="3 categories"):
        agreement.gwet_ac1(counts)


def test_one_category_only_leaves_nothing_to_agree_about():
    assert agreement.cohen_kappa({(True, True): 9}) is None
    assert agreement.gwet_ac1({(True, True): 9}) == 1
    with pytest.raises(ValueError):
        agreement.Confusion(1, -1, 0, 0)
    for call in (lambda: agreement.labels_needed(1, 0.1), lambda: agreement.labels_needed(0.5, 0)):
        with pytest.raises(ValueError):
            call()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=30))
def test_alpha_of_two_complete_raters_is_close_to_kappa_and_symmetric(pairs):
    alpha = krippendorff_alpha(pairs)
    assert alpha <= 1
    assert alpha == pytest.approx(krippendorff_alpha([(other, one) for one, other in pairs]))
    if all(one == other for one, other in pairs):
        assert alpha == 1


def test_alpha_refuses_what_it_does_not_know():
    assert krippendorff_alpha([(1,), (None, 2)]) is None
    with pytest.raises(ValueError, match="nominal, ordinal or interval"):
        krippendorff_alpha([(1, 2)], level="ratio")


@given(st.floats(0, 1), st.floats(0.55, 1), st.floats(0.55, 1))
def test_the_correction_undoes_the_judge(truth, tpr, tnr):
    apparent = truth * tpr + (1 - truth) * (1 - tnr)
    assert correction.rogan_gladen(apparent, tpr, tnr) == pytest.approx(truth, abs=1e-9)
    assert correction.case_inflation(tpr, tnr) >= 1


def test_a_judge_no_better_than_chance_corrects_nothing():
    assert correction.rogan_gladen(0.5, 0.5, 0.5) is None
    assert correction.case_inflation(0.4, 0.5) is None
    assert correction.rogan_gladen_error(0.5, 0.9, 0.9, judged=0, passes=5, fails=5) is None
    assert correction.rogan_gladen_error(0.5, 0.5, 0.5, judged=9, passes=5, fails=5) is None
    assert correction.corrected_rate(5, 10, agreement.Confusion(0, 9, 9, 0)) is None
    assert correction.corrected_rate(0, 0, agreement.Confusion(9, 1, 1, 9)) is None
    assert correction.corrected_rate(5, 10, agreement.Confusion(0, 0, 1, 9)) is None
    assert correction.prediction_powered([(1, 1)], [1.0]) is None
    assert correction.prediction_powered([(1, 1), (0, 0)], []) is None
    assert correction.rogan_gladen(0.05, 0.9, 0.9) == 0
    with pytest.raises(ValueError):
        correction.corrected_rate(11, 10, agreement.Confusion(9, 1, 1, 9))


@pytest.mark.parametrize(("truth", "labels"), [(0.8, 60), (0.95, 30)])
def test_the_corrected_interval_covers_the_truth(truth, labels):
    draw, runs, covered = Random(21), 800, 0
    for _ in range(runs):
        kept = sum(draw.random() < 0.9 for _ in range(labels))
        caught = sum(draw.random() < 0.85 for _ in range(labels))
        seen = sum(draw.random() < (truth * 0.9 + (1 - truth) * 0.15) for _ in range(300))
        table = agreement.Confusion(kept, labels - kept, labels - caught, caught)
        found = correction.corrected_rate(seen, 300, table)
        covered += found.low <= truth <= found.high
    assert covered / runs > 0.93


@pytest.mark.parametrize("tuned", [False, True])
def test_prediction_powered_intervals_cover_and_a_good_judge_narrows_them(tuned):
    draw, runs, covered, narrower = Random(22), 500, 0, 0
    for _ in range(runs):
        pairs = [(float(draw.random() < 0.7),) for _ in range(500)]
        pairs = [(human, human if draw.random() < 0.9 else 1 - human) for (human,) in pairs]
        labelled, rest = pairs[:100], [judge for _, judge in pairs[100:]]
        found = correction.prediction_powered(labelled, rest, tuned=tuned)
        covered += found.low <= 0.7 <= found.high
        human = fmean(human for human, _ in labelled)
        narrower += found.error < (human * (1 - human) / 100) ** 0.5
    assert covered / runs > 0.92
    assert narrower / runs > 0.9


def test_a_judge_that_always_says_the_same_is_given_no_weight():
    labelled = [(1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]
    found = correction.prediction_powered(labelled, [1.0] * 50, tuned=True)
    assert found.value == pytest.approx(2 / 3)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=12),
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.booleans(),
)
@example([(1.0, 0.0)] * 2 + [(1.0, 1.0)] * 2, [1.0] * 9, False)
def test_no_rate_is_below_none_or_above_all(labelled, rest, tuned):
    """The plain correction of the example is 1 + 1/2."""
    found = correction.prediction_powered(labelled, rest, tuned=tuned)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.lists(st.sampled_from([-1, 0, 1]), min_size=2, max_size=60).filter(lambda seen: len(set(seen)) > 1))
def test_the_variance_of_differences_is_that_of_the_sample(seen):
    found = concordant_variance(sum(seen), sum(one * one for one in seen), len(seen))
    assert found == pytest.approx(variance(seen))


def test_labelling_only_the_flips_is_biased_and_two_phases_are_not():
    """The judge misses half of 40 true losses among 400 cases; the mean over many samples finds them all."""
    draw = Random(23)
    human = [-1.0] * 40 + [0.0] * 360
    flipped, concordant = human[:20], human[20:]
    found = [two_phase(flipped, draw.sample(concordant, 80), len(concordant)) for _ in range(400)]
    assert {round(result.judged_only, 12) for result in found} == {-0.05}
    assert fmean(result.value for result in found) == pytest.approx(-0.1, abs=0.003)
    covered = sum(result.low <= -0.1 <= result.high for result in found)
    assert covered / len(found) > 0.9
    assert all(result.labels == 100 for result in found)


def test_all_labelled_is_exact_and_none_seen_is_not_none_there():
    everything = two_phase([-1.0, 1.0], [0.0, -1.0, 0.0], 3)
    assert (everything.value, everything.error) == (-0.2, 0.0)
    assert everything.low == everything.high == -0.2
    assert everything.total_error > 0
    clean = two_phase([-1.0] * 5, [0.0] * 60, 195)
    assert clean.value == -0.025
    assert clean.error > 0.01
    assert two_phase([], [], 0) is None
    assert two_phase([1.0], [0.0], 5) is None
    assert two_phase([1.0, -1.0], [], 0).value == 0
    with pytest.raises(ValueError):
        two_phase([], [0.0, 0.0], 1)
