"""Stopping early without fooling oneself: evidence that may be looked at after every case.

An e-value is a bet against the hypothesis: under it the expected value is at most 1 whenever one chooses to stop, so
a value of 1 / alpha or more has probability alpha at most over the whole sequence (Ville 1939).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from math import comb, exp, log, log1p, sqrt

_BETS = 24  # stakes mixed over; more of them changes the value by less than the tolerance of any use


def random_order(cases: Iterable[str], *seeds: str) -> tuple[str, ...]:
    """The cases in an order that only the seeds (base, head and suite) decide, the same on every machine.

    File order is often sorted by difficulty, which would make an early stop meaningless. Sorting by digest keeps the
    order of the others when a case is added or removed.
    """
    prefix = "\x00".join((*seeds, ""))
    return tuple(sorted(cases, key=lambda case: (sha256(f"{prefix}{case}".encode()).digest(), case)))


def _uniform_half_to_one(regressions: int, improvements: int) -> Fraction:
    flips = regressions + improvements + 1
    return Fraction(sum(comb(flips, k) for k in range(regressions + 1)), flips * comb(flips - 1, regressions))


def regression_evidence(regressions: int, improvements: int) -> Fraction:
    """The e-value against "a flipped case is as likely an improvement as a regression", one-sided, exact.

    The mixture of likelihood ratios of theta = P(regression | flip) to 1/2 over theta uniform on (1/2, 1):
    2 (1 - I_{1/2}(b + 1, c + 1)) 2^(b + c) B(b + 1, c + 1). Robbins (1970), Annals of Mathematical Statistics 41;
    Ramdas and others (2023), Game-theoretic statistics and safe anytime-valid inference, Statistical Science 38. The
    incomplete beta function of whole numbers is a binomial tail, so the value is a fraction:
    sum of C(N, k) for k <= b, over N C(N - 1, b), with N = b + c + 1.
    """
    if regressions < 0 or improvements < 0:
        raise ValueError(f"counts must not be negative: {regressions}, {improvements}")
    return _uniform_half_to_one(regressions, improvements)


def change_evidence(regressions: int, improvements: int) -> Fraction:
    """The two-sided e-value: theta mixed uniformly over (0, 1), 2^(b + c) B(b + 1, c + 1). Robbins (1970)."""
    if regressions < 0 or improvements < 0:
        raise ValueError(f"counts must not be negative: {regressions}, {improvements}")
    flips = regressions + improvements
    return Fraction(2**flips, (flips + 1) * comb(flips, regressions))


def noninferiority_evidence(regressions: int, improvements: int, cases: int, *, margin: float) -> float:
    """The e-value against "the true difference is -margin or worse", for stopping early with a pass.

    A bet of stake s on each case multiplies the wealth by 1 + s (d + margin), d being -1, 0 or 1; the stakes are mixed
    evenly over (0, 1 / (1 - margin)), so the value needs only the counts. Waudby-Smith and Ramdas (2024), Estimating
    means of bounded random variables by betting, JRSS B 86. 1 before any case, inf beyond a double.
    """
    if not 0 < margin < 1:
        raise ValueError(f"the margin must lie between 0 and 1, not {margin}")
    if regressions < 0 or improvements < 0 or regressions + improvements > cases:
        raise ValueError(f"{regressions} regressions and {improvements} improvements do not fit into {cases} cases")
    wealth = []
    for step in range(_BETS):
        stake = (step + 0.5) / (_BETS * (1 - margin))
        wealth.append(
            regressions * log1p(-stake * (1 - margin))
            + (cases - regressions - improvements) * log1p(stake * margin)
            + improvements * log1p(stake * (1 + margin))
        )
    most = max(wealth)
    grown = most + log(sum(exp(value - most) for value in wealth) / _BETS)
    return exp(grown) if grown < 709 else float("inf")


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a sequence of cases was settled: after `cases` cases, with these counts and this e-value."""

    cases: int
    regressions: int
    improvements: int
    evidence: Fraction


def first_stop(changes: Sequence[int], *, threshold: int | Fraction = 20) -> Stop | None:
    """The first case at which the regression evidence reaches `threshold`; None where it never does.

    changes: head minus base of each case in random order: -1 a regression, 1 an improvement, 0 neither.
    """
    regressions = improvements = 0
    for seen, change in enumerate(changes, start=1):
        improvements += change > 0
        if change >= 0:
            continue  # only a regression can raise the evidence
        regressions += 1
        if regressions > improvements:
            evidence = regression_evidence(regressions, improvements)
            if evidence >= threshold:
                return Stop(seen, regressions, improvements, evidence)
    return None


def mean_sequence_halfwidth(cases: int, deviation: float, *, rho2: float = 0.01, alpha: float = 0.05) -> float | None:
    """The half-width of an interval for a mean score that may be looked at after every case; None of no cases.

    s sqrt((n r + 1) / (n^2 r) 2 ln(sqrt(n r + 1) / alpha)), two-sided; `rho2` is chosen before the run and puts the
    tightest point near 1 / rho2 cases. Robbins (1970); Howard, Ramdas, McAuliffe and Sekhon (2021), Annals of
    Statistics 49; with an estimated deviation it is asymptotic (Waudby-Smith and others 2024).
    """
    if cases == 0:
        return None
    grown = cases * rho2 + 1
    return deviation * sqrt(grown / (cases * cases * rho2) * 2 * log(sqrt(grown) / alpha))
