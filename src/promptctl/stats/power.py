"""How many cases settle a question, and what the cases at hand can see at all.

`discordance` is the share of cases whose outcome differs between base and head, in either direction. Confidence is
one-sided unless `two_sided` says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from promptctl.stats.paired import difference_lower


def _normals(confidence: float, power: float, *, two_sided: bool) -> tuple[float, float]:
    normal = NormalDist()
    return normal.inv_cdf((1 + confidence) / 2 if two_sided else confidence), normal.inv_cdf(power)


def superiority_cases(
    drop: float, discordance: float, *, confidence: float = 0.95, power: float = 0.8, two_sided: bool = False
) -> int:
    """The cases needed to show a true drop of `drop` as a regression, with probability `power`.

    (z_a sqrt(pi) + z_b sqrt(pi - d^2))^2 / d^2; Connor (1987), Sample size for testing differences in proportions for
    the paired-sample design, Biometrics 43:207-211, after Miettinen (1968). Raises ValueError unless
    0 < drop <= discordance <= 1: no drop can exceed the share of cases that differ.
    """
    if not 0 < drop <= discordance <= 1:
        raise ValueError(f"a drop of {drop} needs a discordance between it and 1, not {discordance}")
    z_a, z_b = _normals(confidence, power, two_sided=two_sided)
    return ceil((z_a * sqrt(discordance) + z_b * sqrt(discordance - drop * drop)) ** 2 / (drop * drop))


def noninferiority_cases(
    margin: float, discordance: float, *, difference: float = 0.0, confidence: float = 0.95, power: float = 0.8
) -> int:
    """The cases needed to show that the head is not worse by `margin`, where its true difference is `difference`.

    (z_a + z_b)^2 (pi - d^2) / (margin + d)^2; for d = 0 the form of Lu and Bean (1995), Statistics in Medicine
    14:1831-1839. Raises ValueError where the true difference is no better than -margin: no number of cases suffices.
    """
    if not abs(difference) <= discordance <= 1:
        raise ValueError(f"a difference of {difference} needs a discordance between it and 1, not {discordance}")
    if difference <= -margin:
        raise ValueError(f"a true difference of {difference} is no better than the margin -{margin}")
    z_a, z_b = _normals(confidence, power, two_sided=False)
    return max(1, ceil((z_a + z_b) ** 2 * (discordance - difference * difference) / (margin + difference) ** 2))


def detectable_drop(cases: int, discordance: float, *, confidence: float = 0.95, power: float = 0.8) -> float | None:
    """The smallest true drop that `cases` cases show with probability `power`; None where they can show none.

    Connor (1987) solved for d: the larger root of (n + z_b^2) d^2 - 2 z_a sqrt(n pi) d + (z_a^2 - z_b^2) pi = 0.
    """
    if cases < 0 or not 0 <= discordance <= 1:
        raise ValueError(f"not a plan: {cases} cases at a discordance of {discordance}")
    if cases == 0 or discordance == 0:
        return None
    z_a, z_b = _normals(confidence, power, two_sided=False)
    square = cases + z_b * z_b
    half = z_a * sqrt(cases * discordance)
    drop = (half + sqrt(max(0.0, half * half - square * (z_a * z_a - z_b * z_b) * discordance))) / square
    return drop if drop <= discordance else None


@dataclass(frozen=True, slots=True)
class Settlement:
    """The cases in all, those at hand included, that are expected to settle it, and the verdict they would give.

    verdict: "pass" where non-inferiority would be shown, "fail" where a regression would.
    """

    cases: int
    verdict: str


def cases_to_settle(
    regressions: int, improvements: int, cases: int, *, margin: float, confidence: float = 0.95, power: float = 0.8
) -> Settlement | None:
    """The cheaper way out of an inconclusive comparison if its rates are the true ones; None of no cases.

    Non-inferiority is planned where the observed difference is better than -margin, regression where it is negative;
    the smaller number wins. Where nothing flipped the rates say nothing yet, and the answer is the number of
    cases, all unflipped, at which Tango's bound clears the margin: the least n with z^2 / (n + z^2) < margin.
    """
    if cases == 0:
        return None
    if difference_lower(regressions, improvements, cases, confidence=confidence) is None or not 0 < margin < 1:
        raise ValueError(f"the margin must lie between 0 and 1, not {margin}")
    if regressions + improvements == 0:
        z = NormalDist().inv_cdf(confidence)
        return Settlement(int(z * z * (1 - margin) / margin) + 1, "pass")
    discordance = (regressions + improvements) / cases
    difference = (improvements - regressions) / cases
    ways = []
    if difference > -margin:
        needed = noninferiority_cases(margin, discordance, difference=difference, confidence=confidence, power=power)
        ways.append(Settlement(needed, "pass"))
    if difference < 0:
        needed = superiority_cases(-difference, discordance, confidence=confidence, power=power)
        ways.append(Settlement(needed, "fail"))
    return min(ways, key=lambda way: way.cases)


def _score_variance(between: float, within_base: float, within_head: float, samples: int) -> float:
    if min(between, within_base, within_head) < 0 or samples < 1:
        raise ValueError("variances must not be negative and there must be a sample")
    return between + (within_base + within_head) / samples


def score_cases(
    drop: float,
    *,
    between: float,
    within_base: float = 0.0,
    within_head: float = 0.0,
    samples: int = 1,
    confidence: float = 0.95,
    power: float = 0.8,
    two_sided: bool = False,
) -> int:
    """The cases needed to show a true drop of `drop` in a mean score, with `samples` samples of each case and side.

    between: variance over cases of the true paired difference (omega^2); within_base, within_head: variance of one
    sample around its case's mean. Miller (2024), Adding error bars to evals, arXiv 2411.00640:
    n = (z_a + z_b)^2 (omega^2 + sigma_A^2 / K_A + sigma_B^2 / K_B) / delta^2.
    """
    if drop <= 0:
        raise ValueError(f"the drop must be positive, not {drop}")
    z_a, z_b = _normals(confidence, power, two_sided=two_sided)
    return ceil((z_a + z_b) ** 2 * _score_variance(between, within_base, within_head, samples) / drop**2)


def detectable_score_drop(
    cases: int,
    *,
    between: float,
    within_base: float = 0.0,
    within_head: float = 0.0,
    samples: int = 1,
    confidence: float = 0.95,
    power: float = 0.8,
    two_sided: bool = False,
) -> float | None:
    """The smallest true drop of a mean score that `cases` cases show with probability `power`; None of no cases."""
    if cases == 0:
        return None
    z_a, z_b = _normals(confidence, power, two_sided=two_sided)
    return (z_a + z_b) * sqrt(_score_variance(between, within_base, within_head, samples) / cases)
