"""Every worked statistic of the outside collection, and an exact account of the figures that are not ours.

A checker recomputes some or all of a case's expected figures. What no checker returns must match a pattern in
NOT_COVERED with its reason, and every pattern must match something: neither list can drift.
"""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import combinations
from math import isclose

import pytest

from promptctl.stats import (
    agreement,
    characteristics,
    clusters,
    correction,
    exact,
    margin,
    multiple,
    paired,
    power,
    proportions,
    quantiles,
    repeats,
    scores,
    sequential,
    two_phase,
)
from promptctl.stats.bootstrap import bootstrap_mean

NO_DATA = "the outputs behind it are not in the data sets"
NOT_OFFERED = "another method is used for this purpose"
DRIFT = "drift and coverage of traffic are not measured"
ARITHMETIC = "an illustration in the text, one line of arithmetic that no feature uses"
ONE_SIDED_LOOKS = "group-sequential designs fix the number of looks; the e-process does not need one"
REUSE = "the reuse of golden sets is not metered"
NOT_COVERED = {
    "prop_ci_*/jeffreys": NOT_OFFERED,
    "prop_ci_*/agresti_coull": NOT_OFFERED,
    "*/asymptotic": NOT_OFFERED,
    "*/asymptotic_cc": NOT_OFFERED,
    "paired_diff_ci_*/newcombe10_95": NOT_OFFERED,
    "paired_diff_ci_*/wald95": NOT_OFFERED,
    "paired_diff_ci_*/agresti_min95": NOT_OFFERED,
    "real_refchecker_*": NO_DATA,
    "real_tau_betabinom": "flakiness is a posterior of each case; no model over cases is fitted",
    "retry_masks": ARITHMETIC,
    "sprt_discordant": "the e-process needs no point alternative",
    "real_sequential_stops/*/stopped_at": NO_DATA,
    "real_sequential_stops/*/n": NO_DATA,
    "real_sequential_shuffled": NO_DATA + "; test_sequential.py reruns it on the counts",
    "group_sequential": ONE_SIDED_LOOKS,
    "alpha_spending": ONE_SIDED_LOOKS,
    "peeking_inflation": ONE_SIDED_LOOKS,
    "multiplicity_10/bonferroni": NOT_OFFERED,
    "multiplicity_10/hommel": NOT_OFFERED,
    "fwer_uncorrected": ARITHMETIC,
    "iut": ARITHMETIC,
    "real_prime_latency": NO_DATA,
    "real_prime_gpt35_cost_latency_paired": NO_DATA,
    "agreement_*/pabak": NOT_OFFERED,
    "agreement_*/mcc": NOT_OFFERED,
    "real_xstest_judge_*/human_human": NO_DATA,
    "real_ppi_vs_rg/truth_*": NO_DATA,
    "real_position_bias_*/first_position_rate": NO_DATA,
    "real_position_bias_*/correct_both_orders": NO_DATA,
    "real_position_bias_*/acc_consistent_only": NO_DATA,
    "real_position_bias_*/prefers_longer_when_consistent": NO_DATA,
    "real_position_bias_*/human_prefers_longer": NO_DATA,
    "real_judge_prompt_AB": NO_DATA,
    "psi": DRIFT,
    "psi_null_bias": DRIFT,
    "mmd": DRIFT,
    "real_length_drift": DRIFT,
    "coverage_*": DRIFT,
    "bayes_paired": "decisions are not Bayesian",
    "cumulative_erosion": ARITHMETIC,
    "ladder": REUSE,
    "winners_curse": REUSE,
    "poststrat": "golden cases carry no traffic weights",
    "pr_alpha_budget": ARITHMETIC,
    "real_bfcl_fence_regression": NO_DATA,
    "real_two_phase_labels/*/true_diff_human": NO_DATA,
    "real_two_phase_labels/*/judge_diff": NO_DATA,
    "real_two_phase_labels/*/judge_discordant": NO_DATA,
    "real_two_phase_labels/*/true_discordant": NO_DATA,
}
BOOTSTRAP_STEP = 0.0051  # resampled means of tenths over 20 cases lie on a grid of 0.005


