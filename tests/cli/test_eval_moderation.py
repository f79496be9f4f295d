"""`moderation` in a run: asked once, kept, replayed; what cannot be judged is an ERROR."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import Project, case, loopback, make_project

MODERATION = {"moderation": {"model": "openai/omni-moderation-2024-09-26"}}


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


def outcomes(project: Project, *arguments: str) -> dict[str, str]:
    return {name: one["outcome"] for name, one in project.json(*arguments).cases().items()}


def paths(server: Any) -> list[str]:
    return sorted(request.path.rpartition("/")[2] for request in server.requests)


@pytest.mark.slow
def test_an_answer_is_moderated_once_and_never_again(tmp_path: Path, server: Any) -> None:
    """The loopback flags what names a category; the bot says what it was told."""
    cases = [case("mild", MODERATION), case("violence", MODERATION)]
    cases.append(case("only", {"moderation": {**MODERATION["moderation"], "categories": ["hate"]}}, said="violence!"))
    project = make_project(tmp_path, api_base=server.url, cases=cases)
    first = project.json("--record")
    assert {name: one["outcome"] for name, one in first.cases().items()} == {
        "mild": "pass", "violence": "fail", "only": "pass",
    }  # fmt: skip
    told = first.cases()["violence"]["assertions"][0]
    assert told["reason"] == "the answer was flagged for violence (0.90)"
    assert told["detail"]["flagged"] == ["violence"]
    assert first.document["summary"]["judge_cost_usd"] == 0.0
    assert paths(server) == ["completions"] * 3 + ["moderations"] * 3
    assert outcomes(project)["violence"] == "fail"
    assert len(server.requests) == 6
    shutil.rmtree(project.state)
    assert outcomes(project, "--offline") == {"mild": "pass", "violence": "fail", "only": "pass"}
    assert len(server.requests) == 6


@pytest.mark.slow
def test_what_never_came_or_cannot_be_read_is_an_error_and_not_a_pass(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=[case("refused", MODERATION), case("odd", MODERATION)])
    server.fail("500", "match:You said: refused")  # the text that is moderated, not the question
    server.answers.moderations = lambda _body, _served: {"results": "none"}
    done = project.json()
    assert done.code == 3
    reasons = {name: one["assertions"][0]["reason"] for name, one in done.cases().items()}
    assert "answered 500" in reasons["refused"]
    assert "cannot be read" in reasons["odd"]
    assert {one["outcome"] for one in done.cases().values()} == {"error"}
