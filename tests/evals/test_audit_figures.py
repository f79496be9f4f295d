"""What an audit works out of labels: every published matrix, and what is absent where nothing was labelled."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from promptctl.evals.audit_figures import audited
from promptctl.model.label import Judged, Label, Material
from promptctl.stats.agreement import Confusion

CELLS = ("both_pass", "human_pass_judge_fail", "human_fail_judge_pass", "both_fail")


def labels_of(cells, who="ann", prompt="bot"):
    """Labels and verdicts of a confusion matrix."""
    said = (("pass", "pass"), ("pass", "fail"), ("fail", "pass"), ("fail", "fail"))
    return [
        Label(f"{human}{judge}{n}", prompt, "c", 0, Material(None, "x" * n), human, who, "2026-11-30T00:00:00+00:00",
              judge=Judged("d", judge))
        for (human, judge), count in zip(said, cells, strict=True)
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def matrices(shared_data):
    """Every published confusion matrix of a judge and people: name, cells, figures."""
    found = {}
    for case in json.loads((shared_data / "stats_cases.json").read_text())["cases"]:
        if case["id"].startswith("agreement_"):
            found[case["id"]] = (tuple(case["inputs"][cell] for cell in CELLS), case["expected"])
        if case["id"].startswith("real_xstest_judge_"):
            for judge in ("gpt4_judge", "strmatch"):
                row = case["expected"][judge]
                found[f"{case['id']}/{judge}"] = (tuple(row[key] for key in ("tp", "fn", "fp", "tn")), row)
    assert len(found) == 13
    return found


def test_the_audit_has_every_published_figure(matrices):
    for name, (cells, expected) in matrices.items():
        found = audited(labels_of(cells), "d")
        assert found.table == Confusion(*cells), name
        figures = {"kappa": found.kappa, "ac1": found.ac1, "tpr": found.rates.tpr, "tnr": found.rates.tnr}
        for key, value in figures.items():
            assert value == pytest.approx(expected[key], abs=1e-4), (name, key)


def test_a_judge_validated_on_one_systems_answers_is_not_for_the_next(matrices):
    """XSTest: the same judge on five systems; the audit says that its errors differ, and on whose answers."""
    labels = []
    for name, (cells, _) in matrices.items():
        if name.endswith("/gpt4_judge"):
            system = name.split("_")[3].partition("/")[0]
            labels += [replace(one, item=f"{system}{one.item}") for one in labels_of(cells, prompt=system)]
    found = audited(labels, "d")
    assert len(found.prompts) == 5
    assert min(one.tpr_p for one in found.prompts) < 1e-6


def test_what_nobody_labelled_is_absent_and_planned_for():
    empty = audited([], "d")
    assert (empty.agreement, empty.kappa, empty.ac1, empty.rates.tpr, empty.rates.tnr_lower) == (None,) * 5
    assert (empty.order, empty.length, empty.prompts, empty.consistency, empty.people) == (None, None, (), None, ())
    assert (empty.passes.need, empty.fails.need) == (97, 97)  # at a rate of one half, the most there can be
    assert empty.proven
    assert not audited([], "d", min_tnr=0.5).proven
    assert audited(labels_of((9, 1, 0, 0)), "d", min_tnr=0.9).fails_needed == 29  # if it misses nothing


def test_labels_needed_are_the_published_ones():
    found = audited(labels_of((90, 10, 20, 80)), "d")
    assert (found.passes.need, found.fails.need) == (35, 62)
    assert audited(labels_of((95, 5, 0, 10)), "d").passes.need == 19


def test_more_confidence_is_a_wider_interval_and_a_lower_bound():
    labels = labels_of((40, 10, 10, 40))
    wide, narrow = audited(labels, "d", confidence=0.99), audited(labels, "d", confidence=0.9)
    assert wide.rates.tnr_lower < narrow.rates.tnr_lower < wide.rates.tnr == narrow.rates.tnr
    assert wide.rates.tpr_interval[0] < narrow.rates.tpr_interval[0]
    assert wide.length.interval[0] < narrow.length.interval[0]


def test_repeats_without_a_verdict_are_counted_apart():
    repeats = {"a": ("pass", "pass"), "b": ("pass", "fail"), "c": ("pass", None), "d": (None, None)}
    found = audited(labels_of((1, 0, 0, 1)), "d", repeats=repeats).consistency
    assert (found.repeats, found.items, found.same, found.without) == (2, 2, 1, 2)
    assert audited([], "d", repeats={"a": ("pass",)}).consistency is None