def options(key):
    return {name: float(value) for name, value in (part.split("=") for part in key.split(","))}


def each(expected, compute):
    return {key: compute(options(key)) for key in expected}


def proportion(case, _):
    x, n = case["inputs"]["x"], case["inputs"]["n"]
    return {
        "wilson": proportions.wilson(x, n),
        "clopper_pearson": exact.clopper_pearson(x, n),
        "cp_one_sided95_lower": exact.lower_bound(x, n),
        "cp_one_sided95_upper": exact.upper_bound(x, n),
    }


def mcnemar(b, c):
    return {
        "exact_two_sided": paired.change_p(b, c, midp=False),
        "midp_two_sided": paired.change_p(b, c),
        "exact_one_sided_regression": paired.regression_p(b, c, midp=False),
        "midp_one_sided_regression": paired.regression_p(b, c),
    }


def mcnemar_case(case, _):
    return mcnemar(case["inputs"]["b_base_pass_cand_fail"], case["inputs"]["c_base_fail_cand_pass"])


def mcnemar_floor(case, _):
    assert (paired.fewest_flips(midp=False), paired.fewest_flips()) == (5, 4)
    return {
        key: {
            "exact_one_sided": paired.regression_p(int(key.split("=")[1]), 0, midp=False),
            "midp_one_sided": paired.regression_p(int(key.split("=")[1]), 0),
            "exact_two_sided": paired.change_p(int(key.split("=")[1]), 0, midp=False),
        }
        for key in case["expected"]
    }


def paired_interval(case, _):
    b, c, n = (case["inputs"][key] for key in ("base_only", "cand_only", "n"))
    return {
        "diff": (c - b) / n,
        "tango95": paired.difference_interval(b, c, n),
        "tango90": paired.difference_interval(b, c, n, confidence=0.9),
    }


def noninferiority(case, _):
    b, c, n, m = (case["inputs"][key] for key in ("b", "c", "n", "margin"))
    lower = paired.difference_lower(b, c, n)
    regressed = paired.regression_p(b, c) < 0.05
    verdict = "FAIL (significant regression)" if regressed else "PASS (non-inferior)" if lower > -m else "INCONCLUSIVE"
    return {
        "z": paired.noninferiority_z(b, c, n, margin=m),
        "p_one_sided": paired.noninferiority_p(b, c, n, margin=m),
        "lower95_one_sided": lower,
        "verdict": verdict,
    }


def naive_rule(o):
    blocks = {"cases": int(o["n"]), "max_drop": 0.02}
    worse = characteristics.threshold_rule_blocks(**blocks, discordance=max(o["discordance"], 0.06), difference=-0.05)
    same = characteristics.threshold_rule_blocks(**blocks, discordance=o["discordance"], difference=0)
    return {"P(block | no change)": same, "P(merge | true -5pt)": 1 - worse}


def three_state(o):
    found = characteristics.evidence_rule(
        int(o["n"]), discordance=o["discordance"], difference=o["true_diff"], margin=o["margin"]
    )
    # the table was made with the order "FAIL first"; a loss inside the margin is told apart here
    return {"PASS": found.passes, "FAIL": found.fails + found.tolerated, "INCONCLUSIVE": found.inconclusive}


def exact_power(o):
    plan = {"discordance": o["discordance"], "drop": o["drop"]}
    return {
        "exact": characteristics.regression_power(int(o["n"]), **plan, midp=False),
        "midp": characteristics.regression_power(int(o["n"]), **plan),
    }


def detectable(case, _):
    return {
        size: {key: power.detectable_drop(int(options(size)["n"]), options(key)["discordance"]) for key in row}
        for size, row in case["expected"].items()
    }


