"""Rates and floors: bounds hold the estimate, cover as promised, and nothing measured is None."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.stats import binomial, exact, margin, proportions, quantiles

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_every_bound_holds_the_rate_and_exact_is_wider_where_it_must_be(pair):
    passed, total = pair
    rate = passed / total
    for low, high in (proportions.wilson(passed, total), exact.clopper_pearson(passed, total)):
        assert 0 <= low <= rate <= high <= 1
    assert exact.lower_bound(passed, total) <= rate <= exact.upper_bound(passed, total)
    assert exact.lower_bound(passed, total) >= exact.clopper_pearson(passed, total)[0]


@given(counts)
def test_passes_and_failures_mirror_each_other(pair):
    passed, total = pair
    assert exact.lower_bound(passed, total) == pytest.approx(1 - exact.upper_bound(total - passed, total), abs=1e-12)
    low, high = proportions.wilson(passed, total)
    mirrored = proportions.wilson(total - passed, total)
    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]), abs=1e-12)


@given(counts, st.floats(0.5, 0.98))
def test_more_confidence_is_a_lower_lower_bound(pair, confidence):
    passed, total = pair
    assert exact.lower_bound(passed, total, confidence=confidence + 0.01) <= exact.lower_bound(
        passed, total, confidence=confidence
    )


def test_nothing_measured_is_none_and_nonsense_is_refused():
    assert proportions.wilson(0, 0) is None
    assert exact.clopper_pearson(0, 0) is None
    assert exact.lower_bound(0, 0) is None
    assert exact.upper_bound(0, 0) is None
    assert proportions.zero_failure_bound(0) is None
    for function in (proportions.wilson, exact.clopper_pearson, exact.lower_bound, exact.upper_bound):
        with pytest.raises(ValueError, match="between 0 and 3"):
            function(4, 3)
    for rate in (0, 1, -0.1):
        with pytest.raises(ValueError):
            proportions.trials_for_zero_failures(rate)
    with pytest.raises(ValueError):
        proportions.zero_failure_bound(-1)


@given(st.integers(1, 5000))
def test_the_zero_failure_bound_is_the_exact_bound_and_its_inverse(trials):
    bound = proportions.zero_failure_bound(trials)
    assert bound == pytest.approx(exact.upper_bound(0, trials), rel=1e-9)
    if trials > 1:
        assert proportions.trials_for_zero_failures(bound * 1.000001) <= trials
        assert proportions.trials_for_zero_failures(bound * 0.999) >= trials


@pytest.mark.parametrize(("total", "rate"), [(50, 0.9), (120, 0.02), (20, 0.5)])
def test_exact_bounds_cover_at_least_as_promised(total, rate):
    covered = sum(
        binomial.pmf(passed, total, rate) for passed in range(total + 1) if exact.lower_bound(passed, total) <= rate
    )
    assert covered >= 0.95
    wilson = sum(
        binomial.pmf(passed, total, rate)
        for passed in range(total + 1)
        if proportions.wilson(passed, total)[0] <= rate <= proportions.wilson(passed, total)[1]
    )
    assert 0.91 < wilson < 0.99


@given(st.integers(1, 300), st.floats(0.001, 0.999))
def test_binomial_probabilities_add_to_one(trials, chance):
    assert sum(binomial.pmf(k, trials, chance) for k in range(trials + 1)) == pytest.approx(1, abs=1e-9)
    assert binomial.between(0, trials, trials, chance) == pytest.approx(1, abs=1e-9)


def test_certain_chances_are_certain():
    assert [binomial.pmf(k, 3, 0) for k in range(4)] == [1, 0, 0, 0]
    assert [binomial.pmf(k, 3, 1) for k in range(4)] == [0, 0, 0, 1]
    assert binomial.pmf(4, 3, 0.5) == 0


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))))
def test_the_drop_is_judged_on_counts(triple):
    base, head, cases = triple
    allowed = margin.within_drop(base, head, cases, 0.02)
    assert allowed == (Fraction(head, cases) >= Fraction(base, cases) - Fraction(1, 50))
    assert allowed == (50 * (head - base) >= -cases)
    assert margin.reaches(head, cases, 0.95) == (20 * head >= 19 * cases)


def test_the_famous_boundary_is_on_the_right_side():
    assert not 0.12 >= 0.14 - 0.02
    assert margin.within_drop(7, 6, 50, 0.02)
    assert margin.within_drop(14, 12, 100, 0.02)
    assert not margin.within_drop(14, 11, 100, 0.02)
    assert margin.allowed_losses(50, 0.02) == 1
    assert margin.allowed_losses(100, 0.29) == 29  # the double nearest to 0.29 is below it
    assert margin.reaches(9, 10, 0.9)  # and the one nearest to 0.9 above
    assert margin.within_drop(0, 0, 0, 0.02) is None
    assert margin.reaches(0, 0, 0.5) is None
    with pytest.raises(ValueError):
        margin.within_drop(3, 1, 2, 0.02)
    with pytest.raises(ValueError):
        margin.reaches(3, 2, 0.5)
    with pytest.raises(ValueError):
        margin.allowed_losses(-1, 0.02)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=200), st.floats(0.05, 0.99))
def test_quantile_bounds_hold_the_quantile_and_refuse_the_rest(values, share):
    found = quantiles.quantile_bounds(values, share)
    ordered = sorted(values)
    assert found.calls == len(values)
    assert found.lower is None or found.lower <= ordered[min(len(values) - 1, int(share * len(values)))]
    assert found.upper is None or found.upper >= found.value or len(set(values)) < len(values)
    if len(values) < quantiles.calls_for_bound(share):
        assert found.upper is None
    assert quantiles.exceeds(found, max(values)) is not True
    assert quantiles.exceeds(found, -1) is not False


def test_a_p95_of_too_few_calls_has_no_upper_bound():
    slow = quantiles.quantile_bounds([float(value) for value in range(58)], 0.95)
    assert (slow.upper, quantiles.exceeds(slow, 1000.0)) == (None, None)
    enough = quantiles.quantile_bounds([float(value) for value in range(59)], 0.95)
    assert (enough.upper, quantiles.exceeds(enough, 58.0)) == (58.0, False)
    assert quantiles.exceeds(enough, 10.0) is True
    assert quantiles.quantile_bounds([], 0.95) is None
    with pytest.raises(ValueError):
        quantiles.calls_for_bound(1.0)


def test_quantile_bounds_cover_as_promised():
    draw, missed, runs = Random(11), 0, 2000
    for _ in range(runs):
        found = quantiles.quantile_bounds([draw.expovariate(1.0) for _ in range(80)], 0.95)
        missed += found.upper < 2.995732  # the true 95 % quantile, ln 20
    assert missed / runs < 0.05 + 0.015


def test_bounds_of_events_join_at_none_and_know_nothing_of_nothing():
    assert proportions.bounds_of_events(0, 0) == (0.0, 1.0)
    assert proportions.bounds_of_events(0, 299)[1] == pytest.approx(0.00997, abs=1e-5)
    low, high = proportions.bounds_of_events(1, 20)  # Clopper and Pearson, one-sided at 95 %
    assert (low, high) == (pytest.approx(0.002561, abs=1e-6), pytest.approx(0.216106, abs=1e-6))
    assert proportions.bounds_of_events(20, 20)[1] == 1.0
