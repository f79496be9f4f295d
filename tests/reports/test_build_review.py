"""A review in every format: what it says, and that nothing in it steers anything."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from promptctl.model.review import (
    Agreement,
    Correction,
    JudgeArm,
    Labelling,
    PromptReview,
    RatedPrompt,
    Remaining,
    Review,
    RunReview,
    SameForPeople,
)
from promptctl.model.verdict import Ruling
from promptctl.reports import formats
from promptctl.reports.build_review import of_review
from promptctl.reports.build_run_review import of_run_review

HOSTILE = "bot\x1b[31m\n::error::x <b>&|`"
ARM = JudgeArm(20, 10, 0.9, (0.68, 0.99), 0.5, (0.2, 0.8))
CORRECTION = Correction(-0.132, 0.027, 0.032, (-0.19, -0.08), (-0.2, -0.07), -0.185, -0.079, -0.064, 1e-4, 1e-4)
LABELS = Labelling(144, {"ann": 100, "bob": 60}, 2, (Agreement("ann", "bob", 16, 14, 0.7),))


def prompt(**more: Any) -> PromptReview:
    keys: dict[str, Any] = {
        "prompt": "bot",
        "path": "prompts/bot.yaml",
        "verdict": Ruling.FAIL,
        "rule": "regression",
        "reasons": ("corrected by people: -13.20 points over 450 cases: a regression is shown",),
        "judged": {"difference": 0.0133, "verdict": "pass"},
        "cases": 450,
        "flipped": 84,
        "rest": 366,
        "wanted": 60,
        "sampled": 60,
        "corrected": CORRECTION,
        "base_judge": ARM,
        "head_judge": ARM,
        "both_pass": SameForPeople(14, 2, 0.0042),
        "both_fail": SameForPeople(1, 1, 1.0),
    }
    return PromptReview(**(keys | more))


def review(*prompts: PromptReview, **more: Any) -> Review:
    keys: dict[str, Any] = {
        "baseline": {"description": "base"},
        "head": {"description": "head"},
        "policy": {"rule": "evidence", "max_drop": 0.02, "confidence": 0.95},
        "seed": "0123",
        "labels": LABELS,
        "verdict": Ruling.FAIL,
        "rule": "regression",
        "reasons": (f"bot: {prompts[0].reasons[0]}",) if prompts[0].reasons else (),
        "judged": "pass",
    }
    return Review(prompts=prompts, **(keys | more))


def test_the_text_says_both_differences_and_what_is_wrong_with_the_judge() -> None:
    text = formats.render(of_review(review(prompt())), "text")
    for told in (
        "+1.33",
        "-13.20",
        "2.70",
        "-19.0 to -8.0",
        "-20.0 to -7.0",
        "bot: 84 flips and 60 of the 366 others of 450 cases",
        "labelling the flips alone would have said -6.40 points",
        "of 16 flips on cases that people pass on both sides 14 prefer the base and 2 the head (exact p 0.0042)",
        "144 answers (ann 100, bob 60); 2 answers in dispute",
        "the judge's verdict was PASS",
    ):
        assert told in text, told
    assert "people fail on both sides" not in text
    narrow = formats.render(of_review(review(prompt())), "text", width=80)
    assert "Prompt  Verdict  Judge  People" in narrow


@pytest.mark.parametrize(
    ("ruling", "incomplete", "policy", "outcome"),
    [
        (Ruling.PASS, False, "warn", "pass"),
        (Ruling.FAIL, False, "warn", "fail"),
        (Ruling.INCONCLUSIVE, False, "warn", "warning"),
        (Ruling.INCONCLUSIVE, False, "fail", "none"),
        (Ruling.INCONCLUSIVE, False, "pass", "pass"),
        (Ruling.INCONCLUSIVE, True, "warn", "error"),
        (None, True, "pass", "error"),
    ],
)
def test_the_outcome_is_the_gates(ruling: Ruling | None, incomplete: bool, policy: str, outcome: str) -> None:
    found = review(prompt(verdict=ruling, incomplete=incomplete), verdict=ruling, incomplete=incomplete)
    assert of_review(found, on_inconclusive=policy).outcome == outcome


def test_an_open_one_says_what_would_settle_it() -> None:
    some = prompt(verdict=Ruling.INCONCLUSIVE, rule="not-settled", more_labels=40, settles_as="fail")
    said = of_review(review(some, verdict=Ruling.INCONCLUSIVE)).conclusion
    assert "about 40 more cases labelled would settle it as a fail (--n 100)" in said
    none = replace(some, more_labels=None, more_cases=1546)
    said = of_review(review(none, verdict=Ruling.INCONCLUSIVE)).conclusion
    assert "no labels on these cases would settle it: it takes about 1,546 cases in all" in said


def test_missing_labels_are_counted() -> None:
    some = prompt(verdict=None, rule=None, reasons=(), corrected=None, sampled=0, remaining=Remaining(12, 60, 130))
    report = of_review(review(some, verdict=None, rule="labels-missing", incomplete=True))
    assert report.conclusion == (
        "INCOMPLETE: 130 answers still to label (12 cases that flipped and 60 of the random sample); "
        "there is no corrected verdict yet"
    )
    assert report.data["verdict"] is None
    assert [one.rule for one in report.findings] == ["PG004"]


@pytest.mark.parametrize("name", formats.NAMES)
def test_every_format_takes_every_review(name: str) -> None:
    hostile = prompt(prompt=HOSTILE, reasons=(HOSTILE,), notes=(HOSTILE,))
    rated = RatedPrompt(
        HOSTILE,
        None,
        20,
        5,
        15,
        10,
        10,
        0.8,
        (0.6, 0.9),
        None,
        0.7,
        0.05,
        (0.6, 0.8),
        12,
        (6, 1, 2, 1),
        ARM,
        0.4,
        0.5,
        1,
    )
    reports = [
        of_review(review(prompt(), hostile)),
        of_review(review(prompt(reviewed=False, corrected=None)), verbose=True),
        of_run_review(RunReview({"description": HOSTILE}, (rated,), 0.95, "0123", LABELS)),
        of_run_review(
            RunReview(
                {"description": "run"}, (replace(rated, remaining=Remaining(0, 3, 3), rate=None),), 0.95, "1", LABELS
            )
        ),
    ]
    for report in reports:
        shown = formats.render(report, name)
        assert "\x1b[31m" not in shown
        assert "\n::error::x" not in shown
        if name == "json":
            assert json.loads(shown)["kind"] == "review"
