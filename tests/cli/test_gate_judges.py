"""Judges in the gate: one judge for both sides, labels that decide whether it may block, bounds of metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from gate_projects import MODEL, Repository, loopback, repository, said, system_of

from promptctl.assertions.reading.judging import identity_of
from promptctl.model.label import Drawn, Judged, Label, Material
from promptctl.model.source import Blob
from promptctl.text.labels import encode_labels, item_of
from promptctl.text.prompt import parse_prompt

LENIENT, STRICT = "You are a lenient judge.", "You are a strict judge."
TERSE = "Answer tersely."


def two_models(body: Mapping[str, Any]) -> str:
    """A prompt that answers at length unless told to be terse; judges that differ on terse answers and on thing 3."""
    system, text = system_of(body), said(body)
    if LENIENT in system or STRICT in system:
        bad = "Short." in text or (STRICT in system and "thing 3" in text)
        return json.dumps({"reason": "as I see it", "score": 2 if bad else 5})
    return "Short." if TERSE in system else f"It is under Settings: {text}"


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    with loopback() as server:
        yield server


@pytest.fixture
def server(shared: Any) -> Any:
    shared.reset()
    shared.answers.reply = two_models
    return shared


@pytest.fixture
def repo(server: Any, tmp_path: Path) -> Repository:
    cases = [{"id": f"c{n}", "input": f"thing {n}", "rubric": "Says where."} for n in range(12)]
    made = repository(tmp_path / "project", server.url, cases=cases)
    judge(made, LENIENT)
    made.commit("a judge")
    return made


def judge(repo: Repository, system: str) -> None:
    repo.project.write(
        "judges/fair.yaml",
        f"model: {MODEL}\nversion: 1.0.0\nscale: 1-5\nthreshold: 4\nsystem_prompt: {system}\n"
        'user_prompt: "<rubric>{{ rubric }}</rubric>{{ output }}"\n',
    )


def label(
    repo: Repository, *, caught: int, missed: int, passes: int = 60, pool: Mapping[str, int] | None = None
) -> None:
    """People's labels: fails that the judge caught and missed, and passes it passed. pool: the strata drawn from."""
    url = json.loads((repo.root / "promptctl.yaml").read_text())["providers"]["openai"]["api_base"]
    blob = Blob("judges/fair.yaml", (repo.root / "judges/fair.yaml").read_bytes())
    digest = identity_of(parse_prompt(blob, lambda path: Blob(path, b""), judge=True), url)
    rows = [("fail", "fail")] * caught + [("fail", "pass")] * missed + [("pass", "pass")] * passes
    labels = []
    for number, (human, outcome) in enumerate(rows):
        material = Material(rubric="Says where.", output=f"answer {number}")
        judged = Judged(digest=digest, outcome=outcome, score=5 if outcome == "pass" else 2, threshold=4)
        drawn = None if pool is None else Drawn(digest, outcome, pool[outcome], sum(pool.values()))
        labels.append(
            Label(
                item_of(material),
                "bot",
                f"c{number}",
                0,
                material,
                human,
                "anna",
                "2026-11-01T10:00:00+00:00",
                None,
                judged,
                drawn,
            )
        )
    repo.project.write("judges/fair.labels.jsonl", encode_labels(labels))


def kinds(server: Any) -> Counter[str]:
    """How often each judge, and the prompt, was asked."""
    names = {LENIENT: "lenient", STRICT: "strict"}
    found = (
        next((name for text, name in names.items() if text in system_of(one.json)), "prompt") for one in server.requests
    )
    return Counter(found)


def test_when_a_judge_changes_stored_answers_are_judged_again_and_never_asked_again(
    repo: Repository, server: Any
) -> None:
    assert repo.gate(against="HEAD").document["rule"] == "unaffected"
    judge(repo, STRICT)
    first = repo.gate()
    assert (first.code, first.document["rule"]) == (0, "identical"), first.out
    assert kinds(server) == {"prompt": 12, "lenient": 12, "strict": 12}
    [note] = [one for one in first.document["notes"] if "another judge" in one]
    assert (
        "of the same 12 answers the one in force passes 12 and that of the change 11 (1 newly fail, 0 newly pass"
        in note
    )
    server.reset()
    server.answers.reply = two_models
    by_head = repo.gate("--policy-from", "head")
    [prompt] = by_head.document["prompts"]
    assert (prompt["base_passed"], prompt["head_passed"], by_head.document["rule"]) == (11, 11, "identical")
    assert kinds(server) == {}  # both sides were rescored by the new judge from what is stored


def test_both_sides_are_judged_by_the_judge_of_the_base(repo: Repository, server: Any) -> None:
    judge(repo, STRICT)
    repo.prompt("Answer well.")
    done = repo.gate()
    assert done.document["prompts"][0]["head_passed"] == 12
    assert done.document["prompts"][0]["regressions"] == 0