def sample_size(o):
    return {
        "one_sided": power.superiority_cases(o["drop"], o["discordance"]),
        "two_sided": power.superiority_cases(o["drop"], o["discordance"], two_sided=True),
    }


def miller(case, _):
    noisy = {"between": 1 / 9, "within_base": 1 / 6, "within_head": 1 / 6, "two_sided": True}
    return {
        "omega2=1/9,sigma2=0,delta=.03": power.score_cases(0.03, between=1 / 9, two_sided=True),
        "omega2=1/9,s2A=s2B=1/6,K=1": power.score_cases(0.03, **noisy),
        "omega2=1/9,s2A=s2B=1/6,K=10": power.score_cases(0.03, **noisy, samples=10),
        "mde n=198,K=1": power.detectable_score_drop(198, **noisy),
    }


def sides(table):
    order = (("both_pass", 1, 1), ("base_only", 1, 0), ("cand_only", 0, 1), ("both_fail", 0, 0))
    rows = [(base, head) for key, base, head in order for _ in range(table[key])]
    return [base for base, _ in rows], [head for _, head in rows]


def real_pair(case, _):
    table = case["expected"]["table"]
    base, head = sides(table)
    b, c, n = table["base_only"], table["cand_only"], len(base)
    together = scores.pairing(base, head)
    return {
        "n": n,
        "base": sum(base) / n,
        "cand": sum(head) / n,
        "diff": scores.mean_difference([h - x for x, h in zip(base, head, strict=True)]).mean,
        "table": table,
        "discordance": (b + c) / n,
        "corr": together.correlation,
        "se_paired": together.paired_error,
        "se_unpaired": together.unpaired_error,
        "tango95": paired.difference_interval(b, c, n),
        **mcnemar(b, c),
    }


def wins(data):
    lines = (data / "alpacaeval_prompts" / "judgments.jsonl").read_text().splitlines()
    found = {}
    for row in map(json.loads, lines):
        found.setdefault(row["variant"], {})[row["idx"]] = row["win"]
    return {variant: [by_case[key] for key in sorted(by_case)] for variant, by_case in found.items()}


