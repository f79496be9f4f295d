"""`promptctl runs` as a process: runs that `eval` stored, read back, exported and deleted."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from promptctl.text.record import decode, encode


@pytest.fixture
def stored(evaluated_once: Path, project: Path) -> Path:
    """The folder of runs with one whole run in it."""
    shutil.copytree(evaluated_once, project, dirs_exist_ok=True)
    return project / ".promptctl/runs"


def older(stored: Path, stamp: str = "20200102T030405.678Z-0123abcd") -> Path:
    """A copy of the run under an id of another time."""
    run = next(path for path in stored.iterdir())
    copy = stored / stamp
    copy.mkdir()
    for file in run.iterdir():
        text = file.read_text()
        (copy / file.name).write_text(text.replace(run.name, stamp))
    return copy


def ids(stored: Path) -> list[str]:
    return sorted((path.name for path in stored.iterdir()), reverse=True)


def test_the_list_is_the_youngest_first(promptctl, stored: Path) -> None:
    copy = older(stored)
    ended = promptctl("runs", "list")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[1].split() == ["Run", "When", "Prompts", "Passed", "Cost", "Status"]
    assert [line.split()[0] for line in lines[2:4]] == ids(stored)
    assert "ticket-triage 1.0.0  2 of 2" in lines[2]
    assert lines[-1] == f"2 stored runs in {stored}"
    document = promptctl("runs", "list", "--format", "json").json
    assert (document["version"], document["kind"]) == (1, "runs")
    assert [run["id"] for run in document["runs"]] == ids(stored)
    assert document["runs"][1] == {
        "id": copy.name,
        "started_at": "2020-01-02T03:04:05.678+00:00",
        "status": "complete",
        "prompts": ["ticket-triage 1.0.0"],
        "cases": 2,
        "passed": 2,
        "cost_usd": document["runs"][0]["cost_usd"],
        "problem": None,
    }
    one = promptctl("runs", "list", "-n", "1")
    assert copy.name not in one.out
    assert "1 of 2 stored runs" in one.out


def test_no_runs_are_no_error(promptctl, project: Path) -> None:
    ended = promptctl("runs", "list")
    assert (ended.code, ended.err) == (0, "")
    assert "no stored runs" in ended.out
    assert list(project.iterdir()) == []
    latest = promptctl("runs", "show", "latest")
    assert (latest.code, latest.out) == (4, "")
    assert "there is no stored run yet" in latest.err


DAMAGES = {
    "cut off": lambda text: text[: len(text) // 2],
    "not an object": lambda text: "[1]",
    "of another shape": lambda text: json.dumps({**json.loads(text), "prompts": 5}),
    "without a summary": lambda text: json.dumps({**json.loads(text), "summary": "good"}),
    "of a version to come": lambda text: text.replace('"version": 1', '"version": 9'),
    "deeply nested": lambda text: "[" * 100_000,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_named_and_hides_no_other(promptctl, stored: Path, damage: str) -> None:
    bad = older(stored)
    (bad / "run.json").write_text(DAMAGES[damage]((bad / "run.json").read_text()))
    ended = promptctl("runs", "list", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    good, damaged = ended.json["runs"]
    assert (good["status"], damaged["status"], damaged["cases"]) == ("complete", "damaged", None)
    assert damaged["problem"]
    assert f"run {bad.name} is damaged: " in promptctl("runs", "list").out
    for command in ("show", "export"):
        refused = promptctl("runs", command, bad.name)
        assert (refused.code, refused.out) == (2, "")
        assert "bug" not in refused.err


def test_a_run_that_was_killed_is_unfinished(promptctl, stored: Path) -> None:
    whole = ids(stored)[0]
    killed = older(stored, "29990102T030405.678Z-0123abcd")
    (killed / "run.json").unlink()
    assert promptctl("runs", "list", "--format", "json").json["runs"][0]["status"] == "unfinished"
    latest = promptctl("runs", "show", "latest", "--format", "json")
    assert (latest.code, latest.json["id"]) == (0, whole)
    assert f"run {killed.name} was ended before it was written" in latest.err
    named = promptctl("runs", "show", killed.name)
    assert named.code == 2
    assert "was ended before it was written" in named.err
    traces = promptctl("runs", "export", killed.name, "--traces")
    assert (traces.code, traces.out) == (0, (killed / "traces.jsonl").read_text())


def test_show_is_the_report_of_eval(promptctl, project: Path, tmp_path: Path) -> None:
    promptctl("init")
    path = project / "golden/ticket-triage.yaml"
    # Two failures, of which the second has to pass: the order of the report is part of it.
    text = path.read_text().replace("not-contains: BANANA", "contains: BANANA")
    path.write_text(text.replace("{const: billing}, urgent: {const: false}", "{const: billing}, urgent: {const: true}"))
    names = ("text", "markdown", "junit", "html", "sarif", "github", "gitlab", "json")
    reports = [f"--report={name}={tmp_path / name}" for name in names]
    assert promptctl("eval", *reports).code == 1
    for name in names:
        shown = promptctl("runs", "show", "latest", "--format", name)
        assert (shown.code, shown.err) == (0, "")
        assert (name, shown.out) == (name, (tmp_path / name).read_text())


def test_show_takes_the_beginning_of_an_id(promptctl, stored: Path) -> None:
    run = older(stored).name
    assert promptctl("runs", "show", "2020", "--format", "json").json["id"] == run
    several = promptctl("runs", "show", "20")
    assert several.code == 2
    assert "'20' is the beginning of 2 runs" in several.err
    near = promptctl("runs", "show", run.replace("20200102", "20200201"))
    assert (near.code, near.out) == (4, "")
    assert f"did you mean {run}?" in near.err
    assert promptctl("runs", "export", "nothing").code == 4


def test_an_export_is_the_document_byte_for_byte_and_reads_back(promptctl, stored: Path, tmp_path: Path) -> None:
    run = ids(stored)[0]
    data = (stored / run / "run.json").read_bytes()
    assert promptctl("runs", "export", "latest").out.encode() == data
    latin = promptctl("runs", "export", "latest", env={"PYTHONIOENCODING": "latin-1"})
    assert latin.out.encode() == data
    file = tmp_path / "exported.json"
    assert promptctl("runs", "export", run, "--output", str(file)).out == ""
    assert file.read_bytes() == data
    assert encode(decode(json.loads(data))) == json.loads(data)
    elsewhere = promptctl("runs", "show", str(file), "--format", "json", cwd=tmp_path)
    assert elsewhere.json == json.loads(data)
    relative = promptctl("runs", "show", "-C", str(tmp_path), "exported.json")
    assert "PASS: 2 of 2 cases passed" in relative.out


def test_keys_nobody_knows_yet_survive_a_show(promptctl, stored: Path, tmp_path: Path) -> None:
    document = {**promptctl("runs", "export", "latest").json, "of_tomorrow": {"a": 1}}
    (tmp_path / "run.json").write_text(json.dumps(document))
    assert promptctl("runs", "show", str(tmp_path / "run.json"), "--format", "json").json == document


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not a run document: "),
        ("[]", "this is not a run document"),
        ('{"version": 1, "kind": "run"}', "has no 'id'"),
    ],
)
def test_a_file_that_is_no_run_is_placed(promptctl, project: Path, text: str, said: str) -> None:
    (project / "other.json").write_text(text)
    ended = promptctl("runs", "show", "other.json")
    assert (ended.code, ended.out) == (2, "")
    assert "other.json: " in ended.err
    assert said in ended.err
    assert "cannot be read: No such file" in promptctl("runs", "show", "absent.json").err


def test_prune_wants_to_be_told_what(promptctl, stored: Path) -> None:
    ended = promptctl("runs", "prune")
    assert ended.code == 2
    assert "needs to be told what may go" in ended.err
    assert len(ids(stored)) == 1


def test_prune_keeps_the_youngest(promptctl, stored: Path) -> None:
    first, second = older(stored), older(stored, "20210102T030405.678Z-0123abcd")
    would = promptctl("runs", "prune", "--keep", "1", "--dry-run")
    assert would.code == 0
    assert would.out.startswith(f"{second.name}\n{first.name}\nruns: would delete 2 runs, ")
    assert len(ids(stored)) == 3
    assert promptctl("runs", "prune", "--keep", "1").out.startswith("runs: deleted 2 runs, ")
    assert len(ids(stored)) == 1
    assert first.name not in ids(stored)
    assert promptctl("runs", "prune", "--keep", "1").out == "runs: nothing to delete, 1 stored\n"
    assert promptctl("runs", "prune", "--keep", "0").code == 0
    assert ids(stored) == []


def test_prune_by_age_spares_what_is_younger(promptctl, stored: Path) -> None:
    bad = older(stored)
    (bad / "run.json").write_text("{")
    assert "deleted 1 run" in promptctl("runs", "prune", "--older-than", "30").out
    assert (len(ids(stored)), bad.exists()) == (1, False)
    older(stored)
    both = promptctl("runs", "prune", "--older-than", "30", "--keep", "2")
    assert "nothing to delete, 2 stored" in both.out


def test_prune_of_the_cache_touches_no_run(promptctl, stored: Path) -> None:
    cache = stored.parent / "cache.sqlite"
    with sqlite3.connect(cache) as db:
        db.execute("UPDATE completions SET stored_at = 0 WHERE rowid = (SELECT min(rowid) FROM completions)")
    db.close()
    assert promptctl("runs", "prune", "--cache", "--dry-run").out == "cache: would drop 2 of 2 answers\n"
    aged = promptctl("runs", "prune", "--cache", "--older-than", "30")
    assert aged.out.startswith("runs: nothing to delete, 1 stored\ncache: dropped 1 of 2 answers; ")
    assert promptctl("runs", "prune", "--cache").out.startswith("cache: dropped 1 of 1 answer; ")
    assert len(ids(stored)) == 1
    assert promptctl("eval", "--case", "wish", "--format", "json").json["summary"]["completions"]["live"] == 1


def test_prune_without_a_cache(promptctl, project: Path) -> None:
    assert promptctl("runs", "prune", "--cache").out == "cache: nothing to drop, nothing is cached\n"
    assert list(project.iterdir()) == []


def test_a_state_directory_that_cannot_be_is_not_an_empty_one(promptctl, project: Path) -> None:
    (project / "file").write_text("")
    ended = promptctl("runs", "list", env={"PROMPTCTL_STATE_DIR": str(project / "file/state")})
    assert (ended.code, ended.out) == (3, "")
    assert "is not a folder" in ended.err


def test_on_a_terminal_ids_are_as_long_as_they_need_to_be(promptctl, on_terminal, stored: Path) -> None:
    older(stored)
    out = on_terminal("runs", "list", columns=80, env={"NO_COLOR": "1"})
    names = [line.split()[0] for line in out.splitlines()[2:4]]
    assert names == [run[:15] for run in ids(stored)]
    assert "Jan 02" not in out
    assert "2020-01-02" in out
    assert max(map(len, out.splitlines()[:4])) <= 80
    assert all(promptctl("runs", "show", name).code == 0 for name in names)
    older(stored, "20200102T030405.999Z-0123abcd")
    out = on_terminal("runs", "list", columns=120, env={"NO_COLOR": "1"})
    assert "20200102T030405.9 " in out


def test_an_export_to_a_terminal_is_the_same_value_and_moves_no_cursor(promptctl, on_terminal, stored: Path) -> None:
    path = stored / ids(stored)[0] / "run.json"
    path.write_text(path.read_text().replace("We have passed it on", "\u009b2J\u202e"))
    assert "\u009b" in promptctl("runs", "export", "latest").out
    shown = on_terminal("runs", "export", "latest", columns=80)
    assert "\u009b" not in shown
    assert json.loads(shown) == json.loads(path.read_text())
