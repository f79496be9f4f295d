"""Flips are confirmed, not believed: what fresh samples on both sides say about a case whose outcome differed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from promptctl.stats.margin import Rate, allowed_losses


class Flip(StrEnum):
    """REGRESSION, IMPROVEMENT: every fresh sample of both sides agrees. REFUTED: the sides are alike or the case is
    flaky. OPEN: more fresh samples could still confirm it."""

    REGRESSION = "regression"
    IMPROVEMENT = "improvement"
    REFUTED = "refuted"
    OPEN = "open"


def confirm(base: Sequence[bool], head: Sequence[bool], *, needed: int) -> Flip:
    """What the fresh samples of one flipped case say; the samples that made it look flipped must not be among them.

    A regression is confirmed where all of `needed` fresh base samples pass and all of `needed` fresh head samples
    fail; the first sample that contradicts both directions refutes it, so a flaky case costs few calls.
    """
    if needed < 1:
        raise ValueError(f"a confirmation needs at least one fresh sample, not {needed}")
    worse = all(base) and not any(head)
    better = not any(base) and all(head)
    if not worse and not better:
        return Flip.REFUTED
    if min(len(base), len(head)) < needed:
        return Flip.OPEN
    return Flip.REGRESSION if worse else Flip.IMPROVEMENT


def false_confirmation_bound(needed: int) -> float:
    """The most often an unchanged case, however flaky, is confirmed in one given direction: 4 ** -needed.

    With pass probability p on both sides the chance is (p (1 - p)) ** needed, largest at p = 1/2.
    """
    if needed < 1:
        raise ValueError(f"a confirmation needs at least one fresh sample, not {needed}")
    return 0.25**needed


def facts_exceed(regressions: int, improvements: int, cases: int, *, max_drop: Rate) -> bool:
    """Whether confirmed regressions less confirmed improvements exceed floor(max_drop x cases)."""
    return regressions - improvements > allowed_losses(cases, max_drop)
