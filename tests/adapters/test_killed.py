"""promptctl is killed at any instant, run twice at once, or told to spend little: asked of a real, counting server."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

CASES, WIDTH = 60, 8

# A small eval: the real Caller, Cache, traces and run store, and the barest HTTP client as `send`.
DRIVER = """
import asyncio, json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from promptctl.adapters.budget import Budget
from promptctl.adapters.cache import Cache
from promptctl.adapters.caller import Answers, Caller
from promptctl.adapters.estimate import Estimate
from promptctl.adapters.flight import Flights
from promptctl.adapters.leaks import Leaks
from promptctl.adapters.limits import Limits
from promptctl.adapters.live import Live
from promptctl.adapters.retry import Deadline, Retry
from promptctl.adapters.runs import RunStore, new_id
from promptctl.adapters.traces import TraceWriter
from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion
from promptctl.text.wire import chat_request

port, folder, cases, width = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
max_usd = float(sys.argv[5]) if len(sys.argv) > 5 else None

def complain(text):
    print(text, file=sys.stderr)

async def send(request, *, timeout_s, stream=False, sample=0):
    body = json.dumps({"model": request.model, "messages": list(request.messages)}).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/chat/completions HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {len(body)}\\r\\n\\r\\n"
    writer.write(head.encode() + body)
    headers = await reader.readuntil(b"\\r\\n\\r\\n")
    length = int(headers.lower().split(b"content-length:")[1].split(b"\\r\\n")[0])
    answer = json.loads(await reader.readexactly(length))
    writer.close()
    return Completion(output=answer["choices"][0]["message"]["content"], cost_usd=0.01)

async def main():
    cache = Cache(folder / "cache.sqlite", complain)
    answers = Answers(cache, {})
    run = new_id(datetime.now(UTC))
    runs = RunStore(folder / "runs", Leaks({}))
    traces = TraceWriter(runs.begin(run, complain), Leaks({}), complain)
    live = Live(send=send, keep=answers.keep, limits=Limits(width, {}, time.monotonic), budget=Budget(max_usd),
                retry=Retry(0, Deadline(None, 0, time.monotonic), lambda: 0.0),
                estimate=lambda request: Estimate(1, 0.013), timeout_s=30)
    caller = Caller(answers=answers, flights=Flights(cache, 30), live=live, traces=traces)
    waiting = iter(range(cases))
    failed = []
    async def worker():
        for n in waiting:
            request = chat_request(model="openai/m", messages=({"role": "user", "content": f"case {n}"},), parameters={})
            try:
                await caller(request, 0)
            except CallFailed as failure:
                failed.append(failure.kind)
    await asyncio.gather(*(worker() for _ in range(width)))
    counters = caller.counters
    runs.save(run, {"version": 1, "live": counters.live}, complain)
    traces.close()
    cache.close()
    print(json.dumps({"live": counters.live, "cached": counters.cached, "failed": failed, "cost": counters.cost_usd}))

asyncio.run(main())
"""


def start(server: Any, folder: Path, *more: str, cases: int = CASES, width: int = WIDTH) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", DRIVER, str(server.port), str(folder), str(cases), str(width), *more]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    result: dict[str, Any] = json.loads(out)
    return result


def asked(server: Any) -> list[str]:
    return [request.json["messages"][0]["content"] for request in server.requests]


@pytest.mark.slow
def test_killed_at_any_instant_nothing_paid_for_is_lost_and_no_file_is_torn(
    loopback_server: Any, tmp_path: Path
) -> None:
    server = loopback_server
    server.latency_s = 0.01
    begun = time.monotonic()
    finish(start(server, _folder(tmp_path, "whole")))
    whole_s = time.monotonic() - begun
    instants = random.Random(20261120)
    paid_early = 0
    for trial in range(20):
        server.requests.clear()
        folder = _folder(tmp_path, str(trial))
        process = start(server, folder)
        time.sleep(whole_s * (0.3 + 0.7 * instants.random()))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        paid_early += bool(server.requests)
        result = finish(start(server, folder))
        assert result["live"] + result["cached"] == CASES
        assert CASES <= len(asked(server)) <= CASES + WIDTH
        assert set(asked(server)) == {f"case {n}" for n in range(CASES)}
        _check_files(folder)
    assert paid_early >= 5, "most instants should lie in the middle of the run"


def _folder(tmp_path: Path, name: str) -> Path:
    (tmp_path / name).mkdir()
    return tmp_path / name


def _check_files(folder: Path) -> None:
    db = sqlite3.connect(folder / "cache.sqlite")
    try:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM completions").fetchone() == (CASES,)
        assert db.execute("SELECT count(*) FROM claims").fetchone() == (0,)
    finally:
        db.close()
    for traces in folder.glob("runs/*/traces.jsonl"):
        text = traces.read_text()
        assert not text or text.endswith("}\n")
        assert all(json.loads(line)["promptctl.request.digest"] for line in text.splitlines())
    for document in folder.glob("runs/*/run.json"):
        assert json.loads(document.read_text())["version"] == 1


def test_two_processes_on_one_suite_pay_each_request_once(loopback_server: Any, tmp_path: Path) -> None:
    loopback_server.latency_s = 0.02
    racers = [start(loopback_server, tmp_path) for _ in range(2)]
    results = [finish(racer) for racer in racers]
    assert sorted(asked(loopback_server)) == sorted(f"case {n}" for n in range(CASES))
    assert sum(result["live"] for result in results) == CASES
    assert all(result["live"] + result["cached"] == CASES for result in results)


def test_when_one_of_two_is_killed_the_other_takes_over(loopback_server: Any, tmp_path: Path) -> None:
    loopback_server.latency_s = 0.05
    first = start(loopback_server, tmp_path)
    while len(loopback_server.requests) < 10:
        time.sleep(0.005)
    second = start(loopback_server, tmp_path)
    time.sleep(0.15)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    killed = time.monotonic()
    finish(second)
    assert time.monotonic() - killed < 10, "a dead owner's claims end at once, not with their lease of 30 s"
    assert CASES <= len(asked(loopback_server)) <= CASES + WIDTH


def test_at_concurrency_64_the_server_counts_no_more_than_the_budget_allows(
    loopback_server: Any, tmp_path: Path
) -> None:
    loopback_server.latency_s = 0.01
    result = finish(start(loopback_server, tmp_path, "0.5", cases=200, width=64))
    billed = 0.01 * len(loopback_server.requests)
    assert billed <= 0.5
    assert billed >= 0.45
    assert result["live"] == len(loopback_server.requests)
    assert set(result["failed"]) == {"budget"}
    # What was finished is kept: the next run goes on from there.
    loopback_server.requests.clear()
    assert finish(start(loopback_server, tmp_path, "0.5", cases=200, width=64))["cached"] == result["live"]
