"""Binomial probabilities in log space, so that thousands of trials neither overflow nor vanish."""

from __future__ import annotations

from math import exp, lgamma, log, log1p, sqrt


def pmf(successes: int, trials: int, chance: float) -> float:
    """P(X = successes) for X ~ Binomial(trials, chance)."""
    if not 0 <= successes <= trials:
        return 0.0
    if chance <= 0 or chance >= 1:
        return 1.0 if successes == (0 if chance <= 0 else trials) else 0.0
    ways = lgamma(trials + 1) - lgamma(successes + 1) - lgamma(trials - successes + 1)
    return exp(ways + successes * log(chance) + (trials - successes) * log1p(-chance))


def bulk(trials: int, chance: float, *, deviations: float = 9.0) -> range:
    """The successes that carry all but about 1e-15 of the probability."""
    centre = trials * chance
    reach = deviations * sqrt(max(centre * (1 - chance), 0.0)) + 25  # the skew of small means needs room too
    return range(max(0, int(centre - reach)), min(trials, int(centre + reach) + 1) + 1)


def between(low: int, high: int, trials: int, chance: float) -> float:
    """P(low <= X <= high) for X ~ Binomial(trials, chance)."""
    inside = bulk(trials, chance)
    first, last = max(low, inside.start), min(high, inside.stop - 1)
    return sum(pmf(k, trials, chance) for k in range(first, last + 1))


def quantile_count(share: float, trials: int, chance: float) -> int:
    """The smallest k with P(X <= k) >= share."""
    total = 0.0
    inside = bulk(trials, chance)
    for successes in inside:
        total += pmf(successes, trials, chance)
        if total >= share:
            return successes
    return inside.stop - 1