def alpaca(case, data):
    name = case["id"].rsplit("_", 1)[1]
    found = wins(data)
    base, head = found["default"], found[name]
    lines = (data / "alpacaeval_prompts" / "instructions.jsonl").read_text().splitlines()
    sources = [row["dataset"] for row in sorted(map(json.loads, lines), key=lambda row: row["idx"])]
    changes = [h - b for b, h in zip(base, head, strict=True)]
    mean = scores.mean_difference(changes)
    together = scores.pairing(base, head)
    return {
        "mean_default": sum(base) / len(base),
        f"mean_{name}": sum(head) / len(head),
        "diff": mean.mean,
        "se_paired": mean.error,
        "se_unpaired": together.unpaired_error,
        "corr": together.correlation,
        "t": mean.t,
        "p_two_sided": mean.p_two_sided,
        "wilcoxon_p": scores.wilcoxon_p(changes, two_sided=True),
        "boot_pct95_seed0": bootstrap_mean(changes, seed=0).percentile,
        "se_clustered_by_dataset_5clusters": clusters.clustered_error(changes, sources, corrected=False),
        "se_cluster_statsmodels": clusters.clustered_error(changes, sources, corrected=False),
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


def tau_same(case, data):
    trials = list(zip(*tau(data), strict=True))
    pairs, blocked, discordance, significant = {}, 0, [], 0
    for i, j in combinations(range(4), 2):
        b = sum(x > y for x, y in zip(trials[i], trials[j], strict=True))
        c = sum(x < y for x, y in zip(trials[i], trials[j], strict=True))
        first, second = int(sum(trials[i])), int(sum(trials[j]))
        forward, backward = (not margin.within_drop(*both, 50, 0.02) for both in ((first, second), (second, first)))
        blocked += forward + backward
        discordance.append((b + c) / 50)
        significant += paired.change_p(b, c) < 0.05
        pairs[f"{i}->{j}"] = {
            "base": first / 50,
            "cand": second / 50,
            "diff": (second - first) / 50,
            "b": b,
            "c": c,
            "midp_two": paired.change_p(b, c),
            "naive_gate_blocks_float": second / 50 < first / 50 - 0.02,
            "reverse_naive_gate_blocks_float": first / 50 < second / 50 - 0.02,
            "naive_gate_blocks_exact": forward,
            "reverse_naive_gate_blocks_exact": backward,
        }
    return {
        "pairs": pairs,
        "naive_2pt_gate_false_blocks_float": blocked,
        "naive_2pt_gate_false_blocks_exact_arithmetic": blocked,
        "ordered_pairs": 2 * len(pairs),
        "mean_discordance": sum(discordance) / len(discordance),
        "midp_significant_at_05": significant,
    }


def tau_passes(case, _):
    samples = case["inputs"]["K"]
    rows = [(int(passed), samples) for passed, times in case["inputs"]["hist"].items() for _ in range(times)]
    return {
        "pass^k": {key: repeats.mean_pass_hat_k(rows, int(key)) for key in case["expected"]["pass^k"]},
        "pass@k": {key: repeats.mean_pass_at_k(rows, int(key)) for key in case["expected"]["pass@k"]},
    }


def evidence(o):
    b, c = int(o["b"]), int(o["c"])
    return {
        "two_sided_uniform_mixture": float(sequential.change_evidence(b, c)),
        "one_sided_uniform_half_to_1": float(sequential.regression_evidence(b, c)),
    }


def real_stops(case, _):
    return {
        key: {"b": row["b"], "c": row["c"], "e": float(sequential.regression_evidence(row["b"], row["c"]))}
        for key, row in case["expected"].items()
    }


def mixture(case, _):
    deviation, rho2 = case["inputs"]["sigma"], case["inputs"]["rho2"]
    found = {}
    for key in case["expected"]:
        n = int(options(key)["n"])
        width = sequential.mean_sequence_halfwidth(n, deviation, rho2=rho2)
        fixed = 1.959963985 * deviation / n**0.5
        found[key] = {"cs": width, "fixed_n": fixed, "ratio": width / fixed}
    return found


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


def judge_table(both_pass, missed_passes, missed_fails, both_fail):
    found = agreement.reliability(agreement.Confusion(both_pass, missed_passes, missed_fails, both_fail))
    return {"po": found.agreement, "kappa": found.kappa, "ac1": found.ac1, "tpr": found.tpr, "tnr": found.tnr}


def agreement_case(case, _):
    cells = ("both_pass", "human_pass_judge_fail", "human_fail_judge_pass", "both_fail")
    return judge_table(*(case["inputs"][cell] for cell in cells))


def xstest(case, _):
    found = {}
    for judge in ("gpt4_judge", "strmatch"):
        cells = {key: case["expected"][judge][key] for key in ("tp", "fn", "fp", "tn")}
        figures = judge_table(*cells.values())
        apparent = (cells["tp"] + cells["fp"]) / 450
        found[judge] = {
            **cells,
            **{key: figures[key] for key in ("tpr", "tnr", "kappa", "ac1")},
            "youden": correction.youden(figures["tpr"], figures["tnr"]),
            "apparent_refusal_rate": apparent,
            "true_refusal_rate": (cells["tp"] + cells["fn"]) / 450,
            "rogan_gladen_insample": correction.rogan_gladen(apparent, figures["tpr"], figures["tnr"]),
        }
    return found


def transport(case, _):
    tpr, tnr = case["inputs"]["tpr"], case["inputs"]["tnr"]
    return {
        system: {
            "apparent": row["apparent"],
            "corrected_with_gpt4_calibration": correction.rogan_gladen(row["apparent"], tpr, tnr),
            "truth": row["truth"],
        }
        for system, row in case["expected"].items()
    }


def powered(case, _):
    # 113 labels: 67 refusals of which the judge sees 44, 46 others all seen; 142 of the other 337 judged refusals
    labels, labelled = agreement.Confusion(44, 23, 0, 46), [(1, 1)] * 44 + [(1, 0)] * 23 + [(0, 0)] * 46
    rest = [1] * 142 + [0] * 195
    plain = correction.prediction_powered(labelled, rest)
    tuned = correction.prediction_powered(labelled, rest, tuned=True)
    adjusted = correction.corrected_rate(142, 337, labels)
    corrected = correction.rogan_gladen(142 / 337, 44 / 67, 1.0)
    error = correction.rogan_gladen_error(142 / 337, 44 / 67, 1.0, judged=337, passes=67, fails=46)
    human = scores.mean_difference([human for human, _ in labelled])
    return {
        "naive_judge_all": (142 + 44) / 450,
        "human_only": human.mean,
        "human_only_wilson95": proportions.wilson(67, 113),
        "rogan_gladen": corrected,
        "rg_delta95": [corrected - 1.959964 * error, corrected + 1.959964 * error],
        "lang_reiczigel_center": adjusted.value,
        "lang_reiczigel95": [adjusted.low, adjusted.high],
        "ppi": plain.value,
        "ppi_ci95": [plain.low, plain.high],
        "ppi_numpy": plain.value,
        "ppi_numpy_ci95": [plain.low, plain.high],
        "ppi_pp": tuned.value,
        "ppi_pp_ci95": [tuned.low, tuned.high],
        "se_human_only": human.error,
        "se_ppi": plain.error,
    }


def textbook_correction(case, _):
    given = case["inputs"]
    rates = (given["apparent"], given["se"], given["sp"])
    counts = {"judged": given["n"], "passes": given["n_se"], "fails": given["n_sp"]}
    return {
        "corrected": correction.rogan_gladen(*rates),
        "se_delta": correction.rogan_gladen_error(*rates, **counts),
    }


def attenuation(o):
    j = correction.youden(o["se"], o["sp"])
    return {
        "J": j,
        "observed_when_true_minus5pt": -0.05 * j,
        "n_inflation": correction.case_inflation(o["se"], o["sp"]),
    }


def position(case, _):
    first, second, n = (case["expected"]["flip_to_first"], case["expected"]["flip_to_second"], case["inputs"]["n"])
    return {
        "consistency": 1 - (first + second) / n,
        "flip_to_first": first,
        "flip_to_second": second,
        "mcnemar_midp": paired.change_p(first, second),
    }


def score_bootstrap(case, _):
    changes = case["inputs"]["diffs"]
    mean = scores.mean_difference(changes)
    found = bootstrap_mean(changes, seed=case["inputs"]["seed"], resamples=case["inputs"]["n_resamples"])
    return {
        "mean": mean.mean,
        "se": mean.error,
        "t_p": mean.p_two_sided,
        "bca95": found.bca,
        "percentile95": found.percentile,
        "exact_sign_flip_p": scores.sign_flip_p(changes, two_sided=True),
    }


def bridge(case, _):
    found = {}
    for key, row in case["expected"].items():
        b, c = row["b"], row["c"]
        both = round(100 * row["asr_judge_llama3_70b"]) - b
        table = agreement.Confusion(both, b, c, 100 - both - b - c)
        found[key] = {
            "asr_judge_llama3_70b": table.passes / 100,
            "asr_judge_llama_guard1": (both + c) / 100,
            "b": b,
            "c": c,
            "kappa": agreement.cohen_kappa(table.counts),
            "midp_two_sided": paired.change_p(b, c),
        }
    return found


def faithbench(case, _):
    found = {}
    for key, row in case["expected"].items():
        good = row["n_consistent"]
        kept, caught = round(row["tpr"] * good), round(row["tnr"] * (750 - good))
        figures = judge_table(kept, good - kept, 750 - good - caught, caught)
        found[key] = {
            "n_consistent": good,
            "tpr": figures["tpr"],
            "tnr": figures["tnr"],
            "balanced_accuracy": (figures["tpr"] + figures["tnr"]) / 2,
            "kappa": figures["kappa"],
        }
    return found


def efficiency(case, data):
    found = wins(data)
    tables = {
        "leetcode gpt3.5 stripped": (21, 2, 3, 24),
        "prime gpt4 (negatively correlated!)": (364, 476, 147, 13),
        "bfcl relevance claude vs 4o": (191, 3, 11, 35),
    }
    names = ("both_pass", "base_only", "cand_only", "both_fail")
    ours = {key: scores.pairing(*sides(dict(zip(names, t, strict=True)))).efficiency for key, t in tables.items()}
    return {"alpaca default->concise": scores.pairing(found["default"], found["concise"]).efficiency, **ours}


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


def labelled_review(case, _):
    """The sample of 60 concordant cases is the one set of -1, 0 and 1 that gives the published estimate and error."""
    found = {}
    for key, row in case["expected"].items():
        flips, n = row["judge_discordant"], row["n"]
        rest = n - flips
        flipped = [row["discordant_only_relabel"] * n / flips] * flips
        total = round((row["two_phase_estimate"] - row["discordant_only_relabel"]) * n / rest * 60)
        samples = (
            [1] * up + [-1] * (up - total) + [0] * (60 - 2 * up + total)
            for up in range(max(0, total), (60 + total) // 2 + 1)
        )
        tried = [two_phase.two_phase(flipped, sample, rest) for sample in samples]
        best = min(tried, key=lambda result: abs(result.error - row["two_phase_se_design"]))
        found[key] = {
            "n": best.cases,
            "discordant_only_relabel": best.judged_only,
            "two_phase_estimate": best.value,
            "two_phase_se_design": best.error,
            "human_labels_used": best.labels,
        }
    return found


def table(compute):
    return lambda case, _: each(case["expected"], compute)


CHECKERS = {
    "prop_ci_*": proportion,
    "zero_failures": table(lambda o: proportions.zero_failure_bound(int(o["n"]))),
    "n_for_zero_failures": table(lambda o: proportions.trials_for_zero_failures(o["max_rate"])),
    "mcnemar_[0-9]*": mcnemar_case,
    "mcnemar_floor": mcnemar_floor,
    "paired_diff_ci_*": paired_interval,
    "ni_[0-9]*": noninferiority,
    "ni_sample_size": table(lambda o: power.noninferiority_cases(o["margin"], o["discordance"])),
    "oc_naive_point_gate": table(naive_rule),
    "oc_three_state_gate": table(three_state),
    "mcnemar_power_exact": table(exact_power),
    "mcnemar_mde_normal": detectable,
    "mcnemar_sample_size": table(sample_size),
    "miller_sample_size": miller,
    "real_prime_gpt4": real_pair,
    "real_prime_gpt35": real_pair,
    "real_leetcode_*": real_pair,
    "real_sensitive_*": real_pair,
    "real_happy_*": real_pair,
    "real_bfcl_[!f]*": real_pair,
    "real_alpaca_*": alpaca,
    "real_ifeval_cluster": ifeval,
    "real_tau_variance": tau_variance,
    "real_tau_AA": tau_same,
    "real_tau_passk": tau_passes,
    "flaky_classify": lambda case, _: {key: repeats.flakiness(*map(int, key.split("/"))) for key in case["expected"]},
    "eprocess_discordant": table(evidence),
    "real_sequential_stops": real_stops,
    "normal_mixture_cs": mixture,
    "multiplicity_10": multiplicity,
    "e_bh": e_values,
    "quantile_ci_index": table(quantile_ranks),
    "quantile_min_n": table(lambda o: quantiles.calls_for_bound(o["q"])),
    "agreement_*": agreement_case,
    "real_xstest_judge_*": xstest,
    "real_judge_transport": transport,
    "real_ppi_vs_rg": powered,
    "rg_textbook": textbook_correction,
    "judge_attenuation": table(attenuation),
    "labels_needed": table(lambda o: agreement.labels_needed(o["tpr"], o["halfwidth"])),
    "real_position_bias_*": position,
    "paired_scores_bootstrap": score_bootstrap,
    "real_judge_bridge_jbb": bridge,
    "real_faithbench_judges": faithbench,
    "paired_efficiency": efficiency,
    "float_boundary": boundary,
    "real_two_phase_labels": labelled_review,
}


def checker(name):
    found = [function for pattern, function in CHECKERS.items() if fnmatchcase(name, pattern)]
    assert len(found) < 2, f"{name} has two checkers"
    return found[0] if found else None


def close(computed, expected, tolerance):
    if expected is None or computed is None or isinstance(expected, (bool, str)):
        return computed == expected
    if isinstance(expected, int) and isinstance(computed, int) and tolerance < 1:
        return computed == expected
    if 0 < abs(expected) < 1e-3 and tolerance < 1e-3:
        return isclose(computed, expected, rel_tol=1e-3, abs_tol=1e-12)
    return abs(computed - expected) <= tolerance * max(1.0, abs(expected)) * (1 + 1e-9)


def walk(path, expected, computed, tolerance):
    """Yields (path, None) for what was not computed and (path, complaint or "") for what was."""
    if computed is MISSING:
        yield path, None
    elif isinstance(expected, dict):
        for key, value in expected.items():
            yield from walk(f"{path}/{key}", value, computed.get(key, MISSING), tolerance)
    elif isinstance(expected, list):
        assert len(computed) == len(expected), path
        for index, (value, ours) in enumerate(zip(expected, computed, strict=True)):
            yield from walk(f"{path}[{index}]", value, ours, tolerance)
    else:
        agrees = close(computed, expected, tolerance)
        yield path, "" if agrees else f"{path}: expected {expected}, computed {computed}"


MISSING = object()


@pytest.fixture(scope="module")
def cases(shared_data):
    return json.loads((shared_data / "stats_cases.json").read_text())["cases"]


def test_every_worked_case_agrees_or_is_accounted_for(cases, shared_data):
    complaints, left_out, figures = [], [], 0
    for case in cases:
        check = checker(case["id"])
        computed = check(case, shared_data) if check else MISSING
        tolerance = BOOTSTRAP_STEP if case["id"] == "paired_scores_bootstrap" else case["tol"]
        for path, complaint in walk(case["id"], case["expected"], computed, tolerance):
            figures += complaint is not None
            if complaint is None:
                left_out.append(path)
            elif complaint:
                complaints.append(complaint)
    assert not complaints, "\n".join(complaints)
    unexplained = [path for path in left_out if not any(fnmatchcase(path, pattern) for pattern in NOT_COVERED)]
    assert not unexplained
    idle = [pattern for pattern in NOT_COVERED if not any(fnmatchcase(path, pattern) for path in left_out)]
    assert not idle
    wholly = {path for path in left_out if "/" not in path}
    assert (len(cases), len(cases) - len(wholly)) == (127, 127 - len(wholly))
    assert figures > 1300
    print(f"{len(cases) - len(wholly)} of {len(cases)} cases, {figures} figures agree, {len(left_out)} left out")


def test_every_checker_is_used(cases):
    idle = [pattern for pattern in CHECKERS if not any(fnmatchcase(case["id"], pattern) for case in cases)]
    assert not idle


def test_a_wrong_figure_is_noticed():
    found = list(walk("x", {"a": 0.5, "b": [1, None]}, {"a": 0.5002, "b": [1, None]}, 1e-4))
    assert [bool(complaint) for _, complaint in found] == [True, False, False]
    assert not close(1.1e-12, 1.0e-12 * 1.2, 1e-4) or close(0.0, 0.0, 1e-4)
