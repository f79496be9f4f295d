"""Scores of the same cases twice: the mean difference, how sure it is, and tests that assume less."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import NormalDist, fmean, stdev

from scipy.special import stdtr, stdtrit

from promptctl.stats.clusters import clustered_error

_EXACT_UP_TO = 50  # differences that are not zero; beyond, the normal approximation of the signed ranks is as good
_SIGNS_UP_TO = 20  # differences that are not zero whose signs are all tried


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """The mean of paired differences (head minus base), its standard error and what a t test makes of them.

    error, low, high, t and the p-values are None where fewer than two cases (or clusters) were measured. t and the
    p-values are None also where no two differences differ and the mean is not 0: a spread of nothing tests nothing.
    p_regression is one-sided; (low, high) is two-sided. units: cases, or clusters where there are any.
    """

    mean: float
    units: int
    error: float | None
    t: float | None
    p_regression: float | None
    p_two_sided: float | None
    low: float | None
    high: float | None


def mean_difference(
    differences: Sequence[float], *, clusters: Sequence[Hashable] | None = None, confidence: float = 0.95
) -> MeanDifference | None:
    """The paired t analysis of `differences`, cluster-robust where `clusters` names each one's cluster; None of none.

    Student (1908), Biometrika 6. With clusters the error is CR1 and the degrees of freedom are clusters - 1: Miller
    (2024), arXiv 2411.00640. With few clusters even that is optimistic; units tells how few.
    """
    if not differences:
        return None
    mean = fmean(differences)
    error: float | None
    if clusters is None:
        units = len(differences)
        error = stdev(differences) / sqrt(units) if units > 1 else None
    else:
        units = len(set(clusters))
        error = clustered_error(differences, clusters)
    if error is None:
        return MeanDifference(mean, units, None, None, None, None, None, None)
    reach = float(stdtrit(units - 1, (1 + confidence) / 2)) * error
    if mean and error <= 1e-12 * abs(mean):
        return MeanDifference(mean, units, error, None, None, None, mean - reach, mean + reach)
    t = mean / error if mean else 0.0
    p_regression = float(stdtr(units - 1, t)) if mean else 0.5
    p_two_sided = 2 * float(stdtr(units - 1, -abs(t))) if mean else 1.0
    return MeanDifference(mean, units, error, t, p_regression, p_two_sided, mean - reach, mean + reach)


def _signed_ranks(differences: Sequence[float]) -> tuple[tuple[int, bool], ...]:
    """(twice the mid-rank of the size, whether positive) of every difference that is not zero.

    Sizes that differ by less than a billionth are ties: 0.3 - 0.2 and 0.2 - 0.1 are the same loss.
    """
    sizes = sorted((round(abs(value), 9), value > 0) for value in differences if round(abs(value), 9))
    ranked: list[tuple[int, bool]] = []
    start = 0
    while start < len(sizes):
        end = start
        while end < len(sizes) and sizes[end][0] == sizes[start][0]:
            end += 1
        ranked.extend((start + 1 + end, positive) for _, positive in sizes[start:end])
        start = end
    return tuple(ranked)


def _share_at_most(statistic: int, weights: Sequence[int]) -> float:
    """The share of all sign patterns whose positive weights add to at most `statistic`."""
    ways = {0: 1}
    for weight in weights:
        grown = dict(ways)
        for total, count in ways.items():
            grown[total + weight] = grown.get(total + weight, 0) + count
        ways = grown
    return sum(count for total, count in ways.items() if total <= statistic) / (1 << len(weights))


def wilcoxon_p(differences: Sequence[float], *, two_sided: bool = False) -> float | None:
    """The p-value of Wilcoxon's signed-rank test of "the head is worse" (or of any shift); None of no differences.

    Zero differences are left out, ties share their mean rank. Exact given the ties up to 50 differences, beyond that
    the normal approximation with the tie-corrected variance and no continuity correction. Wilcoxon (1945), Biometrics
    Bulletin 1; Hollander, Wolfe and Chicken (2014), section 3.1. 1 where every difference is zero.
    """
    if not differences:
        return None
    ranked = _signed_ranks(differences)
    if not ranked:
        return 1.0
    gained = sum(rank for rank, positive in ranked if positive)
    total = sum(rank for rank, _ in ranked)
    if len(ranked) <= _EXACT_UP_TO:
        weights = [rank for rank, _ in ranked]
        worse, better = _share_at_most(gained, weights), _share_at_most(total - gained, weights)
    else:
        # ranks are doubled, so the variance sum(rank^2) / 4 is too, twice
        z = (gained - total / 2) / sqrt(sum(rank * rank for rank, _ in ranked) / 4)
        worse, better = NormalDist().cdf(z), NormalDist().cdf(-z)
    return min(1.0, 2 * min(worse, better)) if two_sided else worse


def sign_flip_p(differences: Sequence[float], *, two_sided: bool = False) -> float | None:
    """The exact permutation p-value of the mean difference over all sign patterns; None of no differences.

    Fisher (1935), The design of experiments. For few differences that are not zero: raises ValueError
    above 20 of them, where the t test does. Sums are compared in whole billionths. 1 where every difference is zero.
    """
    if not differences:
        return None
    sizes = [round(value * 10**9) for value in differences if round(value * 10**9)]
    if len(sizes) > _SIGNS_UP_TO:
        raise ValueError(f"{len(sizes)} differences are too many for every sign pattern; at most {_SIGNS_UP_TO}")
    weights = [abs(value) for value in sizes]
    gained, total = sum(value for value in sizes if value > 0), sum(weights)
    worse = _share_at_most(gained, weights)
    better = _share_at_most(total - gained, weights)
    if not two_sided:
        return worse
    return min(1.0, 2 * min(worse, better))


@dataclass(frozen=True, slots=True)
class Pairing:
    """What pairing bought: the correlation of base and head, both standard errors, and how many unpaired cases one
    paired case is worth. None where there is no spread (or fewer than two cases) to measure it by."""

    correlation: float | None
    paired_error: float
    unpaired_error: float
    efficiency: float | None


def pairing(base: Sequence[float], head: Sequence[float]) -> Pairing | None:
    """How base and head scores of the same cases go together; None of fewer than two cases.

    Miller (2024), arXiv 2411.00640: Var(paired) = Var(base) + Var(head) - 2 Cov.
    """
    if len(base) != len(head):
        raise ValueError(f"{len(base)} base scores cannot be paired with {len(head)} head scores")
    if len(base) < 2:
        return None
    cases = len(base)
    base_deviation, head_deviation = stdev(base), stdev(head)
    base_mean, head_mean = fmean(base), fmean(head)
    together = fsum((b - base_mean) * (h - head_mean) for b, h in zip(base, head, strict=True)) / (cases - 1)
    paired = stdev([h - b for b, h in zip(base, head, strict=True)]) / sqrt(cases)
    unpaired = sqrt((base_deviation**2 + head_deviation**2) / cases)
    spread = base_deviation * head_deviation
    return Pairing(
        together / spread if spread else None, paired, unpaired, (unpaired / paired) ** 2 if paired else None
    )