def test_a_judge_without_labels_only_warns_where_the_policy_asks_for_them(repo: Repository) -> None:
    repo.prompt(TERSE)
    blocked = repo.gate()
    assert (blocked.code, blocked.document["verdict"]) == (1, "fail")
    [fair] = blocked.document["judges"]
    assert (fair["name"], fair["labels"], fair["note"]) == ("fair", 0, "nobody has labelled what it judged")
    repo.git("stash", "-q")
    repo.config(gate={"min_tnr": 0.8})
    repo.commit("ask for labels")
    repo.git("stash", "pop", "-q")
    warned = repo.gate()
    assert (warned.code, warned.document["rule"]) == (0, "judge-unproven")
    assert "by their word alone 12 cases would newly fail" in warned.document["reasons"][0]
    shown = repo.run("gate", "--against", "HEAD")
    assert "Judges in force" in shown.out
    assert "only warn: nobody has labelled what it judged" in shown.out
    strict = repo.run("gate", "--against", "HEAD", "--exit-code", "bisect")
    assert strict.code == 0


@pytest.mark.parametrize(
    ("caught", "missed", "code", "rule"),
    [(60, 0, 1, "must-pass"), (40, 20, 0, "judge-unproven"), (3, 0, 0, "judge-unproven")],
)
def test_labels_decide_whether_it_may_block(
    repo: Repository, caught: int, missed: int, code: int, rule: str, server: Any
) -> None:
    repo.config(gate={"min_tnr": 0.8})
    label(repo, caught=caught, missed=missed)
    repo.commit("labels")
    repo.prompt(TERSE)
    done = repo.gate()
    assert done.code == code, done.out
    assert (done.document["rule"] == "judge-unproven") == (rule == "judge-unproven")
    [fair] = done.document["judges"]
    assert (fair["labels"], fair["fails"]) == (60 + caught + missed, caught + missed)
    assert fair["tnr"] == pytest.approx(caught / (caught + missed))
    assert fair["tnr_lower"] < fair["tnr"]


def test_labels_drawn_by_verdict_prove_only_what_they_stand_for(repo: Repository) -> None:
    """No failure among 60 of 1,800 passes does not show that the judge misses none: raw counts would, at 95 %."""
    repo.config(gate={"min_tnr": 0.8})
    label(repo, caught=60, missed=0, pool={"pass": 1800, "fail": 200})
    repo.commit("labels")
    repo.prompt(TERSE)
    done = repo.gate()
    assert done.document["rule"] == "judge-unproven", done.out
    [fair] = done.document["judges"]
    assert (fair["tnr"], fair["fails"]) == (1.0, 60)
    assert 0.5 < fair["tnr_lower"] < 0.7


def test_labels_of_the_change_do_not_vouch_for_its_judge(repo: Repository) -> None:
    repo.config(gate={"min_tnr": 0.8})
    repo.commit("ask for labels")
    label(repo, caught=60, missed=0)
    repo.prompt(TERSE)
    assert repo.gate().document["rule"] == "judge-unproven"


def test_labels_given_to_another_judge_count_nothing(repo: Repository) -> None:
    repo.config(gate={"min_tnr": 0.8})
    label(repo, caught=60, missed=0)
    judge(repo, STRICT)
    repo.commit("labels, and then another judge")
    repo.prompt(TERSE)
    done = repo.gate()
    assert done.document["rule"] == "judge-unproven"
    [fair] = done.document["judges"]
    assert fair["labels"] == 0
    assert "120 labelled items not judged by it as it is now: promptctl judge audit fair" in fair["note"]


def test_labels_that_cannot_be_read_do_not_disarm_the_gate(repo: Repository, server: Any) -> None:
    repo.config(gate={"min_tnr": 0.8})
    label(repo, caught=60, missed=0)
    good = (repo.root / "judges/fair.labels.jsonl").read_bytes()
    repo.project.write("judges/fair.labels.jsonl", good + b"garbage\n")
    repo.commit("broken labels")
    repo.prompt(TERSE)
    done = repo.run("gate", "--against", "HEAD")
    assert done.code == 2, done.out
    assert "judges/fair.labels.jsonl:121" in done.err
    assert "--policy-from head" in done.err
    assert not server.requests  # nothing was paid for
    repo.project.write("judges/fair.labels.jsonl", good)
    assert repo.run("gate", "--against", "HEAD", "--policy-from", "head").code == 1


def test_labels_that_cannot_be_read_are_a_note_where_no_share_of_failures_is_asked_for(repo: Repository) -> None:
    repo.project.write("judges/fair.labels.jsonl", "{broken\n")
    repo.commit("broken labels")
    repo.prompt(TERSE)
    done = repo.gate()
    assert done.code == 1
    assert "its labels cannot be read: judges/fair.labels.jsonl:1" in done.document["judges"][0]["note"]


def test_metrics_are_in_the_run_and_can_be_bounded(repo: Repository) -> None:
    repo.config(gate={"metrics": {"judge_score": {"min": 0.9}}})
    repo.commit("a floor")
    ran = json.loads(repo.run("eval", "--format", "json").out)
    assert ran["summary"]["metrics"]["judge_score"] == 1.0
    repo.config(gate={"metrics": {"judge_score": {"min": 0.9}, "faithfullness": {"min": 1}}})
    bad = repo.run("eval")
    assert bad.code == 2
    assert "unknown key 'faithfullness'" in bad.err
    assert "did you mean 'faithfulness'?" in bad.err
