"""`promptctl accept`: an approval is part of the change, holds for one finding, and is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from promptctl.rules.diff.engine.accepted import FILE

PROMPT = 'version: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\ninputs: {a: {type: string}, b: {type: string}}\nuser_prompt: "{{ a }} {{ b }}"\n'
WITHOUT_B = PROMPT.replace(", b: {type: string}", "").replace(" {{ b }}", "")
Run = Callable[..., Any]


@pytest.fixture
def changed(git: Run, project: Path) -> Run:
    """A repository in which an input was removed, not committed yet; gives git."""
    git("init", "-q")
    (project / "prompts").mkdir()
    (project / "prompts" / "bot.yaml").write_text(PROMPT)
    git("add", "-A")
    git("commit", "-qm", "first")
    (project / "prompts" / "bot.yaml").write_text(WITHOUT_B)
    return git


def broken(promptctl: Run, *arguments: str) -> str:
    """The fingerprint of the removed input."""
    found = promptctl("diff", "--format", "json", *arguments).json["findings"]
    return next(one["fingerprint"] for one in found if one["rule"] == "PD103")


def test_an_accepted_finding_is_shown_and_not_counted(changed: Run, promptctl: Run, project: Path) -> None:
    mark = broken(promptctl)
    assert promptctl("diff", "--check").code == 1
    ended = promptctl("accept", mark[:8], "--reason", 'Nobody gives b: #42, "as agreed"')
    assert ended.code == 0, ended.err
    assert mark in ended.out
    checked = promptctl("diff", "--check")
    assert checked.code == 0
    assert f"Accepted in {FILE}" in checked.out
    assert 'accepted: Nobody gives b: #42, "as agreed"' in checked.out
    found = promptctl("diff", "--format", "json").json
    assert found["summary"]["accepted"] == 1
    row = next(one for one in found["findings"] if one["fingerprint"] == mark)
    assert row["accepted"] == {"reason": 'Nobody gives b: #42, "as agreed"', "expires": None}
    assert mark not in promptctl("diff", "--format", "sarif").out


def test_it_holds_across_commits_and_for_nothing_else(changed: Run, promptctl: Run, project: Path) -> None:
    promptctl("accept", broken(promptctl), "--reason", "agreed")
    changed("add", "-A")
    changed("commit", "-qm", "second")
    assert promptctl("diff", "--check", "HEAD~1").code == 0
    (project / "prompts" / "bot.yaml").write_text(
        'version: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\ninputs: {c: {type: string}}\nuser_prompt: "{{ c }}"\n'
    )
    ended = promptctl("diff", "--check", "--format", "json", "HEAD~1")
    assert ended.code == 1
    assert [one["message"] for one in ended.json["findings"] if one["rule"] == "PD103" and not one["accepted"]] == [
        "the input 'a' is gone"
    ]


def test_what_is_in_the_base_already_approves_nothing(changed: Run, promptctl: Run, project: Path) -> None:
    promptctl("accept", broken(promptctl), "--reason", "agreed")
    changed("add", "-A")
    changed("commit", "-qm", "second")
    (project / "prompts" / "bot.yaml").write_text(PROMPT)
    changed("commit", "-qam", "b is back")
    (project / "prompts" / "bot.yaml").write_text(WITHOUT_B)
    ended = promptctl("diff", "--check", "--format", "json")
    assert ended.code == 1
    assert {one["rule"] for one in ended.json["findings"]} == {"PD103", "PD401"}
    assert promptctl("accept", broken(promptctl), "--reason", "agreed again").code == 0
    assert promptctl("diff", "--check").code == 0
    assert (project / FILE).read_text().count("fingerprint:") == 1


def test_expired_and_unknown_ones_are_findings(changed: Run, promptctl: Run, project: Path) -> None:
    mark = broken(promptctl)
    (project / FILE).write_text(f'accepted:\n  - {{fingerprint: "{mark}", reason: agreed, expires: 2020-01-31}}\n')
    ended = promptctl("diff", "--check", "--format", "json")
    assert ended.code == 1
    assert {one["rule"] for one in ended.json["findings"]} == {"PD103", "PD401", "PD004"}
    (project / FILE).write_text('accepted:\n  - {fingerprint: "0123456789ab", reason: agreed}\n')
    ended = promptctl("diff", "--check", "--format", "json")
    assert {one["rule"] for one in ended.json["findings"]} == {"PD103", "PD401", "PD003"}
    row = next(one for one in ended.json["findings"] if one["rule"] == "PD003")
    assert (row["path"], row["severity"]) == (FILE, "warning")


def test_what_cannot_be_accepted(changed: Run, promptctl: Run, project: Path) -> None:
    mark = broken(promptctl)
    for arguments, said in (
        ((mark, "--reason", " "), "--reason is empty"),
        ((mark, "--reason", "x", "--expires", "tomorrow"), "is no day"),
        ((mark, "--reason", "x", "--expires", "2020-01-01"), "is over already"),
        (("ffffffffffff", "--reason", "x"), "has the fingerprint 'ffffffffffff'"),
        ((mark[:3], "--reason", "x"), "too short"),
        ((mark, "--reason", "x", "--against", "nosuch"), "git knows no revision"),
        ((mark,), "--reason"),
    ):
        ended = promptctl("accept", *arguments)
        assert (ended.code, ended.out) == (2, ""), arguments
        assert said in ended.err
    assert not (project / FILE).exists()
    (project / FILE).write_text("accepted:\n  - {fingerprint: abc, reason: x}\n")
    ended = promptctl("diff")
    assert ended.code == 2
    assert f"{FILE}:2:" in ended.err
