"""The statistical groups of the outside collection of other tools' figures, and why a few are answered differently."""

from __future__ import annotations

import json
from math import isclose, sqrt
from statistics import NormalDist, fmean

import pytest

from promptctl.stats import clusters, exact, multiple, paired, proportions, repeats, scores
from promptctl.stats.krippendorff import krippendorff_alpha

NOT_STATISTICS = {
    "inspect.value_to_float", "inspect.f1_exact", "autoevals.levenshtein", "autoevals.numeric_diff",
    "autoevals.list_contains", "autoevals.exact_match", "autoevals.json_diff", "autoevals.valid_json",
    "autoevals.json_diff_semantic", "ragas.context_precision_ap", "ragas.id_based_context", "ragas.non_llm_context",
    "ragas.context_recall", "ragas.fbeta", "ragas.noise_sensitivity", "ragas.string_similarity", "ragas.rouge",
    "sacrebleu.bleu_chrf", "ragas.quoted_spans", "deepeval.verdict_scores", "deepeval.g_eval_weighted_sum",
    "lm_eval.exact_match", "pydantic_evals.trajectory_match", "inspect.match_pattern_answer", "inspect.math",
    "openai_evals.fuzzy_match", "deepeval.polarity_flip",
}  # fmt: skip
NOT_OFFERED = {
    "lm_eval.unpaired_z": "an unpaired test of paired data; test_pairing_beats_the_unpaired_test shows what it costs",
    "lm_eval.pooled_stderr": "tasks of different kinds are not pooled into one figure",
    "lm_eval.aggregate_subtasks": "tasks of different kinds are not pooled into one figure",
}


@pytest.fixture(scope="module")
def groups(shared_data):
    found = json.loads((shared_data / "peer_metric_cases.json").read_text())["groups"]
    return {group["id"]: group["cases"] for group in found}


def test_every_group_is_checked_or_accounted_for(groups):
    assert set(groups) == set(CHECKS) | NOT_STATISTICS | set(NOT_OFFERED)
    assert not NOT_STATISTICS & set(CHECKS)


def same(computed, expected, tolerance=1e-9):
    assert computed is not None
    assert isclose(computed, expected, rel_tol=tolerance, abs_tol=tolerance), (computed, expected)


def reducers(cases):
    """pass_at and pass_k of the runs that were scored; too few of them is None here, NaN there."""
    for case in cases:
        if case["reducer"] not in ("pass_at", "pass_k"):
            continue  # mean, median, mode, max and at_least are no estimators
        labels = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
        values = [labels.get(value, value) for value in case["values"] if value != "NaN"]
        passed = sum(value >= case["threshold"] for value in values)
        estimate = {"pass_at": repeats.pass_at_k, "pass_k": repeats.pass_hat_k}[case["reducer"]]
        found = estimate(passed, len(values), case["k"])
        if case["expected"] == "NaN":
            assert found is None
        else:
            same(found, case["expected"], 1e-12)


def pass_grid(cases):
    for case in cases:
        arguments = (case["c"], case["n"], case["k"])
        same(repeats.pass_at_k(*arguments), case["pass_at_k"], 1e-12)
        same(repeats.pass_hat_k(*arguments), case["pass_hat_k"], 1e-12)


def standard_errors(cases):
    for case in cases:
        labels = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}
        values = [labels.get(value, value) for value in case["values"]]
        found = scores.mean_difference(values)
        if case["name"] == "empty":
            assert found is None  # there 0 with the interval 0 to 0
            continue
        same(found.mean, case["accuracy_or_mean"])
        if case["name"] == "one":
            assert (found.error, found.low, found.high) == (None, None, None)  # there 0 with a point for an interval
            continue
        same(found.error, case["stderr"])
        for level in ("80", "95", "99"):
            interval = scores.mean_difference(values, confidence=int(level) / 100)
            same(interval.low, case[f"ci{level}_t"]["lower"])
            same(interval.high, case[f"ci{level}_t"]["upper"])


def clustered_errors(cases):
    for case in cases:
        found = scores.mean_difference(case["values"], clusters=case["clusters"])
        if len(set(case["clusters"])) == 1:
            assert found.error is None  # there 0: a single cluster says nothing about the spread between clusters
            continue
        same(clusters.clustered_error(case["values"], case["clusters"]), case["clustered_stderr"])
        same(scores.mean_difference(case["values"]).error, case["naive_stderr"])
        same(found.low, case["ci95_t"]["lower"])
        same(found.high, case["ci95_t"]["upper"])


