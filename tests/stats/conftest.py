"""Worked figures of the outside collections: compared one by one, and an exact account of those that are not ours.

A checker recomputes some or all of a case's expected figures. What no checker returns must match a pattern of
NOT_COVERED, which gives the reason, and every pattern must match something: neither list can drift.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from math import isclose

import pytest

MISSING = object()
SHARES = {
    "rates": [
        "prop_ci_*",
        "zero_failures",
        "n_for_zero_failures",
        "real_ifeval_cluster",
        "real_refchecker_*",
        "real_tau_variance",
        "real_tau_passk",
        "real_tau_betabinom",
        "flaky_classify",
        "retry_masks",
        "multiplicity_10",
        "e_bh",
        "fwer_uncorrected",
        "iut",
        "quantile_*",
        "real_prime_latency",
        "real_prime_gpt35_cost_latency_paired",
        "float_boundary",
    ],
    "pairs": [
        "mcnemar_[0-9]*",
        "mcnemar_floor",
        "paired_diff_ci_*",
        "ni_[0-9]*",
        "real_prime_gpt4",
        "real_prime_gpt35",
        "real_leetcode_*",
        "real_sensitive_*",
        "real_happy_*",
        "real_bfcl_[!f]*",
        "real_alpaca_*",
        "real_tau_AA",
        "paired_scores_bootstrap",
        "paired_efficiency",
        "bayes_paired",
        "real_bfcl_fence_regression",
    ],
    "plans": [
        "ni_sample_size",
        "oc_*",
        "mcnemar_power_exact",
        "mcnemar_mde_normal",
        "mcnemar_sample_size",
        "miller_sample_size",
        "eprocess_discordant",
        "real_sequential_*",
        "normal_mixture_cs",
        "sprt_discordant",
        "group_sequential",
        "alpha_spending",
        "peeking_inflation",
        "pr_alpha_budget",
        "cumulative_erosion",
    ],
    "judges": [
        "agreement_*",
        "real_xstest_judge_*",
        "real_judge_*",
        "real_ppi_vs_rg",
        "rg_textbook",
        "judge_attenuation",
        "labels_needed",
        "real_position_bias_*",
        "real_faithbench_judges",
        "real_two_phase_labels",
        "psi",
        "psi_null_bias",
        "mmd",
        "real_length_drift",
        "coverage_*",
        "ladder",
        "winners_curse",
        "poststrat",
    ],
}


def close(computed, expected, tolerance, relative):
    """The collection's rule: absolute or relative whichever is wider, p-values below 0.001 relative, counts exact."""
    if expected is None or computed is None or isinstance(expected, (bool, str)):
        return computed == expected
    if isinstance(expected, int) and isinstance(computed, int) and tolerance < 1:
        return computed == expected
    if relative and 0 < abs(expected) < 1e-3 and tolerance < 1e-3:
        return isclose(computed, expected, rel_tol=1e-3, abs_tol=1e-300)
    return abs(computed - expected) <= tolerance * max(1.0, abs(expected)) * (1 + 1e-9)


def compare(path, expected, computed, tolerance, relative=True):
    """Yields (path, None) for what was not computed and (path, complaint or "") for what was."""
    if computed is MISSING:
        yield path, None
    elif isinstance(expected, dict):
        for key, value in expected.items():
            yield from compare(f"{path}/{key}", value, computed.get(key, MISSING), tolerance, relative)
    elif isinstance(expected, list):
        assert len(computed) == len(expected), path
        for index, (value, ours) in enumerate(zip(expected, computed, strict=True)):
            yield from compare(f"{path}[{index}]", value, ours, tolerance, relative)
    else:
        agrees = close(computed, expected, tolerance, relative)
        yield path, "" if agrees else f"{path}: expected {expected}, computed {computed}"


@pytest.fixture(scope="session")
def worked_cases(shared_data):
    return json.loads((shared_data / "stats_cases.json").read_text())["cases"]


@pytest.fixture(scope="session")
def comparison():
    return compare


@pytest.fixture(scope="session")
def shares():
    return SHARES


@pytest.fixture(scope="session")
def account(worked_cases, shared_data):
    """account(share, checkers, not_covered, slack) fails unless every figure of the share agrees or is excused."""

    def run(share, checkers, not_covered, slack=None):
        complaints, left_out, agreed = [], [], 0
        mine = [case for case in worked_cases if any(fnmatchcase(case["id"], p) for p in SHARES[share])]
        used = set()
        for case in mine:
            found = [pattern for pattern in checkers if fnmatchcase(case["id"], pattern)]
            assert len(found) < 2, f"{case['id']} has two checkers"
            used.update(found)
            computed = checkers[found[0]](case, shared_data) if found else MISSING
            own = (slack or {}).get(case["id"])
            tolerance = case["tol"] if own is None else own
            for path, complaint in compare(case["id"], case["expected"], computed, tolerance, own is None):
                agreed += complaint == ""
                if complaint is None:
                    left_out.append(path)
                elif complaint:
                    complaints.append(complaint)
        assert not complaints, "\n".join(complaints)
        excused = {pattern for pattern in not_covered if any(fnmatchcase(path, pattern) for path in left_out)}
        assert [p for p in left_out if not any(fnmatchcase(p, pattern) for pattern in not_covered)] == []
        assert set(not_covered) - excused == set(), "a reason that excuses nothing"
        assert set(checkers) - used == set(), "a checker without a case"
        wholly = sum("/" not in path for path in left_out)
        print(f"{share}: {len(mine) - wholly} of {len(mine)} cases, {agreed} figures agree, {len(left_out)} left out")
        return agreed

    return run
