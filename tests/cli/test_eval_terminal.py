"""`promptctl eval` on a terminal, in a pipe, and what it traces."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

import pytest
from tests.cli.eval_projects import MODEL, Finished, Project, case, environment, loopback, make_project

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
WORDY = "The answer is long: " + "word " * 40


@pytest.fixture
def server() -> Iterator[Any]:
    with loopback() as running:
        yield running


def on_terminal(project: Project, *arguments: str, columns: int, errors_too: bool = True, **env: str) -> Finished:
    """Run it with stdout and stderr on two terminals of that width (stderr in a pipe without `errors_too`)."""
    ends = [pty.openpty() for _ in range(2)]
    for _, child in ends:
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    running = subprocess.Popen(
        project.command(*arguments),
        cwd=project.root,
        env=environment(**{"TERM": "xterm-256color", **project.env, **env}),
        stdin=subprocess.DEVNULL,
        stdout=ends[0][1],
        stderr=ends[1][1] if errors_too else subprocess.DEVNULL,
        close_fds=True,
    )
    for _, child in ends:
        os.close(child)
    heard = {ours: b"" for ours, _ in ends}
    open_ends, until = set(heard), time.monotonic() + 30
    while open_ends and time.monotonic() < until:
        for ready in select.select(list(open_ends), [], [], 0.2)[0]:
            try:
                data = os.read(ready, 65536)
            except OSError:  # the other side is closed: Linux says EIO
                data = b""
            heard[ready] += data
            if not data:
                open_ends.discard(ready)
    code = running.wait(timeout=10)
    for ours in heard:
        os.close(ours)
    out, err = (heard[ours].decode().replace("\r\n", "\n") for ours, _ in ends)
    return Finished(code, out, err)


def width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in ESCAPE.sub("", text))


@pytest.mark.parametrize("columns", [80, 40])
def test_a_terminal_shows_progress_on_stderr_and_colours(tmp_path: Path, server: Any, columns: int) -> None:
    server.latency_s = 0.15
    server.answers.reply = lambda _: WORDY
    cases = [
        case(f"case-{n}-with-a-long-name", {"contains": "answer"} if n else {"contains": "absent"}) for n in range(12)
    ]
    project = make_project(tmp_path, api_base=server.url, cases=cases, config={"eval": {"concurrency": 4}})
    done = on_terminal(project, columns=columns)
    assert done.code == 1
    assert COLOUR.search(done.out)
    assert "FAIL" in done.out
    assert max(width(line) for line in done.out.splitlines()) <= columns
    assert re.search(r"\d+/12", done.err)
    assert "\n" not in done.err.rstrip("\n").rpartition("\r")[0]  # one line, written over and over
    assert all(width(part) <= columns for part in re.split(r"[\r\n]", done.err))
    assert not re.search(r"\d+/12", done.out)
    # The line is gone when the run is over: the last thing said is a wiped line.
    assert ESCAPE.sub("", done.err).rstrip("\n").rpartition("\r")[2].strip() == ""


def test_colours_and_progress_can_be_had_without(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=[case("a"), case("b", {"contains": "x"})])
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        plain = on_terminal(project, columns=80, **variables)
        assert not COLOUR.search(plain.out + plain.err), variables
        assert "FAIL" in plain.out
    quiet = on_terminal(project, "--quiet", columns=80)
    assert quiet.err == ""
    piped = project.eval()
    assert "\x1b" not in piped.out + piped.err
    assert "\r" not in piped.err
    assert piped.err == ""
    assert json.loads(on_terminal(project, "--format", "json", columns=40).out)["summary"]["failed"] == 1


def test_a_reader_that_leaves_is_no_error(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url, cases=[case(f"c{n}", said=f"{n} " * 300) for n in range(300)])
    command = " ".join(project.command("--format", "json"))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | head -1; echo ${{PIPESTATUS[0]}}"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "{\n0\n"
    assert done.stderr == ""


def test_a_locale_that_cannot_say_it_gets_it_spelt(tmp_path: Path, server: Any) -> None:
    server.answers.reply = lambda _: "Grüße 🚲"
    project = make_project(tmp_path, api_base=server.url, cases=[case("grüße", {"contains": "x"})])
    done = project.eval(PYTHONIOENCODING="ascii")
    assert done.code == 1
    assert "gr\\xfc" in done.out
    assert "Traceback" not in done.err
    assert project.eval(PYTHONIOENCODING="latin-1").code == 1


def test_traces_are_one_line_a_call(tmp_path: Path, server: Any) -> None:
    server.chunk_gap_s = 0.05
    cases = [case("first word and more"), case("lost", samples=1)]
    project = make_project(
        tmp_path,
        api_base=server.url,
        cases=cases,
        config={"eval": {"stream": True}},
        prompt={"parameters": {"temperature": 0, "max_tokens": 50}},
    )
    server.fail("400", "match:lost")
    assert project.eval().code == 3
    traces = {trace["promptctl.case"]: trace for trace in project.traces()}
    assert set(traces) == {"first word and more", "lost"}
    good = traces["first word and more"]
    said = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-2024-08-06",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.request.temperature": 0,
        "gen_ai.request.max_tokens": 50,
        "gen_ai.request.stream": True,
        "promptctl.model": MODEL,
        "promptctl.prompt.name": "bot",
        "promptctl.prompt.version": "1.0.0",
        "promptctl.sample": 0,
        "promptctl.attempts": 1,
        "server.address": "127.0.0.1",
    }
    assert {name: good.get(name) for name in said} == said
    assert good["gen_ai.usage.input_tokens"] > 0
    assert good["gen_ai.usage.output_tokens"] > 0
    assert {name for name in good if "digest" in name}
    first = next(value for name, value in good.items() if "first" in name)
    whole = next(value for name, value in good.items() if name.endswith(("latency_s", "duration_s")))
    assert 0 < first < whole
    assert traces["lost"]["error.type"] == "bad_request"
    assert traces["lost"]["http.response.status_code"] == 400
    project.write("golden/bot.yaml", json.dumps({"cases": cases[:1]}))
    assert project.eval().code == 0
    (cached,) = project.traces()
    assert cached["promptctl.source"] == "cached"
    assert "gen_ai.request.stream" not in cached


def test_without_streaming_there_is_no_first_token(tmp_path: Path, server: Any) -> None:
    project = make_project(tmp_path, api_base=server.url)
    assert project.eval().code == 0
    (trace,) = project.traces()
    assert not [name for name in trace if "first" in name]
    assert "stream" not in server.requests[0].json


@pytest.mark.slow
def test_dry_run_asks_and_writes_nothing(tmp_path: Path, server: Any) -> None:
    cases = [case("a"), case("b", samples=3)]
    project = make_project(tmp_path, api_base=server.url, cases=cases, prompt={"parameters": {"max_tokens": 100}})
    done = project.json("--dry-run")
    assert done.code == 0
    assert not server.requests
    assert not project.state.exists()
    assert done.document["summary"]["calls"] == 4
    at_most = done.document["summary"]["worst_cost_usd"]
    assert at_most >= 4 * 100 * 10e-6
    assert project.eval("--case", "a").code == 0
    after = project.json("--dry-run").document
    assert (after["summary"]["calls"], after["prompts"][0]["known"]) == (3, 1)
    assert project.json("--dry-run", "--refresh").document["summary"]["calls"] == 4
    spent = project.json().document["summary"]["cost_usd"]
    assert spent <= at_most
