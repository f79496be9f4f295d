"""Every exit code of `promptctl eval`, reached through the console script, and which one wins."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.eval_projects import Project, asked, case, environment, lines, loopback, make_project

BROKEN = (
    "import sys\nfrom promptctl.cli import boundary\nfrom promptctl.model.errors import InputError, UnavailableError\n"
)


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


@pytest.fixture
def given(tmp_path: Path) -> Project:
    """Three cases without a provider: a passes on "a", b fails unless "b" is said, c has no answer in the file."""
    project = make_project(tmp_path, api_base=None, cases=[case("a"), case("b"), case("c")])
    project.write("pass.jsonl", lines(*({"case": name, "output": name} for name in "abc")))
    project.write(
        "fail.jsonl", lines({"case": "a", "output": "a"}, {"case": "b", "output": "x"}, {"case": "c", "output": "c"})
    )
    project.write("error.jsonl", lines({"case": "a", "output": "a"}, {"case": "b", "output": "b"}))
    project.write("both.jsonl", lines({"case": "a", "output": "a"}, {"case": "b", "output": "x"}))
    return project


@pytest.mark.parametrize(
    ("answers", "code"),
    [("pass", 0), ("fail", 1), ("error", 3), ("both", 1)],
    ids=["pass", "fail", "error", "fail over error"],
)
def test_what_the_cases_say_is_the_exit_code(given: Project, answers: str, code: int) -> None:
    assert given.eval("--outputs", f"{answers}.jsonl").code == code
    assert given.eval("--outputs", f"{answers}.jsonl", "--exit-code", "bisect").code == {3: 125}.get(code, code)


def test_what_is_wrong_before_anything_is_judged_is_2(given: Project) -> None:
    for arguments in (
        ("--no-such-option",),
        ("--samples", "0"),
        ("--format", "jsn"),
        ("--report", "junit"),
        ("--exit-code", "banana"),
        ("--outputs", "absent.jsonl"),
        ("--offline", "--refresh"),
        ("-C", "nowhere"),
        ("--max-cost", "nan"),
        ("--max-cost", "inf"),
        ("--min-pass-rate", "nan"),
        ("--samples", "99999999999"),
        ("--model", ""),
    ):
        done = given.eval(*arguments)
        assert (done.code, done.out) == (2, ""), arguments
        assert "promptctl: error: " in done.err, arguments
        assert "Traceback" not in done.err, arguments
    given.write("golden/bot.yaml", "cases: [")
    assert given.eval("--outputs", "fail.jsonl").code == 2
    assert given.eval("--outputs", "fail.jsonl", "--exit-code", "bisect").code == 125


def test_closed_streams_change_no_code(given: Project) -> None:
    command = " ".join(given.command("--outputs", "pass.jsonl"))
    for closed, arguments, code in ((">&-", "", 0), (">&- 2>&-", "--case zz", 4), ("<&- >&- 2>&-", "", 0)):
        done = subprocess.run(
            ["sh", "-c", f"{command} {arguments} {closed}"],
            cwd=given.root,
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (code, b""), closed
        assert b"bug" not in done.stderr


@pytest.mark.slow
def test_selecting_nothing_is_4_and_on_request_0(given: Project) -> None:
    for arguments, hint in (
        (("bto",), "did you mean 'bot'?"),
        (("--case", "aa"), "did you mean 'a'?"),
        (("--tag", "critical"), "they have no tags"),
        (("bot@9.9.9",), "1.0.0"),
    ):
        done = given.eval("--outputs", "pass.jsonl", *arguments)
        assert (done.code, done.out) == (4, ""), arguments
        assert hint in done.err, arguments
        assert given.eval("--outputs", "pass.jsonl", *arguments, "--allow-empty").code == 0, arguments
        assert given.eval("--outputs", "pass.jsonl", *arguments, "--exit-code", "bisect").code == 125, arguments


def test_an_empty_project_is_4(tmp_path: Path) -> None:
    done = Project(tmp_path).eval()
    assert done.code == 4
    assert "prompts" in done.err
    assert Project(tmp_path).eval("--allow-empty").code == 0


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        ("RuntimeError('a stray thing')", 70),
        ("AssertionError()", 70),
        ("InputError('wrong')", 2),
        ("UnavailableError('down')", 3),
        ("KeyboardInterrupt()", 130),
    ],
)
def test_exceptions_become_codes(tmp_path: Path, raised: str, code: int) -> None:
    script = f"{BROKEN}def work():\n    raise {raised}\nsys.exit(boundary.guarded(work))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(TMPDIR=str(tmp_path)),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    saved = list(tmp_path.glob("promptctl-crash-*"))
    assert bool(saved) == (code == 70)
    for place in saved:
        assert str(place) in done.stderr
        assert raised.partition("(")[0] in place.read_text()
        assert "litellm 1." in place.read_text()


def test_bisect_skips_what_is_a_bug(tmp_path: Path) -> None:
    script = f"{BROKEN}def work():\n    raise RuntimeError\nsys.exit(boundary.settled(work, exit_code='bisect'))"
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment(TMPDIR=str(tmp_path)), capture_output=True, check=False
    )
    assert done.returncode == 125


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_is_finished(tmp_path: Path, server: Any, number: int, code: int) -> None:
    cases = [case("quick-1"), case("quick-2"), *(case(f"stuck-{place}") for place in range(3))]
    project = make_project(tmp_path, api_base=server.url, cases=cases)
    server.fail("hang", "match:stuck")
    running = project.start("--format", "json", "--record")
    _until(lambda: len(server.requests) == 5 and _cached(project) == 2)
    running.send_signal(number)
    out, err = running.communicate(timeout=10)
    assert running.returncode == code
    shown = json.loads(out)
    assert (shown["status"], shown["summary"]["cases"], shown["summary"]["passed"]) == ("interrupted", 2, 2)
    assert "2 of 5 samples were finished" in err.decode()
    assert json.loads(project.run_files("run.json")[-1].read_text()) == shown
    assert len((tmp_path / "recordings" / "bot.jsonl").read_text().splitlines()) == 2

    server.reset()
    again = project.json()
    assert again.code == 0
    assert again.document["status"] == "complete"
    assert again.document["summary"]["completions"] == {"live": 3, "cached": 2, "recorded": 0, "given": 0}
    assert sorted(asked(server)) == ["stuck-0", "stuck-1", "stuck-2"]


def test_of_an_interrupted_run_only_whole_cases_count(tmp_path: Path, server: Any) -> None:
    """One good sample of three does not make a case that passed."""
    cases = [case("whole", samples=2), case("half", samples=3)]
    project = make_project(tmp_path, api_base=server.url, cases=cases, config={"eval": {"concurrency": 1}})
    server.fail("hang", "nth:4")
    running = project.start("--format", "json")
    _until(lambda: len(server.requests) == 4 and _cached(project) == 3)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=10)
    shown = json.loads(out)
    assert running.returncode == 130
    assert {row["case"] for row in shown["results"]} == {"whole"}
    assert (shown["summary"]["cases"], shown["summary"]["passed"]) == (1, 1)
    assert "3 of 5 samples were finished" in err.decode()


def test_a_second_signal_ends_at_once(tmp_path: Path, server: Any) -> None:
    """Code that the first signal waits for cannot hold the process."""
    project = make_project(tmp_path, api_base=server.url, cases=[case("a", {"python": "slow.py:check"})])
    project.write(
        "slow.py",
        "import time, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\ndef check(output, context):\n    time.sleep(60)\n",
    )
    running = project.start()
    _until(lambda: _cached(project) == 1)
    running.terminate()
    time.sleep(0.1)
    if running.poll() is None:
        running.terminate()
    running.communicate(timeout=8)
    assert running.returncode in (143, -signal.SIGTERM)  # a shell calls both 143


def _cached(project: Project) -> int:
    path = project.state / "cache.sqlite"
    if not path.exists():
        return 0
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute("select count(*) from completions").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


def _until(holds: Any, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)
