"""Two rates of different items: could they be one?"""

from __future__ import annotations

from math import comb


def fisher_p(one: tuple[int, int], other: tuple[int, int]) -> float | None:
    """The two-sided exact p-value of "both have the same rate", each given as (hits, trials); None of no trials.

    The probability, given the margins, of all tables no likelier than this one: Fisher (1935), The logic of inductive
    inference, JRSS 98. Computed in whole numbers.
    """
    (hits, trials), (other_hits, other_trials) = one, other
    if not (0 <= hits <= trials and 0 <= other_hits <= other_trials):
        raise ValueError(f"hits must lie between 0 and the trials, not {one} and {other}")
    if not trials or not other_trials:
        return None
    total = hits + other_hits
    ways = [
        comb(trials, k) * comb(other_trials, total - k)
        for k in range(max(0, total - other_trials), min(trials, total) + 1)
    ]
    seen = comb(trials, hits) * comb(other_trials, other_hits)
    return sum(way for way in ways if way <= seen) / sum(ways)
