"""The same answers by two judges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from runs_of import sample

from promptctl.gate.bridge import Bridge, bridges, sentence
from promptctl.model.run import AssertionResult, Outcome


def by(judge: str, letters: str, **more: object):
    rows = []
    for number, letter in enumerate(letters):
        outcome = {"p": Outcome.PASS, "f": Outcome.FAIL, "e": Outcome.ERROR}[letter]
        detail = {} if letter == "e" else {"judge": "fair", "judge_digest": judge}
        made = AssertionResult("judge", outcome, None if letter == "e" else 1.0, "said", f"{judge}'s", detail=detail)
        rows.append(sample(f"c{number}", letter, assertions=(made,), **more))
    return rows


def test_published_figures_of_two_judges_on_the_same_outputs(shared_data: Path) -> None:
    cases = json.loads((shared_data / "stats_cases.json").read_text())["cases"]
    [published] = [one for one in cases if one["id"] == "real_judge_bridge_jbb"]
    for said in published["expected"].values():
        old, new = round(said["asr_judge_llama3_70b"] * 100), round(said["asr_judge_llama_guard1"] * 100)
        found = Bridge("p", 100, old, new, stricter=said["b"], milder=said["c"])
        assert old - said["b"] == new - said["c"]
        assert found.kappa == pytest.approx(said["kappa"], abs=1e-4)
        assert found.p_value == pytest.approx(said["midp_two_sided"], rel=1e-3)


def test_only_the_same_answers_by_other_judges_count() -> None:
    old, new = by("one", "ppffe"), by("two", "pfpfp")
    assert bridges(old, new) == (Bridge("bot", 4, 2, 2, stricter=1, milder=1),)
    assert bridges(old, by("one", "fffff")) == ()
    assert bridges(old, by("two", "fffff", request_digest="another")) == ()
    assert bridges(old, by("two", "fffff", case_digest="edited")) == ()


def test_the_sentence() -> None:
    told = sentence(Bridge("bot", 40, 32, 27, stricter=6, milder=1))
    assert told == (
        "bot: another judge: of the same 40 answers the one in force passes 32 and that of the change 27 (6 newly fail, 1 "
        "newly pass, kappa 0.56, p 0.0703); their verdicts are not compared with each other"
    )
