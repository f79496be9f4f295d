"""Stopping early: only in the drawn order, only for a loss beyond the margin, and never for a pass."""

from __future__ import annotations

from random import Random

import pytest
from runs_of import sample, samples

from promptctl.gate.watch import Watch, schedule, stop_at
from promptctl.stats.sequential import first_stop

IDS = tuple(f"case-{n}" for n in range(60))


def watch(order=IDS, **more):
    return Watch({"bot": order}, max_drop=0.02, **more)


def feed(one, head, order=IDS):
    """Results in the order of `order`; the base passes everywhere."""
    for case in order:
        one.add_base(sample(case, "p"))
        one.add_head(sample(case, head[case]))


def losses(count):
    return {case: "f" if n < count else "p" for n, case in enumerate(IDS)}


def test_it_stops_where_the_evidence_reaches_the_threshold():
    one = watch()
    feed(one, losses(60))
    expected = first_stop([-1] * 60, threshold=200)
    assert one.stops["bot"] == expected
    assert one.stop("bot", "any")
    assert not one.stop("other", "any")


def test_improvements_and_a_head_that_is_alike_stop_nothing():
    one = watch()
    for case in IDS:
        one.add_base(sample(case, "f"))
        one.add_head(sample(case, "p"))
    assert one.stops == {}
    one = watch()
    feed(one, losses(0))
    assert one.stops == {}


def test_a_real_loss_inside_the_margin_does_not_stop():
    head = {case: "f" if n % 4 == 3 else "p" for n, case in enumerate(IDS)}
    one = Watch({"bot": IDS}, max_drop=0.5)
    feed(one, head)
    assert one.stops == {}
    one = watch()
    feed(one, head)
    assert one.stops["bot"].regressions == 11


def test_the_order_of_arrival_changes_nothing():
    """Quick answers must not be counted first: the evidence is over a prefix of the drawn order."""
    ids = IDS[:12]
    head = dict.fromkeys(ids, "f")
    expected = watch(ids)
    feed(expected, head, ids)
    assert expected.stops
    draw = Random(3)
    for _ in range(40):
        one = watch(ids)
        feed(one, head, draw.sample(ids, len(ids)))
        assert one.stops == expected.stops


def test_a_gap_holds_back_what_comes_after_it():
    one = watch()
    feed(one, losses(60), IDS[1:])
    assert one.stops == {}
    feed(one, losses(60), IDS[:1])
    assert one.stops["bot"].cases < 60


def test_an_error_is_neither_a_loss_nor_a_gain():
    one = watch()
    feed(one, dict.fromkeys(IDS, "e"))
    assert one.stops == {}


def test_a_case_counts_once_all_of_its_samples_are_there():
    one = watch(samples={("bot", case): 3 for case in IDS})
    for case in IDS:
        for number in range(2):
            one.add_base(sample(case, "p", number=number))
            one.add_head(sample(case, "f", number=number))
    assert one.stops == {}
    for case in IDS:
        one.add_base(samples(case, "ppp")[2])
        one.add_head(samples(case, "fff")[2])
    assert one.stops["bot"].regressions == one.stops["bot"].cases


def test_more_prompts_and_more_confidence_ask_for_more_evidence():
    assert stop_at(0.95, 1) == pytest.approx(200)
    assert stop_at(0.99, 1) == pytest.approx(1000)
    assert stop_at(0.95, 8) == pytest.approx(1600)


def test_the_schedule_depends_on_its_seeds_alone():
    first = schedule({"bot": IDS}, "base", "head")
    assert first == schedule({"bot": tuple(reversed(IDS))}, "base", "head")
    assert first["bot"] != schedule({"bot": IDS}, "base", "other")["bot"]
    assert sorted(first["bot"]) == sorted(IDS)
