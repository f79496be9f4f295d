"""The statistics check themselves: worked figures of papers and textbooks, recomputed where promptctl runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isclose

from promptctl.stats import agreement, correction, exact, multiple, paired, power, proportions, quantiles, repeats
from promptctl.stats.krippendorff import krippendorff_alpha
from promptctl.stats.scores import mean_difference, wilcoxon_p
from promptctl.stats.sequential import regression_evidence

# Student (1908): hours of sleep gained by ten patients, the second drug less the first.
_SLEEP = (1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4)
# Hollander and Wolfe (1973), table 3.1: depression factor after less before the first session, nine patients.
_DEPRESSION = (-0.952, 0.147, -1.022, -0.430, -0.620, -0.590, -0.490, 0.080, -0.010)
# Benjamini and Hochberg (1995): fifteen p-values of a myocardial infarction trial.
_TRIAL = (
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344,
    0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000,
)  # fmt: skip
# Krippendorff (2011), example C: four observers, twelve units, nine verdicts missing.
_PANEL = (
    (1, 1, None, 1), (2, 2, 3, 2), (3, 3, 3, 3), (3, 3, 3, 3), (2, 2, 2, 2), (1, 2, 3, 4),
    (4, 4, 4, 4), (1, 1, 2, 1), (2, 2, 2, 2), (None, 5, 5, 5), (None, None, 1, 1), (None, None, 3, None),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """One worked figure: its name with the source, the published value, ours, and whether they agree as printed."""

    name: str
    expected: float
    computed: float | None
    agrees: bool


def _kappa(both_pass: int, missed_passes: int, missed_fails: int, both_fail: int) -> agreement.Reliability:
    return agreement.reliability(agreement.Confusion(both_pass, missed_passes, missed_fails, both_fail))


def _one(interval: tuple[float, float] | None, side: int) -> float | None:
    return None if interval is None else interval[side]


def _rates() -> Iterator[tuple[str, float, float, float | None]]:
    wilson, clopper = proportions.wilson(81, 263), exact.clopper_pearson(81, 263)
    yield "Wilson lower limit of 81/263, Newcombe 1998a table I", 0.2553, 5e-5, _one(wilson, 0)
    yield "Wilson upper limit of 81/263, Newcombe 1998a table I", 0.3662, 5e-5, _one(wilson, 1)
    yield "Clopper-Pearson lower limit of 81/263, Newcombe 1998a table I", 0.2527, 5e-5, _one(clopper, 0)
    yield "Clopper-Pearson upper limit of 81/263, Newcombe 1998a table I", 0.3676, 5e-5, _one(clopper, 1)
    bound = proportions.zero_failure_bound(100)
    yield "no failure in 100, about 3/n, Hanley and Lippman-Hand 1983", 0.03, 6e-4, bound
    yield "calls for a bound of the 95 % quantile, Wilks 1941", 59, 0, quantiles.calls_for_bound(0.95)


def _pairs() -> Iterator[tuple[str, float, float, float | None]]:
    exact_p, midp = paired.change_p(1, 7, midp=False), paired.change_p(1, 7)
    yield "McNemar exact p of 1 and 7, Fagerland, Lydersen and Laake 2013", 0.0703, 5e-5, exact_p
    yield "McNemar mid-p of 1 and 7, Fagerland, Lydersen and Laake 2013", 0.0391, 5e-5, midp
    # with nothing flipped Tango's bound is z^2 / (n + z^2), in closed form
    upper = paired.difference_upper(0, 0, 50, confidence=0.975)
    yield "Tango upper limit of 0 and 0 of 50, closed form", 0.07135, 5e-6, upper
    cases = power.score_cases(0.03, between=1 / 9, two_sided=True)
    yield "cases for 3 points at omega^2 = 1/9, Miller 2024", 969, 0, cases
    sleep, depression = mean_difference(_SLEEP), wilcoxon_p(_DEPRESSION)
    yield "paired t of the sleep data, Student 1908", 4.0621, 5e-5, sleep.t if sleep else None
    yield "p of the sleep data, Student 1908", 0.002833, 5e-7, sleep.p_two_sided if sleep else None
    yield "signed-rank p of the depression data, Hollander and Wolfe 1973", 0.0195, 5e-5, depression


def _several() -> Iterator[tuple[str, float, float, float | None]]:
    rejected = sum(p <= 0.05 for p in multiple.benjamini_hochberg(_TRIAL))
    yield "rejections of 15 p-values, Benjamini and Hochberg 1995", 4, 0, rejected
    yield "rejections of the same by Holm 1979", 3, 0, sum(p <= 0.05 for p in multiple.holm(_TRIAL))
    yield "pass@2 of 1 in 4, closed form of Chen and others 2021", 0.5, 1e-12, repeats.pass_at_k(1, 4, 2)
    yield "e-value of 7 regressions in a row, 255/8 by integration", 31.875, 1e-12, float(regression_evidence(7, 0))


def _judges() -> Iterator[tuple[str, float, float, float | None]]:
    yield "kappa of (40, 9, 6, 45), Feinstein and Cicchetti 1990", 0.70, 5e-3, _kappa(40, 9, 6, 45).kappa
    yield "kappa of (80, 10, 5, 5), Feinstein and Cicchetti 1990", 0.32, 5e-3, _kappa(80, 10, 5, 5).kappa
    yield "AC1 of (118, 5, 2, 0), Gwet 2002", 0.9408, 5e-5, _kappa(118, 5, 2, 0).ac1
    yield "alpha, nominal, Krippendorff 2011", 0.743, 5e-4, krippendorff_alpha(_PANEL)
    yield "alpha, ordinal, Krippendorff 2011", 0.815, 5e-4, krippendorff_alpha(_PANEL, level="ordinal")
    yield "alpha, interval, Krippendorff 2011", 0.849, 5e-4, krippendorff_alpha(_PANEL, level="interval")
    corrected = correction.rogan_gladen(0.8, 0.9, 0.85)
    yield "rate behind 0.80 at 0.90 and 0.85, equation of Rogan and Gladen 1978", 13 / 15, 1e-12, corrected


def judged(name: str, expected: float, slack: float, computed: float | None) -> Figure:
    """The figure with its verdict: agreement is within `slack`, and nothing computed never agrees."""
    agrees = computed is not None and isclose(computed, expected, rel_tol=0, abs_tol=slack + 1e-12)
    return Figure(name, expected, computed, agrees)


def selftest() -> tuple[Figure, ...]:
    """Every worked figure recomputed; agreement is to the last digit the source prints."""
    return tuple(judged(*figure) for part in (_rates, _pairs, _several, _judges) for figure in part())
