"""The tail of latency: how sure a quantile is, and how many calls it takes to say anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log

from promptctl.stats.binomial import between, quantile_count
from promptctl.stats.proportions import quantile


def calls_for_bound(share: float, *, confidence: float = 0.95) -> int:
    """The fewest calls whose slowest is an upper bound of the `share` quantile: with fewer there is no bound at all.

    The smallest n with share ** n <= 1 - confidence: Wilks (1941), Annals of Mathematical Statistics 12. 59 for p95.
    """
    if not 0 < share < 1:
        raise ValueError(f"the quantile must lie between 0 and 1, not {share}")
    return ceil(log(1 - confidence) / log(share))


def upper_rank(calls: int, share: float, *, confidence: float = 0.95) -> int | None:
    """The rank, from 1, of the value that bounds the quantile from above at one-sided `confidence`; None if none does.

    P(X < rank) >= confidence for X ~ Binomial(calls, share): David and Nagaraja (2003), Order statistics, section 7.1.
    """
    rank = quantile_count(confidence, calls, share) + 1
    return rank if calls and rank <= calls else None


def lower_rank(calls: int, share: float, *, confidence: float = 0.95) -> int | None:
    """The rank, from 1, of the value that bounds the quantile from below at one-sided `confidence`; None if none does.

    The largest rank with P(X < rank) <= 1 - confidence.
    """
    rank = quantile_count(1 - confidence, calls, share)
    return rank if calls and rank >= 1 else None


@dataclass(frozen=True, slots=True)
class Quantile:
    """A quantile with its two-sided order-statistic interval and its one-sided bounds.

    A bound is None where the calls are too few for one; no estimate stands in for it.
    """

    value: float
    calls: int
    interval: tuple[float | None, float | None]
    lower: float | None
    upper: float | None


def quantile_bounds(values: Sequence[float], share: float, *, confidence: float = 0.95) -> Quantile | None:
    """The `share` quantile of `values` with distribution-free bounds; None of no values."""
    ordered = sorted(values)
    value = quantile(ordered, share)
    if value is None:
        return None
    calls = len(ordered)

    def at(rank: int | None) -> float | None:
        return None if rank is None else ordered[rank - 1]

    side = (1 + confidence) / 2
    interval = (
        at(lower_rank(calls, share, confidence=side)),
        at(upper_rank(calls, share, confidence=side)),
    )
    lower = at(lower_rank(calls, share, confidence=confidence))
    return Quantile(value, calls, interval, lower, at(upper_rank(calls, share, confidence=confidence)))


def exceeds(bounds: Quantile, limit: float) -> bool | None:
    """Whether the quantile is above `limit`: True if surely, False if surely not, None where the calls cannot say."""
    if bounds.lower is not None and bounds.lower > limit:
        return True
    if bounds.upper is not None and bounds.upper <= limit:
        return False
    return None


def coverage(calls: int, share: float, low: int, high: int) -> float:
    """The probability that the values of ranks `low` and `high` hold the quantile between them."""
    return between(low, high - 1, calls, share)
