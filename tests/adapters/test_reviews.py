"""The file of labels: appended, private, whole after a kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from promptctl.adapters.leaks import Leaks
from promptctl.adapters.reviews import Lines, VerdictStore
from promptctl.model.errors import InputError, UnavailableError

LEAKS = Leaks({"OPENAI_API_KEY": "a-very-secret-value"})


def test_lines_are_added_keys_taken_out_and_nobody_else_reads_them(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "reviews" / "x.jsonl", LEAKS)
    assert lines.read() == b""
    lines.append(["one\n"])
    lines.append(["a-very-secret-value\n", "three\n"])
    assert lines.read() == b"one\n[key removed]\nthree\n"
    assert lines.path.stat().st_mode & 0o077 == 0


def test_a_torn_line_is_ended_before_the_next(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "x.jsonl", LEAKS)
    lines.path.write_bytes(b'one\n{"item": "tw')
    lines.append(["three\n"])
    assert lines.read() == b'one\n{"item": "tw\nthree\n'


def test_two_labellers_at_once_lose_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from promptctl.adapters.leaks import Leaks\n"
        "from promptctl.adapters.reviews import Lines\n"
        "lines = Lines(Path(sys.argv[1]), Leaks({}))\n"
        "for n in range(60): lines.append([sys.argv[2] * 200 + '\\n'])\n"
    )
    path = tmp_path / "x.jsonl"
    processes = [subprocess.Popen([sys.executable, "-c", script, str(path), letter]) for letter in "ab"]
    assert [one.wait(60) for one in processes] == [0, 0]
    assert sorted(path.read_text().split()) == ["a" * 200] * 60 + ["b" * 200] * 60


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_refuses_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UnavailableError, match="cannot be written"):
        Lines(tmp_path / "x.jsonl", LEAKS).append(["one\n"])


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "reviews").write_text("")
    with pytest.raises(UnavailableError, match="cannot be written"):
        Lines(tmp_path / "reviews" / "x.jsonl", LEAKS).append(["one\n"])


def test_verdicts_the_youngest_first_and_damaged_ones_said(tmp_path: Path) -> None:
    for name, text in (
        ("20261130T010000.000Z-00000001", json.dumps({"kind": "verdict"})),
        ("20261130T020000.000Z-00000002", "[]"),
        ("notes", "{}"),
    ):
        (tmp_path / f"{name}.json").write_text(text)
    store = VerdictStore(tmp_path)
    assert store.ids() == ("20261130T020000.000Z-00000002", "20261130T010000.000Z-00000001")
    assert store.document(store.ids()[1]) == {"kind": "verdict"}
    with pytest.raises(InputError, match="not an object"):
        store.document(store.ids()[0])
    with pytest.raises(InputError, match="cannot be read"):
        store.document("20261130T030000.000Z-00000003")
    assert VerdictStore(None).ids() == ()
    assert VerdictStore(tmp_path / "none").ids() == ()
