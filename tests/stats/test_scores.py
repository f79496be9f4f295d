"""Scores, clusters, bootstrap, repeats and multiplicity against scipy, brute force and their own promises."""

from __future__ import annotations

from itertools import product
from math import sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from promptctl.stats import clusters, multiple, repeats, scores
from promptctl.stats.bootstrap import bootstrap_mean

differences = st.lists(st.integers(-20, 20).map(lambda tenth: tenth / 10), min_size=2, max_size=40)


@given(differences)
def test_the_paired_t_is_scipys(values):
    found = scores.mean_difference(values)
    spread = max(values) - min(values)
    if spread == 0:
        assert (found.t, found.p_two_sided) == ((0, 1) if values[0] == 0 else (None, None))
        return
    theirs = stats.ttest_1samp(values, 0)
    assert found.p_two_sided == pytest.approx(theirs.pvalue, abs=1e-9)
    assert found.p_regression == pytest.approx(stats.ttest_1samp(values, 0, alternative="less").pvalue, abs=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval()), abs=1e-9)
    assert found.low <= found.mean <= found.high
    mirrored = scores.mean_difference([-value for value in values])
    assert mirrored.p_regression == pytest.approx(1 - found.p_regression, abs=1e-9)


@given(st.lists(st.sampled_from([-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]), min_size=1, max_size=9))
def test_the_exact_tests_are_every_sign_pattern(values):
    sizes = [abs(value) for value in values if value]
    if not sizes:
        assert scores.wilcoxon_p(values) == scores.sign_flip_p(values) == 1
        return
    ranks = stats.rankdata(np.round(sizes, 9))
    patterns = list(product((0, 1), repeat=len(sizes)))
    gained = [sum(w for w, value in zip(ranks, (v for v in values if v), strict=True) if value > 0)]
    signed = sum(value > 0 for value in values) and gained[0]
    share = sum(np.dot(pattern, ranks) <= signed + 1e-9 for pattern in patterns) / len(patterns)
    assert scores.wilcoxon_p(values) == pytest.approx(share)
    total = sum(value for value in values if value > 0)
    share = sum(np.dot(pattern, sizes) <= total + 1e-9 for pattern in patterns) / len(patterns)
    assert scores.sign_flip_p(values) == pytest.approx(share)


@given(differences)
def test_the_exact_tests_are_symmetric(values):
    mirrored = [-value for value in values]
    both = scores.wilcoxon_p(values, two_sided=True)
    assert both == pytest.approx(scores.wilcoxon_p(mirrored, two_sided=True))
    assert scores.wilcoxon_p(values) <= both + 1e-12 or scores.wilcoxon_p(mirrored) <= both + 1e-12
    assert 0 < both <= 1


def test_many_ranks_go_the_normal_way_of_scipy():
    draw = Random(2)
    values = [round(draw.gauss(-0.05, 0.3), 2) for _ in range(300)]
    theirs = stats.wilcoxon(values, zero_method="wilcox", correction=False, method="approx")
    assert scores.wilcoxon_p(values, two_sided=True) == pytest.approx(theirs.pvalue, rel=1e-6)


def test_too_many_signs_are_refused():
    with pytest.raises(ValueError, match="21 differences are too many"):
        scores.sign_flip_p([0.1] * 21)
    assert scores.sign_flip_p([-0.1] * 20 + [0.0] * 500) == 2**-20


def test_nothing_and_one_case_are_not_zero():
    assert scores.mean_difference([]) is None
    assert scores.wilcoxon_p([]) is None
    assert scores.sign_flip_p([]) is None
    assert scores.pairing([1.0], [0.0]) is None
    assert bootstrap_mean([], seed=1) is None
    assert clusters.clustered_error([], []) is None
    assert clusters.clustered_error([1.0, 2.0], ["a", "a"]) is None
    assert clusters.components([]) is None
    assert clusters.components([[1.0], [0.0]]) is None
    assert clusters.design_effect(0.1, []) is None
    assert clusters.components([[1.0, 1.0], [1.0, 1.0]]).icc is None
    one = scores.mean_difference([0.5])
    assert (one.mean, one.units, one.error, one.low, one.p_regression) == (0.5, 1, None, None, None)
    assert scores.pairing([1.0, 1.0], [1.0, 1.0]).correlation is None
    with pytest.raises(ValueError):
        scores.pairing([1.0], [1.0, 2.0])
    with pytest.raises(ValueError):
        clusters.clustered_error([1.0], [])


@given(differences, st.integers(2, 5))
def test_copies_of_a_case_add_nothing_when_clustered(values, copies):
    plain = scores.mean_difference(values)
    repeated = [value for value in values for _ in range(copies)]
    owners = [index for index in range(len(values)) for _ in range(copies)]
    robust = scores.mean_difference(repeated, clusters=owners)
    assert robust.error == pytest.approx(plain.error, abs=1e-12)
    assert robust.units == len(values)
    if plain.error > 1e-9:
        assert robust.p_regression == pytest.approx(plain.p_regression, abs=1e-6)


