"""How many labels of a judge's passes and of its fails would do, where the sample was drawn by verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from promptctl.stats.stratified import Part, rate_floor, rate_interval

_MOST = 10_000  # labels of one verdict: more than anybody gives
_STEP = 1.04


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Labels by what the judge said of the answer, not by what people say: they cannot choose by that."""

    passed: int
    failed: int


def labelled_verdicts(parts: Sequence[Part]) -> Verdicts:
    """The labels there are."""
    return Verdicts(
        sum(one.items for one in parts if one.passed), sum(one.items for one in parts if one.passed is False)
    )


def verdicts_for_floor(parts: Sequence[Part], floor: float, *, confidence: float = 0.95) -> Verdicts | None:
    """About the fewest labels at which the bound of the rate reaches `floor`, if the judge goes on as it did."""
    return _fewest(parts, lambda grown: rate_floor(grown, confidence=confidence) >= floor)


def verdicts_for_width(parts: Sequence[Part], halfwidth: float, *, confidence: float = 0.95) -> Verdicts | None:
    """About the fewest labels that pin the rate to +- `halfwidth`, if the judge goes on as it did."""

    def narrow(grown: Sequence[Part]) -> bool:
        low, high = rate_interval(grown, confidence=confidence)
        return (high - low) / 2 <= halfwidth

    return _fewest(parts, narrow)


def _fewest(parts: Sequence[Part], reached: Callable[[Sequence[Part]], bool]) -> Verdicts | None:
    """The pair of numbers of labels with the smallest sum that reaches it; None where no number of labels does.

    Both grow in steps of 4 %, up to all that there is of either: for each number of passes the first number of fails
    that does, by halving, since more labels only narrow a bound.
    """
    have = labelled_verdicts(parts)
    passed = _steps(have.passed, sum(one.size for one in parts if one.passed))
    failed = _steps(have.failed, sum(one.size for one in parts if one.passed is False))
    best: Verdicts | None = None
    for one in passed:
        at = _first(failed, lambda other, one=one: reached(_grown(parts, have, Verdicts(one, other))))  # type: ignore[misc]
        if at is not None and (best is None or one + at < best.passed + best.failed):
            best = Verdicts(one, at)
    return best


def _steps(have: int, most: int) -> list[int]:
    """`have`, and what it can grow to; nothing is known of how a verdict without a label would go on."""
    steps = [have]
    while have and steps[-1] < min(most, _MOST):
        steps.append(min(most, _MOST, max(steps[-1] + 1, round(steps[-1] * _STEP))))
    return steps


def _first(steps: Sequence[int], reached: Callable[[int], bool]) -> int | None:
    if not reached(steps[-1]):
        return None
    low, high = 0, len(steps) - 1
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(steps[middle]) else (middle + 1, high)
    return steps[low]


def _grown(parts: Sequence[Part], have: Verdicts, wanted: Verdicts) -> list[Part]:
    """The parts with more labels of the same shares, rounded against the judge."""
    out = []
    for one in parts:
        old, new = (have.passed, wanted.passed) if one.passed else (have.failed, wanted.failed)
        if one.passed is None or not one.items or new == old:
            out.append(one)
            continue
        items = min(one.size, one.items * new // old)
        hits = one.hits * items // one.items
        misses = min(items - hits, -(-one.misses * items // one.items))
        out.append(replace(one, items=items, hits=hits, misses=misses))
    return out
