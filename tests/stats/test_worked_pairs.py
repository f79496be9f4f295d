"""Worked figures of paired comparisons, invented and real."""

from __future__ import annotations

import json
from itertools import combinations

from promptctl.stats import clusters, margin, paired, scores
from promptctl.stats.bootstrap import bootstrap_mean

NO_DATA = "the outputs behind it are not in the data sets"
NOT_OFFERED = "another method is used for this purpose"

NOT_COVERED = {
    "*/asymptotic": NOT_OFFERED,
    "*/asymptotic_cc": NOT_OFFERED,
    "paired_diff_ci_*/newcombe10_95": NOT_OFFERED,
    "paired_diff_ci_*/wald95": NOT_OFFERED,
    "paired_diff_ci_*/agresti_min95": NOT_OFFERED,
    "bayes_paired": "decisions are not Bayesian",
    "real_bfcl_fence_regression": NO_DATA,
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


def tau(data):
    found = {}
    for row in map(json.loads, (data / "taubench_airline" / "gpt-4o.trials.jsonl").read_text().splitlines()):
        found.setdefault(row["task_id"], {})[row["trial"]] = row["reward"]
    return [[found[task][trial] for trial in range(4)] for task in sorted(found)]


def tau_same(case, data):
    trials = list(zip(*tau(data), strict=True))
    pairs, blocked, by_float, discordance, significant = {}, 0, 0, [], 0
    for i, j in combinations(range(4), 2):
        b = sum(x > y for x, y in zip(trials[i], trials[j], strict=True))
        c = sum(x < y for x, y in zip(trials[i], trials[j], strict=True))
        first, second = int(sum(trials[i])), int(sum(trials[j]))
        forward, backward = (not margin.within_drop(*both, 50, 0.02) for both in ((first, second), (second, first)))
        blocked += forward + backward
        by_float += (second / 50 < first / 50 - 0.02) + (first / 50 < second / 50 - 0.02)
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
        "naive_2pt_gate_false_blocks_float": by_float,
        "naive_2pt_gate_false_blocks_exact_arithmetic": blocked,
        "ordered_pairs": 2 * len(pairs),
        "mean_discordance": sum(discordance) / len(discordance),
        "midp_significant_at_05": significant,
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


CHECKERS = {
    "mcnemar_[0-9]*": mcnemar_case,
    "mcnemar_floor": mcnemar_floor,
    "paired_diff_ci_*": paired_interval,
    "ni_[0-9]*": noninferiority,
    "real_prime_gpt4": real_pair,
    "real_prime_gpt35": real_pair,
    "real_leetcode_*": real_pair,
    "real_sensitive_*": real_pair,
    "real_happy_*": real_pair,
    "real_bfcl_[!f]*": real_pair,
    "real_alpaca_*": alpaca,
    "real_tau_AA": tau_same,
    "paired_scores_bootstrap": score_bootstrap,
    "paired_efficiency": efficiency,
}

# resampled means of tenths over 20 cases lie on a grid of 0.005
SLACK = {"paired_scores_bootstrap": 0.0051}


def test_the_worked_figures_agree(account):
    account("pairs", CHECKERS, NOT_COVERED, SLACK)
