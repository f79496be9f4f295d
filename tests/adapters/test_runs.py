"""Stored runs and traces: whole or absent, found by a few letters, and pruned by age and number."""

from __future__ import annotations

import json
import os
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from promptctl.adapters.leaks import Leaks
from promptctl.adapters.runs import ID, RunStore, new_id
from promptctl.adapters.traces import TraceWriter, read_traces
from promptctl.model.errors import InputError

NOW = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)
LEAKS = Leaks({"A_KEY": "the-secret-value"})


def store(folder: Path | None) -> RunStore:
    return RunStore(folder, LEAKS)


def keep(runs: RunStore, at: datetime, **document: object) -> str:
    run = new_id(at)
    assert runs.begin(run, pytest.fail) is not None
    whole = {
        "version": 1,
        "kind": "run",
        "id": run,
        "status": "complete",
        "summary": {"cases": 1},
        "prompts": [{"name": "bot"}],
    }
    assert runs.save(run, whole | document, pytest.fail) is not None
    return run


def test_ids_sort_by_time_and_never_meet() -> None:
    ids = [new_id(NOW + timedelta(milliseconds=n)) for n in range(50)]
    assert sorted(ids) == ids
    assert all(ID.fullmatch(run) for run in ids)
    assert len({new_id(NOW) for _ in range(200)}) == 200


def test_a_saved_run_is_read_as_it_was_written_without_keys(tmp_path: Path) -> None:
    runs = store(tmp_path / "runs")
    run = keep(runs, NOW, notes=["ü \u2028 the-secret-value"], results=[{"output": "x" * 1000}])
    exported = runs.read(run)
    assert json.loads(exported) == runs.document(run)
    assert runs.document(run)["notes"] == ["ü \u2028 [key removed]"]
    assert (tmp_path / "runs" / run / "run.json").read_bytes() == exported
    assert runs.document(keep(runs, NOW, notes=["\ud800"]))["notes"] == ["\ud800"]


def test_the_list_is_youngest_first_and_shows_what_was_killed(tmp_path: Path) -> None:
    runs = store(tmp_path / "runs")
    old, young = keep(runs, NOW), keep(runs, NOW + timedelta(seconds=1))
    killed, damaged = new_id(NOW + timedelta(seconds=2)), new_id(NOW + timedelta(seconds=3))
    assert runs.begin(killed, pytest.fail)
    (tmp_path / "runs" / damaged).mkdir()
    (tmp_path / "runs" / damaged / "run.json").write_text('{"half')
    (tmp_path / "runs" / "something else").mkdir()
    (tmp_path / "runs" / new_id(NOW)).symlink_to(tmp_path)
    listed = runs.list()
    assert [(one.id, one.status) for one in listed] == [
        (damaged, "unfinished"),
        (killed, "unfinished"),
        (young, "complete"),
        (old, "complete"),
    ]
    assert listed[2].prompts == ("bot",)
    assert listed[2].started == (NOW + timedelta(seconds=1)).replace(microsecond=123000)
    with pytest.raises(InputError, match="ended before it was written"):
        runs.read(killed)
    with pytest.raises(InputError, match="damaged"):
        runs.document(damaged)


def test_a_run_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    runs = store(tmp_path / "runs")
    first, second = keep(runs, NOW), keep(runs, NOW + timedelta(days=1))
    assert (runs.find(first), runs.find(first[:8]), runs.find("latest")) == (first, first, second)
    with pytest.raises(InputError, match="beginning of 2 runs"):
        runs.find("2026")
    for wrong in ("", "../..", "nothing", first + "x"):
        with pytest.raises(InputError, match="no stored run"):
            runs.find(wrong)
    with pytest.raises(InputError, match="no stored run"):
        store(None).find("latest")


def test_prune_keeps_the_youngest_and_the_new(tmp_path: Path) -> None:
    runs = store(tmp_path / "runs")
    ids = [keep(runs, NOW - timedelta(days=days)) for days in (0, 1, 2, 3)]
    assert runs.prune(now=NOW, keep=1, older_than_s=1.5 * 86400) == tuple(ids[2:])
    assert runs.prune(now=NOW, keep=5) == ()
    assert runs.prune(now=NOW, keep=1) == (ids[1],)
    assert runs.prune(now=NOW) == (ids[0],)
    assert runs.ids() == ()


def test_without_a_place_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    runs = store(None)
    run = new_id(NOW)
    assert (runs.begin(run, pytest.fail), runs.save(run, {}, pytest.fail), runs.list(), runs.prune(now=NOW)) == (
        None,
        None,
        (),
        (),
    )
    (tmp_path / "file").write_text("")
    warnings: list[str] = []
    refused = store(tmp_path / "file")
    assert refused.begin(run, warnings.append) is None
    assert refused.save(run, {}, warnings.append) is None
    assert len(warnings) == 1
    assert "this run is not kept" in warnings[0]


def limited(size: int) -> tuple[int, int]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    return before


def test_a_full_disk_is_a_warning_and_leaves_only_whole_lines(tmp_path: Path) -> None:
    runs, warnings = store(tmp_path / "runs"), list[str]()
    run = new_id(NOW)
    path = runs.begin(run, pytest.fail)
    writer = TraceWriter(path, LEAKS, warnings.append)
    before = limited(5000)
    try:
        for n in range(60):
            writer.write({"n": n, "text": "x" * 100, "none": None})
        assert runs.save(run, {"big": "x" * 10_000}, warnings.append) is None
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        writer.close()
    assert path is not None
    text = path.read_text()
    assert text.endswith("}\n")
    assert [json.loads(line)["n"] for line in text.splitlines()] == list(range(len(text.splitlines())))
    assert ["later calls are not traced" in warnings[0], "disk is full" in warnings[1]] == [True, True]
    assert [entry.name for entry in (tmp_path / "runs" / run).iterdir()] == ["traces.jsonl"]


def test_a_trace_file_cut_off_in_its_last_line_is_read_up_to_there(tmp_path: Path) -> None:
    path = tmp_path / "traces.jsonl"
    writer = TraceWriter(path, LEAKS, pytest.fail)
    writer.write({"a": "ü\n"})
    writer.close()
    with path.open("ab") as file:
        file.write(b'{"a": "cut')
    assert read_traces(path) == ({"a": "ü\n"},)
    assert read_traces(tmp_path / "absent") == ()
    writer = TraceWriter(tmp_path / "absent" / "t", LEAKS, lambda text: os.environ.get(text))
    writer.write({"a": 1})
    TraceWriter(None, LEAKS, pytest.fail).write({"a": 1})
