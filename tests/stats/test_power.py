"""Plans and operating characteristics: against brute force, against simulation, and against each other."""

from __future__ import annotations

from itertools import pairwise
from math import comb
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.stats import characteristics, paired, power


def enumerate_rule(cases, discordance, difference, margin):
    """Every table of (regressions, improvements) with its trinomial probability, decided one by one."""
    worse, better = (discordance - difference) / 2, (discordance + difference) / 2
    found = {"passes": 0.0, "tolerated": 0.0, "fails": 0.0, "inconclusive": 0.0}
    for b in range(cases + 1):
        for c in range(cases - b + 1):
            weight = comb(cases, b) * comb(cases - b, c)
            chance = weight * worse**b * better**c * (1 - discordance) ** (cases - b - c)
            shown = paired.regression_p(b, c) < 0.05
            safe = paired.noninferiority_p(b, c, cases, margin=margin) < 0.05
            key = "tolerated" if shown and safe else "fails" if shown else "passes" if safe else "inconclusive"
            found[key] += chance
    return found


@pytest.mark.parametrize(
    ("cases", "discordance", "difference", "margin"),
    [(40, 0.1, 0.0, 0.1), (60, 0.25, -0.1, 0.2), (30, 0.5, 0.2, 0.05), (60, 0.1, -0.1, 0.3)],
)
def test_the_enumeration_is_the_rule_applied_to_every_table(cases, discordance, difference, margin):
    found = characteristics.evidence_rule(cases, discordance=discordance, difference=difference, margin=margin)
    for name, expected in enumerate_rule(cases, discordance, difference, margin).items():
        assert getattr(found, name) == pytest.approx(expected, abs=1e-9), name


@given(st.integers(1, 400), st.floats(0.01, 0.6), st.floats(-1, 1), st.floats(0.01, 0.2))
def test_the_outcomes_add_to_one(cases, discordance, tilt, margin):
    found = characteristics.evidence_rule(cases, discordance=discordance, difference=tilt * discordance, margin=margin)
    assert found.passes + found.tolerated + found.fails + found.inconclusive == pytest.approx(1, abs=1e-9)
    assert min(found.passes, found.tolerated, found.fails, found.inconclusive) >= 0


@pytest.mark.parametrize("cases", [50, 200, 1000])
@pytest.mark.parametrize("discordance", [0.05, 0.1, 0.3])
def test_an_unchanged_prompt_is_blocked_at_most_one_time_in_twenty(cases, discordance):
    found = characteristics.evidence_rule(cases, discordance=discordance, difference=0, margin=0.02)
    assert found.fails + found.tolerated <= 0.0505


@settings(max_examples=30)
@given(st.integers(20, 300), st.floats(0.05, 0.5))
def test_power_grows_with_the_drop_and_identical_prompts_never_fail(cases, discordance):
    drops = [discordance * share for share in (0, 0.25, 0.5, 0.75, 1)]
    found = [characteristics.regression_power(cases, discordance=discordance, drop=drop) for drop in drops]
    assert all(before <= after + 1e-9 for before, after in pairwise(found))
    assert characteristics.regression_power(cases, discordance=0, drop=0) == 0
    assert characteristics.threshold_rule_blocks(cases, discordance=0, difference=0, max_drop=0.02) == 0


def test_the_gate_matches_simulation():
    draw, runs, fails, passes = Random(12), 2000, 0, 0
    for _ in range(runs):
        shares = [draw.random() for _ in range(200)]
        b, c = sum(share < 0.05 for share in shares), sum(0.05 <= share < 0.1 for share in shares)
        failed = paired.regression_p(b, c) < 0.05
        fails += failed
        passes += not failed and paired.noninferiority_p(b, c, 200, margin=0.05) < 0.05
    found = characteristics.evidence_rule(200, discordance=0.1, difference=0, margin=0.05)
    assert found.fails + found.tolerated == pytest.approx(fails / runs, abs=0.015)
    assert found.passes == pytest.approx(passes / runs, abs=0.03)


