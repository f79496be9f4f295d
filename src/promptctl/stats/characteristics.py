"""What a gate does before it is used: how often it passes, fails and cannot say, by exact enumeration."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from promptctl.stats.binomial import between, bulk, pmf
from promptctl.stats.margin import Rate, allowed_losses
from promptctl.stats.paired import fewest_regressions, noninferiority_z


@dataclass(frozen=True, slots=True)
class Characteristics:
    """The probabilities of the four outcomes of the evidence rule; they add to 1.

    tolerated: a regression is shown and so is non-inferiority, a real loss that is surely inside the margin.
    """

    passes: float
    tolerated: float
    fails: float
    inconclusive: float


def _chance_of_regression(discordance: float, difference: float) -> float:
    """P(regression | the outcome differs), from the share that differs and the true difference."""
    if not abs(difference) <= discordance <= 1:
        raise ValueError(f"a difference of {difference} needs a discordance between it and 1, not {discordance}")
    return (discordance - difference) / (2 * discordance) if discordance else 0.5


@lru_cache(maxsize=16384)
def _most_tolerable(flips: int, cases: int, margin: float, confidence: float) -> int:
    """The most regressions among `flips` flips at which non-inferiority is still shown; -1 if at none.

    The score statistic falls with every improvement that turns into a regression, so halving finds it.
    """
    z_needed = NormalDist().inv_cdf(confidence)
    low, high = -1, flips
    while low < high:
        middle = (low + high + 1) // 2
        z = noninferiority_z(middle, flips - middle, cases, margin=margin)
        if z is not None and z > z_needed:
            low = middle
        else:
            high = middle - 1
    return low


def evidence_rule(
    cases: int, *, discordance: float, difference: float, margin: float, confidence: float = 0.95
) -> Characteristics | None:
    """How the three-state rule behaves on `cases` cases whose true difference is `difference`; None of no cases.

    FAIL where the one-sided mid-p McNemar test shows a regression, PASS where Tango's bound shows non-inferiority,
    inconclusive where neither does. Exact: the flips are Binomial(cases, discordance), the regressions among them
    Binomial(flips, (discordance - difference) / (2 discordance)).
    """
    chance = _chance_of_regression(discordance, difference)
    if cases == 0:
        return None
    passes = tolerated = fails = inconclusive = 0.0
    for flips in bulk(cases, discordance):
        weight = pmf(flips, cases, discordance)
        found = fewest_regressions(flips, alpha=1 - confidence)
        shown = flips + 1 if found is None else found
        tolerable = _most_tolerable(flips, cases, margin, confidence)
        passes += weight * between(0, min(tolerable, shown - 1), flips, chance)
        tolerated += weight * between(shown, tolerable, flips, chance)
        fails += weight * between(max(shown, tolerable + 1), flips, flips, chance)
        inconclusive += weight * between(tolerable + 1, shown - 1, flips, chance)
    return Characteristics(passes, tolerated, fails, inconclusive)


def regression_power(
    cases: int, *, discordance: float, drop: float, confidence: float = 0.95, midp: bool = True
) -> float:
    """The probability that the one-sided McNemar test shows a true drop of `drop`; 0 cases show nothing, so 0.

    With drop = 0 it is the share of unchanged prompts that the test calls worse.
    """
    chance = _chance_of_regression(discordance, -drop)
    power = 0.0
    for flips in bulk(cases, discordance):
        shown = fewest_regressions(flips, alpha=1 - confidence, midp=midp)
        if shown is not None:
            power += pmf(flips, cases, discordance) * between(shown, flips, flips, chance)
    return power


def threshold_rule_blocks(cases: int, *, discordance: float, difference: float, max_drop: Rate) -> float | None:
    """The probability that the plain rule `pass rate >= base - max_drop` blocks; None of no cases."""
    chance = _chance_of_regression(discordance, difference)
    if cases == 0:
        return None
    allowed = allowed_losses(cases, max_drop)
    blocks = 0.0
    for flips in bulk(cases, discordance):
        # blocked where regressions - (flips - regressions) > allowed
        fewest = (flips + allowed) // 2 + 1
        blocks += pmf(flips, cases, discordance) * between(fewest, flips, flips, chance)
    return blocks
