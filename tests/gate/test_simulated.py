"""The gate on simulated changes: how often it blocks a change that does nothing, and sees one that loses 8 points.

The verdict is `decide`'s own, on pairs of real results; as it depends on the counts alone, each table of counts is
decided once. 2,000 seeded changes for each size of golden set, at a discordance of 10 %.
"""

from __future__ import annotations

from functools import cache
from math import sqrt
from random import Random

import pytest
from runs_of import sample

from promptctl.gate.compare import Comparison, PromptComparison
from promptctl.gate.decide import decide
from promptctl.gate.pairs import Pair, side_of
from promptctl.gate.watch import Watch
from promptctl.model.config import GateConfig
from promptctl.model.run import Outcome
from promptctl.model.verdict import Ruling
from promptctl.stats.early import STOP_AT
from promptctl.stats.sequential import first_stop

CHANGES = 2000
DISCORDANCE = 0.10
POLICY = GateConfig()
ONE_SIDED_ERROR = sqrt(0.05 * 0.95 / CHANGES)
PASSES, FAILS = side_of([sample("x", "p")]), side_of([sample("x", "f")])
KINDS = {-1: Pair("x", PASSES, FAILS), 1: Pair("x", FAILS, PASSES), 0: Pair("x", PASSES, PASSES)}


def changes(draw: Random, cases: int, difference: float) -> list[int]:
    """Head minus base of each case, in random order."""
    worse, better = (DISCORDANCE - difference) / 2, (DISCORDANCE + difference) / 2
    return draw.choices((-1, 1, 0), weights=(worse, better, 1 - DISCORDANCE), k=cases)


@cache
def decided(regressions: int, improvements: int, cases: int) -> Ruling:
    pairs = (KINDS[-1],) * regressions + (KINDS[1],) * improvements + (KINDS[0],) * (cases - regressions - improvements)
    return decide(Comparison((PromptComparison("bot", pairs),)), POLICY).verdict


def share_of_fail(cases: int, difference: float, *, adaptive: bool) -> float:
    draw = Random(f"{cases} {difference}")
    failed = 0
    for _ in range(CHANGES):
        moved = changes(draw, cases, difference)
        stopped = adaptive and first_stop(moved, threshold=STOP_AT) is not None
        failed += stopped or decided(moved.count(-1), moved.count(1), cases) is Ruling.FAIL
    return failed / CHANGES


@pytest.mark.slow
@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize("cases", [50, 200, 1000])
def test_a_change_that_does_nothing_is_rarely_blocked(cases, adaptive):
    assert share_of_fail(cases, 0.0, adaptive=adaptive) <= 0.05 + 2 * ONE_SIDED_ERROR


@pytest.mark.slow
@pytest.mark.parametrize("adaptive", [False, True])
@pytest.mark.parametrize(("cases", "published"), [(50, 0.502), (200, 0.991), (1000, 1.0)])
def test_a_loss_of_eight_points_is_seen_as_often_as_published(cases, published, adaptive):
    """Exact enumeration: FAIL .502 of 50 cases, .991 of 200 at a discordance of 10 %."""
    assert share_of_fail(cases, -0.08, adaptive=adaptive) == pytest.approx(published, abs=0.03)


def test_the_watch_stops_where_the_sequence_does():
    """The helper of the live gate agrees with the sequence's own arithmetic wherever the loss exceeds the margin."""
    draw = Random(7)
    stops = 0
    for _ in range(40):
        moved = changes(draw, 200, -0.09)
        ids = tuple(str(n) for n in range(len(moved)))
        watch = Watch({"bot": ids}, max_drop=0.02)
        for case, change in zip(ids, moved, strict=True):
            watch.add_base(sample(case, "f" if change > 0 else "p"))
            watch.add_head(sample(case, "f" if change < 0 else "p"))
        assert watch.stops.get("bot") == first_stop(moved, threshold=STOP_AT)
        stops += "bot" in watch.stops
    assert stops > 5


def test_the_pairs_of_the_simulation_are_what_they_are_called():
    assert [KINDS[change].change for change in (-1, 0, 1)] == [-1, 0, 1]
    assert PASSES.outcome is Outcome.PASS
