"""Cases that stand or fall together: standard errors that count clusters, and where the variance sits."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import fsum, sqrt
from statistics import fmean


def clustered_error(values: Sequence[float], clusters: Sequence[Hashable], *, corrected: bool = True) -> float | None:
    """The cluster-robust standard error of the mean of `values`; None of fewer than two clusters.

    sqrt(sum over clusters of (sum of deviations)^2) / n: Liang and Zeger (1986), Biometrika 73; Miller (2024), arXiv
    2411.00640. corrected multiplies the variance by G / (G - 1) for G clusters (CR1), without it CR0.
    """
    if len(values) != len(clusters):
        raise ValueError(f"{len(values)} values cannot have {len(clusters)} clusters")
    mean = fmean(values) if values else 0.0
    sums: dict[Hashable, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        sums.setdefault(cluster, []).append(value - mean)
    count = len(sums)
    if count < 2:
        return None
    variance = fsum(fsum(deviations) ** 2 for deviations in sums.values()) / len(values) ** 2
    return sqrt(variance * count / (count - 1) if corrected else variance)


@dataclass(frozen=True, slots=True)
class Components:
    """One-way random effects: variance between groups (cases) and within them (samples of a case).

    between is the method-of-moments estimate and may be negative where the samples of a case differ more than the
    cases do. size: the mean group size that the estimate uses (n0), the samples of a case where all have the same.
    """

    mean: float
    groups: int
    size: float
    ms_between: float
    ms_within: float
    between: float

    @property
    def within(self) -> float:
        """The variance of one sample around its case's mean."""
        return self.ms_within

    @property
    def icc(self) -> float | None:
        """The share of the variance that belongs to the case; None where there is no variance."""
        total = self.between + self.within
        return self.between / total if total else None

    def error(self, samples: int) -> float:
        """The standard error of the mean over as many cases with `samples` samples each: new cases, new samples."""
        if samples < 1:
            raise ValueError(f"a case needs at least one sample, not {samples}")
        return sqrt(max(0.0, self.between + self.within / samples) / self.groups)

    def error_of_these_cases(self, samples: int) -> float:
        """The standard error where the cases are the whole population and only the samples are drawn anew."""
        if samples < 1:
            raise ValueError(f"a case needs at least one sample, not {samples}")
        return sqrt(self.within / samples / self.groups)

    def best_samples(self, *, case_cost: float, sample_cost: float) -> float | None:
        """The samples a case that make the error smallest for the money; None where one sample says as much as many.

        sqrt(case cost x within / (sample cost x between)): Cochran (1977), Sampling techniques, chapter 10.
        """
        if self.between <= 0 or sample_cost <= 0:
            return None
        return sqrt(case_cost * self.within / (sample_cost * self.between))


def components(groups: Sequence[Sequence[float]]) -> Components | None:
    """The variance between and within `groups`; None unless there are two groups and one of two values.

    One-way analysis of variance: Searle, Casella and McCulloch (1992), Variance components, with
    n0 = (n - sum n_i^2 / n) / (g - 1) for groups of unequal size.
    """
    filled = [group for group in groups if group]
    count, total = len(filled), sum(len(group) for group in filled)
    if count < 2 or total <= count:
        return None
    mean = fsum(fsum(group) for group in filled) / total
    means = [fmean(group) for group in filled]
    around = fsum(len(group) * (own - mean) ** 2 for group, own in zip(filled, means, strict=True))
    inside = fsum((value - own) ** 2 for group, own in zip(filled, means, strict=True) for value in group)
    size = (total - sum(len(group) ** 2 for group in filled) / total) / (count - 1)
    ms_between, ms_within = around / (count - 1), inside / (total - count)
    return Components(mean, count, size, ms_between, ms_within, (ms_between - ms_within) / size)


def design_effect(icc: float, sizes: Sequence[int]) -> float | None:
    """How many times clustering inflates the variance of a mean: 1 + (m - 1) icc; None of no clusters.

    Kish (1965), Survey sampling, with m = sum n_i^2 / n for clusters of unequal size.
    """
    if not sizes:
        return None
    return 1 + (sum(size * size for size in sizes) / sum(sizes) - 1) * icc
