"""A judge's figures corrected by human labels: the rate, and the difference that a gate decides on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist, fmean, pvariance

from promptctl.stats.agreement import Confusion


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of a rate with its standard error and two-sided interval; value and interval are cut to 0..1."""

    value: float
    error: float
    low: float
    high: float


def _rate(value: float, error: float, confidence: float) -> Estimate:
    """The value and both ends cut to 0..1: a correction may overshoot, and no rate is 122 %."""
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Estimate(_cut(value), error, _cut(value - reach), _cut(value + reach))


def _cut(value: float) -> float:
    return min(1.0, max(0.0, value))


def youden(tpr: float, tnr: float) -> float:
    """tpr + tnr - 1: what a judge's error leaves of a true difference between two arms it judges alike.

    Bross (1954), Biometrics 10. A true drop d is seen as J d, and the cases needed grow by 1 / J^2.
    """
    return tpr + tnr - 1


def case_inflation(tpr: float, tnr: float) -> float | None:
    """How many times more cases a gate needs through this judge, 1 / J^2; None where it is no better than chance."""
    j = youden(tpr, tnr)
    return 1 / (j * j) if j > 0 else None


def rogan_gladen(apparent: float, tpr: float, tnr: float) -> float | None:
    """The true rate behind the judge's rate: (apparent + tnr - 1) / (tpr + tnr - 1), cut to 0..1.

    Rogan and Gladen (1978), Estimating prevalence from the results of a screening test, American Journal of
    Epidemiology 107. None where the judge is no better than chance. It holds only for outputs like those the judge
    was calibrated on: a calibration does not travel from one prompt's answers to another's.
    """
    j = youden(tpr, tnr)
    return _cut((apparent + tnr - 1) / j) if j > 0 else None


def _delta_error(rate: float, spread: float, rates: tuple[float, float], labels: tuple[float, float]) -> float:
    """The delta-method error of the corrected rate; spread is the variance of the apparent one."""
    (tpr, tnr), (passes, fails) = rates, labels
    calibration = rate**2 * tpr * (1 - tpr) / passes + (1 - rate) ** 2 * tnr * (1 - tnr) / fails
    return sqrt(spread + calibration) / youden(tpr, tnr)


def rogan_gladen_error(
    apparent: float, tpr: float, tnr: float, *, judged: int, passes: int, fails: int
) -> float | None:
    """The delta-method standard error of the corrected rate; None where there is no correction or a count is 0.

    judged: outputs behind the apparent rate; passes, fails: human labels behind tpr and tnr. Rogan and Gladen (1978).
    """
    rate = rogan_gladen(apparent, tpr, tnr)
    if rate is None or not (judged and passes and fails):
        return None
    return _delta_error(rate, apparent * (1 - apparent) / judged, (tpr, tnr), (passes, fails))


def corrected_rate(judge_passed: int, judged: int, labels: Confusion, *, confidence: float = 0.95) -> Estimate | None:
    """The true pass rate behind a judge's, with an interval that counts the doubt about the judge itself.

    Lang and Reiczigel (2014), Confidence limits for prevalence of disease adjusted for estimated sensitivity and
    specificity, Preventive Veterinary Medicine 113: the adjusted counts n + z^2 and n + 2, and their shift. None
    where nothing was judged, a class has no label, or the judge is no better than chance.
    """
    if not 0 <= judge_passed <= judged:
        raise ValueError(f"passed must lie between 0 and {judged}, not {judge_passed}")
    if not (judged and labels.passes and labels.fails):
        return None
    z2 = NormalDist().inv_cdf((1 + confidence) / 2) ** 2
    apparent = (judge_passed + z2 / 2) / (judged + z2)
    tpr = (labels.both_pass + 1) / (labels.passes + 2)
    tnr = (labels.both_fail + 1) / (labels.fails + 2)
    j = youden(tpr, tnr)
    if j <= 0:
        return None
    rate = (apparent + tnr - 1) / j
    shift = 2 * z2 * (rate * tpr * (1 - tpr) / (labels.passes + 2) - (1 - rate) * tnr * (1 - tnr) / (labels.fails + 2))
    spread = apparent * (1 - apparent) / (judged + z2)
    error = _delta_error(rate, spread, (tpr, tnr), (labels.passes + 2, labels.fails + 2))
    return _rate(_cut(rate + shift), error, confidence)


def prediction_powered(
    labelled: Sequence[tuple[float, float]],
    unlabelled: Sequence[float],
    *,
    tuned: bool = False,
    confidence: float = 0.95,
) -> Estimate | None:
    """The mean human score of all outputs, from a few human labels and a judge on the rest; scores are in 0..1.

    labelled: (human, judge) of a random sample of these very outputs; unlabelled: the judge on the others. The mean
    judge score, plus what the labels say it is off by: Angelopoulos and others (2023), Prediction-powered inference,
    Science 382, arXiv 2301.09633, algorithm 1; tuned weighs the judge by how well it predicts (PPI++, arXiv
    2311.01453). None of fewer than two labels or no unlabelled outputs.
    """
    if len(labelled) < 2 or not unlabelled:
        return None
    weight = _tuning(labelled, unlabelled) if tuned else 1.0
    offsets = [human - weight * judge for human, judge in labelled]
    value = weight * fmean(unlabelled) + fmean(offsets)
    error = sqrt(weight**2 * pvariance(unlabelled) / len(unlabelled) + pvariance(offsets) / len(labelled))
    return _rate(value, error, confidence)


def _tuning(labelled: Sequence[tuple[float, float]], unlabelled: Sequence[float]) -> float:
    """The weight of the judge that makes the error smallest, kept in 0..1; 0 where the judge always says the same."""
    judges = [judge for _, judge in labelled]
    spread = pvariance([*judges, *unlabelled])
    if spread == 0:
        return 0.0
    human_mean, judge_mean = fmean(human for human, _ in labelled), fmean(judges)
    together = fmean((human - human_mean) * (judge - judge_mean) for human, judge in labelled)
    return _cut(together / (spread * (1 + len(labelled) / len(unlabelled))))
