"""PL411 with what `gate --calibrate` measured: the console script, a real state directory, lint's own cache."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eval_projects import MODEL, Project, make_project
from gate_projects import Repository, numbered

CASES = 20
MARGIN = 0.1


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    """Twenty cases, and a margin that takes 62 where a tenth of them flips: 6.1826 x 0.1 / 0.1^2 = 61.8."""
    config = {"gate": {"max_drop": MARGIN}}
    prompt = {"system_prompt": "Answer with care.", "model": MODEL}
    return Repository(
        make_project(tmp_path / "project", api_base=None, cases=numbered(CASES), prompt=prompt, config=config)
    )


def calibrated(project: Project, text: str) -> None:
    """Leave a calibration where the gate leaves it."""
    project.state.mkdir(parents=True, exist_ok=True)
    (project.state / "calibration.json").write_text(text)


def entry(differed: Any, n: Any, name: str = "bot") -> str:
    return json.dumps({"version": 1, "prompts": {name: {"differed": differed, "n": n}}})


def found(repo: Repository) -> list[dict[str, Any]]:
    done = repo.run("lint", "--format", "json")
    assert done.code == 0, done.err
    return [one for one in done.document["findings"] if one["rule"] == "PL411"]


def test_a_calibration_takes_the_place_of_the_assumed_tenth_though_lint_has_a_cache(repo: Repository) -> None:
    (assumed,) = found(repo)
    assert "62 would, where 10% of them come out differently" in assumed["message"]
    assert "calibration" not in assumed["message"]
    calibrated(repo.project, entry(5, 20))
    (measured,) = found(repo)
    assert (
        "155 would, where 25% of them come out differently (5 of 20 did in the last calibration)" in measured["message"]
    )
    assert "gate.max_drop to 0.28, which 20 can show" in measured["hint"]
    calibrated(repo.project, entry(3, 100))
    assert found(repo) == []


def test_that_nothing_flipped_is_no_proof_that_nothing_will(repo: Repository) -> None:
    """None of twenty counts as one of twenty: 6.1826 x 0.05 / 0.1^2 = 30.9."""
    calibrated(repo.project, entry(0, 20))
    (hit,) = found(repo)
    assert "31 would, where 5% of them come out differently (0 of 20 did" in hit["message"]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"prompts": []}', '{"prompts": {"bot": 1}}', entry(1, 0), entry(3, 2), entry("1", 20), entry(1, 90, "bat")],
)  # fmt: skip
def test_what_says_nothing_of_the_prompt_is_as_good_as_none(repo: Repository, text: str) -> None:
    calibrated(repo.project, text)
    assert ["where 10% of them" in one["message"] for one in found(repo)] == [True]
