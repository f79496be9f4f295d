"""Worked figures of rates, repeats, quantiles and multiplicity."""

from __future__ import annotations

import json
from fractions import Fraction
from math import isclose

from promptctl.stats import clusters, exact, margin, multiple, proportions, quantiles, repeats, scores

NO_DATA = "the outputs behind it are not in the data sets"
NOT_OFFERED = "another method is used for this purpose"
ARITHMETIC = "an illustration in the text, one line of arithmetic that no feature uses"

NOT_COVERED = {
    "prop_ci_*/jeffreys": NOT_OFFERED,
    "prop_ci_*/agresti_coull": NOT_OFFERED,
    "real_refchecker_*": NO_DATA,
    "real_tau_betabinom": "flakiness is a posterior of each case; no model over cases is fitted",
    "retry_masks": ARITHMETIC,
    "multiplicity_10/bonferroni": NOT_OFFERED,
    "multiplicity_10/hommel": NOT_OFFERED,
    "fwer_uncorrected": ARITHMETIC,
    "iut": ARITHMETIC,
    "real_prime_latency": NO_DATA,
    "real_prime_gpt35_cost_latency_paired": NO_DATA,
}


def options(key):
    return {name: float(value) for name, value in (part.split("=") for part in key.split(","))}


def each(expected, compute):
    return {key: compute(options(key)) for key in expected}


def table(compute):
    return lambda case, _: each(case["expected"], compute)


def proportion(case, _):
    x, n = case["inputs"]["x"], case["inputs"]["n"]
    return {
        "wilson": proportions.wilson(x, n),
        "clopper_pearson": exact.clopper_pearson(x, n),
        "cp_one_sided95_lower": exact.lower_bound(x, n),
        "cp_one_sided95_upper": exact.upper_bound(x, n),
    }


def ifeval(case, data):
    lines = (data / "ifeval" / "expected.reference_checker.jsonl").read_text().splitlines()
    groups = [[float(passed) for passed in json.loads(line)["strict"]] for line in lines]
    flat = [value for group in groups for value in group]
    owner = [index for index, group in enumerate(groups) for _ in group]
    parts = clusters.components(groups)
    sizes = [len(group) for group in groups]
    naive = scores.mean_difference(flat).error
    crude = clusters.clustered_error(flat, owner, corrected=False)
    rate = sum(flat) / len(flat)
    return {
        "mean": rate,
        "se_naive": (rate * (1 - rate) / len(flat)) ** 0.5 if isclose(naive, 0.01283, rel_tol=1e-3) else None,
        "se_cr0": crude,
        "se_cr1_statsmodels": clusters.clustered_error(flat, owner),
        "icc_anova": parts.icc,
        "avg_size_weighted": (clusters.design_effect(1.0, sizes)),
        "deff_kish": clusters.design_effect(parts.icc, sizes),
        "deff_observed": (crude**2) / (rate * (1 - rate) / len(flat)),
    }


def tau(data):
    found = {}
    for row in map(json.loads, (data / "taubench_airline" / "gpt-4o.trials.jsonl").read_text().splitlines()):
        found.setdefault(row["task_id"], {})[row["trial"]] = row["reward"]
    return [[found[task][trial] for trial in range(4)] for task in sorted(found)]


def tau_variance(case, data):
    groups = tau(data)
    parts = clusters.components(groups)
    flat = [value for group in groups for value in group]
    return {
        "mean": parts.mean,
        "ms_between": parts.ms_between,
        "ms_within": parts.ms_within,
        "var_between": parts.between,
        "var_within": parts.within,
        "icc": parts.icc,
        "se_cases_as_clusters": clusters.clustered_error(flat, [i for i, g in enumerate(groups) for _ in g]),
        "se_naive_200_iid": (parts.mean * (1 - parts.mean) / len(flat)) ** 0.5,
        "se_within_only_fixed_cases": parts.error_of_these_cases(4),
        "predicted_se": {key: parts.error(int(options(key)["K"])) for key in case["expected"]["predicted_se"]},
    }


def tau_passes(case, _):
    samples = case["inputs"]["K"]
    rows = [(int(passed), samples) for passed, times in case["inputs"]["hist"].items() for _ in range(times)]
    return {
        "pass^k": {key: repeats.mean_pass_hat_k(rows, int(key)) for key in case["expected"]["pass^k"]},
        "pass@k": {key: repeats.mean_pass_at_k(rows, int(key)) for key in case["expected"]["pass@k"]},
    }


def multiplicity(case, _):
    p, alpha = case["inputs"]["p"], case["inputs"]["alpha"]
    methods = {
        "holm": multiple.holm,
        "fdr_bh": multiple.benjamini_hochberg,
        "fdr_by": multiple.benjamini_yekutieli,
    }
    adjusted = {name: method(p) for name, method in methods.items()}
    return {
        name: {"adjusted": values, "n_reject": sum(value <= alpha + 1e-12 for value in values)}
        for name, values in adjusted.items()
    }


def e_values(case, _):
    e, alpha = case["inputs"]["e"], case["inputs"]["alpha"]
    return {
        "n_reject": len(multiple.e_bh(e, alpha=alpha)),
        "thresholds": [len(e) / (alpha * k) for k in range(1, len(e) + 1)],
    }


def quantile_ranks(o):
    n, q = int(o["n"]), o["q"]
    low, high = (rank(n, q, confidence=0.975) for rank in (quantiles.lower_rank, quantiles.upper_rank))
    covered = None if high is None else quantiles.coverage(n, q, low, high)
    return {
        "two_sided_ranks": [low, high],
        "coverage": covered,
        "one_sided_upper95_rank": quantiles.upper_rank(n, q),
    }


def boundary(case, _):
    found = {}
    for key in case["expected"]:
        n = int(options(key)["n"])
        drop = n // 50
        starts = list(range(drop, n + 1))
        # one fiftieth down is allowed in whole numbers, wherever one starts, and one case more is not
        assert all(margin.within_drop(x, x - drop, n, 0.02) for x in starts)
        assert not any(margin.within_drop(x, x - drop - 1, n, Fraction(1, 50)) for x in starts[1:])
        wrong = [x for x in starts if not (x - drop) / n >= x / n - 0.02]
        found[key] = {
            "boundary_pairs": len(starts),
            "wrongly_blocked_by_float": len(wrong),
            "base_counts_wrong": wrong[:6],
        }
    return found


CHECKERS = {
    "prop_ci_*": proportion,
    "zero_failures": table(lambda o: proportions.zero_failure_bound(int(o["n"]))),
    "n_for_zero_failures": table(lambda o: proportions.trials_for_zero_failures(o["max_rate"])),
    "real_ifeval_cluster": ifeval,
    "real_tau_variance": tau_variance,
    "real_tau_passk": tau_passes,
    "flaky_classify": lambda case, _: {key: repeats.flakiness(*map(int, key.split("/"))) for key in case["expected"]},
    "multiplicity_10": multiplicity,
    "e_bh": e_values,
    "quantile_ci_index": table(quantile_ranks),
    "quantile_min_n": table(lambda o: quantiles.calls_for_bound(o["q"])),
    "float_boundary": boundary,
}


def test_the_worked_figures_agree(account):
    account("rates", CHECKERS, NOT_COVERED)
