"""Worked figures of judges and of corrections by human labels."""

from __future__ import annotations

from promptctl.stats import agreement, correction, paired, proportions, scores, two_phase

NO_DATA = "the outputs behind it are not in the data sets"
NOT_OFFERED = "another method is used for this purpose"
DRIFT = "drift and coverage of traffic are not measured"
REUSE = "the reuse of golden sets is not metered"

NOT_COVERED = {
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
    "ladder": REUSE,
    "winners_curse": REUSE,
    "poststrat": "golden cases carry no traffic weights",
    "real_two_phase_labels/*/true_diff_human": NO_DATA,
    "real_two_phase_labels/*/judge_diff": NO_DATA,
    "real_two_phase_labels/*/judge_discordant": NO_DATA,
    "real_two_phase_labels/*/true_discordant": NO_DATA,
}


def options(key):
    return {name: float(value) for name, value in (part.split("=") for part in key.split(","))}


def each(expected, compute):
    return {key: compute(options(key)) for key in expected}


def table(compute):
    return lambda case, _: each(case["expected"], compute)


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


CHECKERS = {
    "agreement_*": agreement_case,
    "real_xstest_judge_*": xstest,
    "real_judge_transport": transport,
    "real_ppi_vs_rg": powered,
    "rg_textbook": textbook_correction,
    "judge_attenuation": table(attenuation),
    "labels_needed": table(lambda o: agreement.labels_needed(o["tpr"], o["halfwidth"])),
    "real_position_bias_*": position,
    "real_judge_bridge_jbb": bridge,
    "real_faithbench_judges": faithbench,
    "real_two_phase_labels": labelled_review,
}


def test_the_worked_figures_agree(account):
    account("judges", CHECKERS, NOT_COVERED)
