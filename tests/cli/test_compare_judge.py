"""`compare A B --judge NAME`: both answers of every case before a judge of pairs, in both orders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from gate_projects import MODEL, Repository, loopback, repository, said, system_of

from promptctl.gate.preference import Compared, preference


def halves(text: str) -> tuple[str, str]:
    """What stands as answer A and as answer B before a judge."""
    first, second = text.split("Answer B:")
    return first.split("Answer A:")[1], second


def judging(body: Mapping[str, Any]) -> str:
    """Answers at length or tersely; the judge likes the one with a reason, and the first where neither has one."""
    if "compare two answers" not in system_of(body):
        terse = "terse" in system_of(body)
        number = int(said(body).split()[-1])
        return f"Thing {number}." if terse or number % 4 == 0 else f"Thing {number}, because I looked."
    one, other = halves(said(body))
    if ("because" in one) == ("because" in other):
        return json.dumps({"reason": "alike", "winner": "A"})
    return json.dumps({"reason": "it says why", "winner": "A" if "because" in one else "B"})


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with loopback() as server:
        yield server


@pytest.fixture
def server(shared: Any) -> Any:
    shared.reset()
    shared.answers.reply = judging
    return shared


@pytest.fixture
def repo(server: Any, tmp_path: Path) -> Repository:
    cases = [{"id": f"c{n}", "input": f"thing {n}", "assertions": [{"contains": "Thing"}]} for n in range(8)]
    made = repository(tmp_path / "project", server.url, cases=cases)
    assert made.run("judge", "add", "preference", "--model", MODEL).code == 0
    assert made.run("eval").code == 0
    made.prompt("Answer in a terse way.")
    assert made.run("eval").code == 0
    return made


def prefer(repo: Repository, *arguments: str) -> dict[str, Any]:
    done = repo.run("compare", "latest~1", "latest", "--judge", "preference", "--format", "json", *arguments)
    assert done.code == 0, done.err
    document: dict[str, Any] = done.document
    return document


def test_the_wins_of_both_sides_asked_in_both_orders(repo: Repository, server: Any) -> None:
    server.reset()
    server.answers.reply = judging
    [found] = prefer(repo)["preferences"]["prompts"]
    assert (found["n"], found["head_wins"], found["base_wins"], found["ties"], found["same"]) == (8, 0, 6, 2, 2)
    assert found["difference"] == -0.75
    assert found["interval"][1] < 0
    assert found["p_value"] == pytest.approx(1 / 64)  # mid-p of six losses in six: 2 (1/64) - 1/64
    assert (found["order_agreement"], found["to_first"], found["to_second"]) == (1.0, 0, 0)
    assert found["prefers_longer"] == 1.0
    assert len(server.requests) == 12  # six pairs in two orders; the same answers are a tie without a call
    server.reset()
    prefer(repo, "--offline")
    assert not server.requests


def test_a_judge_that_looks_at_the_place_prefers_nobody(repo: Repository, server: Any) -> None:
    server.answers.reply = lambda body: '{"winner": "A"}' if "compare two" in system_of(body) else judging(body)
    [one] = prefer(repo)["preferences"]["prompts"]
    assert (one["head_wins"], one["base_wins"], one["ties"]) == (0, 0, 8)
    assert (one["order_agreement"], one["to_first"], one["to_second"]) == (0.0, 6, 0)
    shown = repo.run("compare", "latest~1", "latest", "--judge", "preference")
    assert "Whose answers preference prefers" in shown.out
    assert re.search(r"reproduce +promptctl compare \S+ \S+ --judge preference\n", shown.out)
    assert "preference leans to what stands first: of 6 pairs the order decided 6 (6 to 0)" in shown.out


def test_what_it_refuses(repo: Repository) -> None:
    assert repo.run("judge", "add", "tone", "--model", MODEL).code == 0
    done = repo.run("compare", "latest~1", "latest", "--judge", "tone")
    assert (done.code, done.out) == (2, "")
    assert "the judge tone does not compare answers" in done.err
    done = repo.run("compare", "latest~1", "latest", "--judge", "prefrence")
    assert done.code == 4
    assert "did you mean 'preference'?" in done.err
    done = repo.run("compare", "HEAD", "worktree", "--judge", "preference")
    assert done.code == 2
    assert "--judge compares stored runs" in done.err


def test_a_case_that_is_gone_is_named(repo: Repository) -> None:
    repo.cases([{"id": "other", "input": "thing 1", "assertions": [{"contains": "Thing"}]}])
    done = repo.run("compare", "latest~1", "latest", "--judge", "preference")
    assert done.code == 2
    assert "bot: the golden set has no case 'c1' now" in done.err


def test_a_case_that_was_edited_since_is_not_asked_about(repo: Repository, server: Any) -> None:
    cases = [{"id": f"c{n}", "input": f"thing {n + (n == 5)}", "assertions": [{"contains": "Thing"}]} for n in range(8)]
    repo.cases(cases)
    server.reset()
    done = repo.run("compare", "latest~1", "latest", "--judge", "preference")
    assert (done.code, server.requests) == (2, [])
    assert "bot: the golden set has another case 'c5' now" in done.err
    assert "evaluate both sides again" in done.err


def test_a_verdict_that_is_missing_is_said_and_is_3(repo: Repository, server: Any) -> None:
    done = repo.run("compare", "latest~1", "latest", "--judge", "preference", "--offline", "--format", "json")
    assert done.code == 3
    assert [one["unjudged"] for one in done.document["preferences"]["prompts"]] == [6]
    server.answers.reply = lambda body: "both are fine" if "compare two" in system_of(body) else judging(body)
    done = repo.run("compare", "latest~1", "latest", "--judge", "preference")
    assert done.code == 3
    said_once = " ".join(done.out.split())
    assert "preference gave no verdict on 6 cases, counted for nobody; bot c1: its reply is no verdict" in said_once


def test_figures() -> None:
    rows = [
        Compared(f"c{n}", verdict, "A", "A", "A")
        for n, verdict in enumerate(["A"] * 5 + ["B"] * 2 + ["tie"] * 3 + [None])
    ]
    found = preference("p", rows)
    assert (found.cases, found.head, found.base, found.ties, found.unjudged) == (10, 5, 2, 3, 1)
    assert found.difference == pytest.approx(0.3)
    assert found.longer == pytest.approx(5 / 7)
    nothing = preference("p", [Compared("c", None)])
    assert (nothing.cases, nothing.difference, nothing.interval, nothing.order, nothing.longer) == (
        0,
        None,
        None,
        None,
        None,
    )