def t_quantiles(cases):
    """The half-width of a mean's interval is the quantile times the error: values whose error is 1 give it bare."""
    for case in cases:
        count = case["df"] + 1
        spread = sqrt(count * (count - 1) / 2)  # two values of +-spread and zeros else have the standard error 1
        values = [spread, -spread] + [0.0] * (count - 2)
        found = scores.mean_difference(values, confidence=abs(2 * case["p"] - 1))
        same(found.error, 1.0)
        same(found.high if case["p"] >= 0.5 else found.low, case["expected"], 1e-8)


def krippendorff(cases):
    for case in cases:
        found = krippendorff_alpha(case["units"], level=case["level"])
        if case["expected"] == "NaN":
            assert found is None
        else:
            same(found, case["expected"], 1e-12)


def mean_errors(cases):
    for case in cases:
        found = scores.mean_difference(case["values"])
        same(found.mean, case["mean"])
        same(found.error, case["mean_stderr"], 1e-12)


def mcnemar(cases):
    for case in cases:
        b, c, n = case["regressed"], case["improved"], case["n"]
        changes = [-1.0] * b + [1.0] * c + [0.0] * (n - b - c)
        found = scores.mean_difference(changes)
        same(found.mean, case["diff"], 1e-12)
        same(found.error, case["paired_se"], 1e-12)
        if case["method"] == "mcnemar_exact":
            same(paired.change_p(b, c, midp=False), case["p_value"], 1e-12)
        else:  # a chi-square with continuity correction from 25 flips on; ours stays exact and is close to it
            assert abs(paired.change_p(b, c, midp=False) - case["p_value"]) < 0.02


def signed_ranks(cases):
    for case in cases:
        found = scores.mean_difference(case["deltas"])
        same(found.mean, case["diff"], 1e-12)
        same(found.error, case["paired_se"], 1e-12)
        ours = scores.wilcoxon_p(case["deltas"], two_sided=True)
        if case["name"] == "ties in abs":
            # 0.25 comes from the table without ties; with equal sizes the exact test is the sign test
            assert (case["p_value"], ours) == (0.25, paired.change_p(2, 6, midp=False))
        else:
            same(ours, case["p_value"], 1e-9 if case["method"] == "wilcoxon_exact" else 1e-3)
        if case["paired_t_p"] == "NaN":
            assert found.p_two_sided is None
        else:
            same(found.p_two_sided, case["paired_t_p"])


def false_discovery(cases):
    for case in cases:
        for ours, theirs in zip(multiple.benjamini_hochberg(case["p"]), case["bh"], strict=True):
            same(ours, theirs, 1e-12)
        for ours, theirs in zip(multiple.benjamini_yekutieli(case["p"]), case["by"], strict=True):
            same(ours, theirs, 1e-12)


def binomial_intervals(cases):
    for case in cases:
        for ours, theirs in zip(proportions.wilson(case["k"], case["n"]), case["wilson95"], strict=True):
            same(ours, theirs)
        found = exact.clopper_pearson(case["k"], case["n"])
        for ours, theirs in zip(found, case["clopper_pearson95"], strict=True):
            same(ours, theirs)


def two_levels(cases):
    for case in cases:
        same(fmean(fmean(runs) for runs in case["runs"].values()), case["expected"])
        groups = clusters.components(list(case["runs"].values()))
        same(groups.mean, case["expected"])


CHECKS = {
    "inspect.reducers": reducers,
    "inspect.pass_at_k_grid": pass_grid,
    "inspect.stderr_ci": standard_errors,
    "inspect.clustered_stderr": clustered_errors,
    "inspect.t_quantiles": t_quantiles,
    "inspect.krippendorff_alpha": krippendorff,
    "lm_eval.stderr_bootstrap": mean_errors,
    "mlflow.mcnemar": mcnemar,
    "mlflow.wilcoxon_paired_t": signed_ranks,
    "scipy.fdr": false_discovery,
    "scipy.binomial_ci": binomial_intervals,
    "pydantic_evals.two_level_average": two_levels,
}


@pytest.mark.parametrize("name", CHECKS)
def test_the_group_agrees(groups, name):
    assert groups[name]
    CHECKS[name](groups[name])


def test_pairing_beats_the_unpaired_test(groups):
    """The unpaired z test of two pass rates on the same 500 cases misses what the paired test shows."""
    base, head = [1] * 420 + [0] * 80, [1] * 400 + [0] * 20 + [1] * 4 + [0] * 76
    together = scores.pairing(base, head)
    difference = fmean(head) - fmean(base)
    unpaired = 2 * NormalDist().cdf(-abs(difference) / together.unpaired_error)
    assert unpaired > 0.1
    assert paired.change_p(20, 4) < 0.001
    assert together.efficiency > 5
