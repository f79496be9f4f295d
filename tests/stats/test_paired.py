"""The paired tests: exact arithmetic, symmetry, coverage, and the same answer as brute force."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import comb, inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.stats import paired

flips = st.tuples(st.integers(0, 60), st.integers(0, 60))
tables = st.integers(1, 300).flatmap(
    lambda n: st.tuples(st.integers(0, n), st.just(n)).flatmap(
        lambda p: st.tuples(st.just(p[0]), st.integers(0, p[1] - p[0]), st.just(p[1]))
    )
)


@given(flips)
def test_p_values_are_the_binomial_tails(pair):
    b, c = pair
    total = b + c
    tail = Fraction(sum(comb(total, k) for k in range(b, total + 1)), 2**total)
    point = Fraction(comb(total, b), 2**total)
    assert paired.regression_p(b, c, midp=False) == float(tail)
    assert paired.regression_p(b, c) == float(tail - point / 2)
    # one-sided mid-p values of the two directions are complements; both tests are symmetric where they should be
    assert paired.regression_p(b, c) + paired.regression_p(c, b) == pytest.approx(1, abs=1e-12)
    assert paired.change_p(b, c) == paired.change_p(c, b)
    assert 0 < paired.change_p(b, c) <= paired.change_p(b, c, midp=False) <= 1


@given(flips)
def test_one_more_regression_is_never_weaker_evidence(pair):
    b, c = pair
    now = paired.regression_p(b, c)
    # near 1 the difference is below a double's resolution
    assert paired.regression_p(b + 1, c) < now or now > 1 - 1e-9
    assert paired.regression_p(b, c + 1) > now or now > 1 - 1e-9


@given(st.integers(0, 120), st.sampled_from([0.05, 0.01]), st.booleans())
def test_the_fewest_regressions_are_just_enough(total, alpha, midp):
    found = paired.fewest_regressions(total, alpha=alpha, midp=midp)
    if found is None:
        assert paired.regression_p(total, 0, midp=midp) >= alpha
        return
    assert paired.regression_p(found, total - found, midp=midp) < alpha
    assert found == 0 or paired.regression_p(found - 1, total - found + 1, midp=midp) >= alpha


def test_thousands_of_flips_neither_overflow_nor_round_to_one():
    assert paired.regression_p(3000, 2000) < 1e-40
    assert paired.regression_p(2000, 3000) == pytest.approx(1)
    assert paired.change_p(2500, 2500) == pytest.approx(1, abs=0.01)


def test_nothing_flipped_is_no_evidence():
    assert paired.change_p(0, 0) == 1
    assert paired.regression_p(0, 0, midp=False) == 1
    assert paired.regression_p(0, 0) == 0.5


@given(tables)
def test_the_interval_holds_the_difference_and_mirrors(table):
    b, c, n = table
    low, high = paired.difference_interval(b, c, n)
    assert -1 <= low <= (c - b) / n + 1e-12
    assert (c - b) / n - 1e-12 <= high <= 1
    assert low < high
    mirrored = paired.difference_interval(c, b, n)
    assert (low, high) == pytest.approx((-mirrored[1], -mirrored[0]), abs=1e-9)
    narrower = paired.difference_interval(b, c, n, confidence=0.8)
    assert low <= narrower[0] <= narrower[1] <= high


@given(tables, st.floats(0.01, 0.3))
def test_the_bound_and_the_test_at_the_margin_agree(table, margin):
    b, c, n = table
    lower = paired.difference_lower(b, c, n)
    if abs(lower + margin) > 1e-9:
        assert (paired.noninferiority_p(b, c, n, margin=margin) < 0.05) == (lower > -margin)


@given(tables)
def test_the_score_falls_as_the_hypothesis_rises(table):
    b, c, n = table
    values = [paired.score_z(b, c, n, difference=step / 20) for step in range(-19, 20)]
    assert all(first >= second for first, second in pairwise(values))


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 100), st.floats(-0.9, 0.9))
def test_the_constrained_estimate_is_the_likeliest(b, c, rest, difference):
    """Tango's closed form against a search of the likelihood: the score uses the variance at the maximum."""
    n = b + c + rest
    if difference == 0:
        return
    from math import log, sqrt

    def likelihood(q):  # q: P(regression); P(improvement) is q + difference
        gain, same = q + difference, 1 - 2 * q - difference
        parts = ((b, q), (c, gain), (rest, same))
        return sum(count * log(share) for count, share in parts if count) if min(gain, same, q) > 0 else -inf

    low, high = max(0.0, -difference), (1 - difference) / 2
    for _ in range(200):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        if likelihood(left) < likelihood(right):
            low = left
        else:
            high = right
    q = (low + high) / 2
    variance = n * (2 * q + difference * (1 - difference))
    if variance > 1e-4:
        expected = (c - b - n * difference) / sqrt(variance)
        assert paired.score_z(b, c, n, difference=difference) == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_everything_lost_is_bounded():
    for cases in (1, 2, 5, 50, 5000):
        assert paired.difference_lower(cases, 0, cases) == -1
        assert paired.difference_upper(0, cases, cases) == 1
    assert paired.difference_upper(5, 0, 5) < 0


def test_no_cases_are_none_and_nonsense_is_refused():
    assert paired.difference_interval(0, 0, 0) is None
    assert paired.difference_lower(0, 0, 0) is None
    assert paired.difference_upper(0, 0, 0) is None
    assert paired.noninferiority_z(0, 0, 0, margin=0.02) is None
    assert paired.noninferiority_p(0, 0, 0, margin=0.02) is None
    for table in ((3, 3, 5), (-1, 0, 5), (0, -1, 5)):
        with pytest.raises(ValueError, match="do not fit"):
            paired.difference_interval(*table)
    with pytest.raises(ValueError):
        paired.noninferiority_p(0, 0, 5, margin=0)
    with pytest.raises(ValueError):
        paired.fewest_flips(alpha=0)


@pytest.mark.parametrize(("cases", "discordance", "difference"), [(50, 0.1, 0.0), (200, 0.2, -0.05), (30, 0.3, 0.1)])
def test_the_interval_covers_as_promised(cases, discordance, difference):
    draw, runs, covered = Random(5), 1500, 0
    worse = (discordance - difference) / 2
    known = {}
    for _ in range(runs):
        b = c = 0
        for _ in range(cases):
            share = draw.random()
            b += share < worse
            c += worse <= share < discordance
        if (b, c) not in known:
            low, high = paired.difference_interval(b, c, cases)
            known[b, c] = low <= difference <= high
        covered += known[b, c]
    assert 0.93 < covered / runs < 0.985