def test_ignoring_clusters_is_overconfident_and_counting_them_is_not():
    draw, naive, robust, runs = Random(4), 0, 0, 600
    for _ in range(runs):
        centres = [draw.gauss(0, 1) for _ in range(40)]
        values = [centre + draw.gauss(0, 0.5) for centre in centres for _ in range(5)]
        owners = [index for index in range(40) for _ in range(5)]
        naive += scores.mean_difference(values).p_two_sided < 0.05
        robust += scores.mean_difference(values, clusters=owners).p_two_sided < 0.05
    assert naive / runs > 0.25
    assert robust / runs < 0.08


def test_components_recover_the_variances_and_say_when_samples_pay():
    draw = Random(6)
    centres = [draw.gauss(0, 2) for _ in range(2000)]
    parts = clusters.components([[centre + draw.gauss(0, 1) for _ in range(3)] for centre in centres])
    assert parts.between == pytest.approx(4, rel=0.1)
    assert parts.within == pytest.approx(1, rel=0.1)
    assert parts.icc == pytest.approx(0.8, abs=0.03)
    assert parts.error(1) > parts.error(4) > parts.error_of_these_cases(4)
    assert parts.best_samples(case_cost=16, sample_cost=1) == pytest.approx(2, rel=0.1)
    noise = clusters.components([[0.0, 1.0], [1.0, 0.0]])
    assert noise.best_samples(case_cost=1, sample_cost=1) is None
    for call in (parts.error, parts.error_of_these_cases):
        with pytest.raises(ValueError):
            call(0)


def test_the_bootstrap_is_seeded_holds_the_mean_and_is_near_scipys():
    draw = Random(8)
    values = [draw.expovariate(1) for _ in range(80)]
    found = bootstrap_mean(values, seed=3)
    assert found == bootstrap_mean(values, seed=3)
    assert found != bootstrap_mean(values, seed=4)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=4000).confidence_interval
    assert found.bca == pytest.approx((theirs.low, theirs.high), abs=0.05)
    assert found.percentile[0] < found.mean < found.percentile[1]
    assert found.bca[0] > found.percentile[0]  # skewed to the right: both ends move up
    constant = bootstrap_mean([0.5] * 10, seed=1)
    assert constant.bca is None
    assert constant.percentile == pytest.approx((0.5, 0.5))
    with pytest.raises(ValueError):
        bootstrap_mean(values, seed=1, resamples=10)


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n), st.integers(1, 12))))
def test_passes_of_k_are_ordered_and_mirror(triple):
    passed, samples, k = triple
    once, always = repeats.pass_at_k(passed, samples, k), repeats.pass_hat_k(passed, samples, k)
    if k > samples:
        assert once is None
        assert always is None
        return
    assert 0 <= always <= passed / samples + 1e-12 <= once + 2e-12 <= 1 + 2e-12
    assert repeats.pass_hat_k(samples - passed, samples, k) == pytest.approx(1 - once)


def test_repeats_of_nothing_are_none():
    assert repeats.flakiness(0, 0) is None
    assert repeats.mean_pass_at_k([], 1) is None
    assert repeats.mean_pass_at_k([(1, 2), (1, 1)], 2) is None
    assert repeats.mean_pass_hat_k([(1, 2), (1, 1)], 2) is None
    assert repeats.flakiness(1, 2) > repeats.flakiness(2, 2) > repeats.flakiness(40, 40)
    for call in (lambda: repeats.pass_at_k(3, 2, 1), lambda: repeats.pass_hat_k(1, 2, 0)):
        with pytest.raises(ValueError):
            call()
    with pytest.raises(ValueError):
        repeats.flakiness(1, 2, near=0.5)


p_values = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(p_values)
def test_adjusted_values_only_rise_and_keep_their_order(values):
    for method in (multiple.holm, multiple.benjamini_hochberg, multiple.benjamini_yekutieli):
        adjusted = method(values)
        assert all(before <= after + 1e-12 <= 1 + 1e-12 for before, after in zip(values, adjusted, strict=True))
        order = sorted(range(len(values)), key=lambda index: values[index])
        assert [adjusted[index] for index in order] == sorted(adjusted)
    assert multiple.benjamini_hochberg(values) == pytest.approx(tuple(stats.false_discovery_control(values)))


@given(p_values, st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter(values, draw):
    order = list(range(len(values)))
    draw.shuffle(order)
    shuffled = multiple.holm([values[index] for index in order])
    plain = multiple.holm(values)
    assert shuffled == pytest.approx(tuple(plain[index] for index in order))


def test_multiplicity_of_nothing_and_nonsense():
    assert multiple.holm([]) == ()
    assert multiple.benjamini_hochberg([]) == ()
    assert multiple.e_bh([]) == frozenset()
    assert multiple.e_bh([1.0, 300.0], alpha=0.05) == {1}
    with pytest.raises(ValueError):
        multiple.holm([1.5])
    with pytest.raises(ValueError):
        multiple.e_bh([1.0], alpha=1)


def test_pairing_counts_the_correlation():
    draw = Random(1)
    base = [draw.gauss(0, 1) for _ in range(400)]
    head = [value + draw.gauss(0, 0.3) for value in base]
    found = scores.pairing(base, head)
    assert found.correlation == pytest.approx(float(np.corrcoef(base, head)[0, 1]))
    assert found.efficiency == pytest.approx((found.unpaired_error / found.paired_error) ** 2)
    assert found.efficiency > 10
    assert found.paired_error == pytest.approx(float(np.std(np.subtract(head, base), ddof=1)) / sqrt(400))