@given(st.floats(0.02, 0.6), st.floats(0.1, 1.0))
def test_the_sample_size_and_the_detectable_drop_are_inverse(discordance, share):
    drop = discordance * share
    cases = power.superiority_cases(drop, discordance)
    found = power.detectable_drop(cases, discordance)
    assert found is None or found <= drop + 1e-9
    if cases > 1:
        smaller = power.detectable_drop(cases - 1, discordance)
        assert smaller is None or smaller >= drop - 1e-9


@pytest.mark.parametrize(("drop", "discordance"), [(0.05, 0.1), (0.05, 0.2), (0.1, 0.3)])
def test_the_planned_cases_have_about_the_planned_power(drop, discordance):
    cases = power.superiority_cases(drop, discordance)
    assert characteristics.regression_power(cases, discordance=discordance, drop=drop) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(("margin", "discordance"), [(0.05, 0.1), (0.02, 0.05), (0.1, 0.2)])
def test_the_planned_cases_show_non_inferiority_as_often_as_planned(margin, discordance):
    cases = power.noninferiority_cases(margin, discordance)
    found = characteristics.evidence_rule(cases, discordance=discordance, difference=0, margin=margin)
    assert found.passes + found.tolerated == pytest.approx(0.8, abs=0.06)


def test_what_settles_an_inconclusive_comparison():
    small = power.cases_to_settle(2, 2, 50, margin=0.02)
    assert (small.verdict, small.cases) == ("pass", power.noninferiority_cases(0.02, 0.08))
    worse = power.cases_to_settle(6, 1, 50, margin=0.02)
    assert (worse.verdict, worse.cases) == ("fail", power.superiority_cases(0.1, 0.14))
    identical = power.cases_to_settle(0, 0, 50, margin=0.02)
    assert identical.verdict == "pass"
    assert paired.difference_lower(0, 0, identical.cases) > -0.02 >= paired.difference_lower(0, 0, identical.cases - 1)
    assert power.cases_to_settle(0, 0, 0, margin=0.02) is None
    with pytest.raises(ValueError):
        power.cases_to_settle(1, 0, 5, margin=0)
    with pytest.raises(ValueError):
        power.cases_to_settle(4, 4, 5, margin=0.1)


@given(st.integers(0, 40), st.integers(0, 40), st.integers(80, 400), st.floats(0.01, 0.2))
def test_there_is_always_a_way_out(b, c, cases, margin):
    found = power.cases_to_settle(b, c, cases, margin=margin)
    assert found.cases >= 1
    assert found.verdict in ("pass", "fail")


def test_more_samples_help_until_the_cases_themselves_dominate():
    plan = {"between": 1 / 9, "within_base": 1 / 6, "within_head": 1 / 6}
    needed = [power.score_cases(0.03, **plan, samples=samples) for samples in (1, 2, 10, 1000)]
    assert needed == sorted(needed, reverse=True)
    assert needed[-1] >= power.score_cases(0.03, between=1 / 9)
    drop = power.detectable_score_drop(needed[0], **plan)
    assert drop == pytest.approx(0.03, rel=1e-3)
    assert power.detectable_score_drop(0, between=1.0) is None


def test_impossible_plans_are_refused():
    for call in (
        lambda: power.superiority_cases(0.2, 0.1),
        lambda: power.superiority_cases(0, 0.1),
        lambda: power.noninferiority_cases(0.02, 0.1, difference=-0.02),
        lambda: power.noninferiority_cases(0.02, 0.1, difference=0.2),
        lambda: power.detectable_drop(-1, 0.1),
        lambda: power.score_cases(0, between=1),
        lambda: power.score_cases(0.1, between=-1),
        lambda: power.score_cases(0.1, between=1, samples=0),
        lambda: characteristics.evidence_rule(10, discordance=0.1, difference=0.2, margin=0.05),
        lambda: characteristics.regression_power(10, discordance=0.1, drop=0.2),
    ):
        with pytest.raises(ValueError):
            call()


def test_no_cases_are_none():
    assert power.detectable_drop(0, 0.1) is None
    assert power.detectable_drop(100, 0) is None
    assert characteristics.evidence_rule(0, discordance=0.1, difference=0, margin=0.05) is None
    assert characteristics.threshold_rule_blocks(0, discordance=0.1, difference=0, max_drop=0.02) is None
