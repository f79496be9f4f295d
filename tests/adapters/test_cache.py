"""The cache: nothing lost, nothing torn, shared by processes, and never a reason to fail."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.adapters.cache import Cache
from promptctl.adapters.flight import Flights, gone, this_process
from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion, Source, ToolCall

Open = Callable[[Path | None], Cache]


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def opened(warnings: list[str]) -> Iterator[Open]:
    caches: list[Cache] = []

    def make(path: Path | None) -> Cache:
        caches.append(Cache(path, warnings.append))
        return caches[-1]

    yield make
    for cache in caches:
        cache.close()


FULL = Completion(
    output='a "quoted" ü \u2028 \ud800 line\n',
    tool_calls=(ToolCall("look_up", '{"a": 1}', "id-1"), ToolCall("b", "")),
    model="gpt-4o-2024-08-06",
    finish_reason="stop",
    input_tokens=10,
    output_tokens=0,
    cached_tokens=4,
    cost_usd=0.000123,
    latency_s=1.25,
    first_token_s=0.3,
    attempts=2,
    fallback=True,
    embeddings=((0.1, -1e-9), ()),
    context=("passage", {"a": [1]}),
    received_at="2026-11-20T00:00:00Z",
)


def test_a_stored_completion_comes_back_whole_and_cached(tmp_path: Path, opened: Open) -> None:
    cache = opened(tmp_path / "c.sqlite")
    assert cache.get("d", 0) is None
    assert cache.put("d", 0, FULL)
    cache.close()
    assert cache.get("d", 0) == replace(FULL, source=Source.CACHED)
    assert cache.get("d", 1) is None


@settings(max_examples=30, deadline=None)
@given(
    st.builds(
        Completion,
        output=st.text(),
        cost_usd=st.none() | st.floats(min_value=0, allow_nan=False, allow_infinity=False),
        input_tokens=st.none() | st.integers(0, 2**40),
        latency_s=st.none() | st.floats(0, 1e6),
        finish_reason=st.none() | st.text(),
        context=st.none() | st.tuples(st.text()),
    )
)
def test_every_completion_survives(completion: Completion) -> None:
    stored = _round_trip(completion)
    assert stored == replace(completion, source=Source.CACHED)


def _round_trip(completion: Completion) -> Completion | None:
    with tempfile.TemporaryDirectory() as folder, closing(Cache(Path(folder) / "c.sqlite", pytest.fail)) as cache:
        cache.put("d", 3, completion)
        return cache.get("d", 3)


def test_many_are_read_at_once(tmp_path: Path, opened: Open) -> None:
    cache = opened(tmp_path / "c.sqlite")
    for n in range(1000):
        cache.put(f"d{n % 500}", n // 500, Completion(output=str(n)))
    keys = [(f"d{n % 500}", n // 500) for n in range(1000)]
    found = cache.get_many([*keys, ("absent", 0)])
    assert {key: found[key].output for key in keys} == {key: str(n) for n, key in enumerate(keys)}
    assert len(found) == 1000


def test_prune_drops_the_old_and_gives_room_back(tmp_path: Path, warnings: list[str]) -> None:
    clock = [1000.0]
    cache = Cache(tmp_path / "c.sqlite", warnings.append, now=lambda: clock[0])
    for n in range(200):
        cache.put(f"old{n}", 0, Completion(output="x" * 2000))
    clock[0] += 100
    cache.put("new", 0, Completion(output="y"))
    before = cache.size()
    assert (before.answers, cache.prune(older_than_s=50)) == (201, 200)
    assert cache.size().answers == 1
    assert cache.size().bytes < before.bytes / 4
    assert (cache.prune(), cache.size().answers, warnings) == (1, 0, [])
    cache.close()


def test_without_a_place_nothing_is_kept_and_nothing_fails(opened: Open, warnings: list[str]) -> None:
    cache = opened(None)
    assert not cache.put("d", 0, FULL)
    assert (cache.get("d", 0), cache.get_many([("d", 0)]), cache.prune(), cache.size().answers) == (None, {}, 0, 0)
    assert cache.claim("d", 0, "me", 1, gone)
    assert warnings == []


@pytest.mark.parametrize("where", ["start", "middle"])
def test_a_damaged_file_is_put_aside(tmp_path: Path, opened: Open, warnings: list[str], where: str) -> None:
    path = tmp_path / "c.sqlite"
    first = opened(path)
    for n in range(300):
        first.put(f"d{n}", 0, Completion(output="x" * 500))
    first.close()
    data = bytearray(path.read_bytes())
    span = slice(0, 100) if where == "start" else slice(4096, len(data))
    data[span] = b"\x7f" * len(data[span])
    path.write_bytes(data)
    cache = opened(path)
    cache.get("d7", 0)
    assert cache.put("d", 0, FULL)
    assert cache.get("d", 0) is not None
    assert len(warnings) == 1
    assert "put aside as" in warnings[0]
    assert len(list(tmp_path.glob("c.sqlite.damaged-*"))) == 1


def test_a_row_that_cannot_be_read_is_a_miss(tmp_path: Path, opened: Open) -> None:
    cache = opened(tmp_path / "c.sqlite")
    cache.put("d", 0, FULL)
    for broken in ("not json", "[]", '{"output": "x", "tool_calls": [1]}', "{}"):
        cache.attempt(lambda db, broken=broken: db.execute("UPDATE completions SET answer = ?", (broken,)), None)
        assert cache.get("d", 0) is None
        assert cache.get_many([("d", 0)]) == {}


def test_a_newer_schema_is_left_alone(tmp_path: Path, opened: Open, warnings: list[str]) -> None:
    path = tmp_path / "c.sqlite"
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    cache = opened(path)
    assert not cache.put("d", 0, FULL)
    assert cache.get("d", 0) is None
    assert len(warnings) == 1
    assert "newer promptctl" in warnings[0]
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.sqlite"]


def test_a_place_that_cannot_be_written_warns_once(tmp_path: Path, opened: Open, warnings: list[str]) -> None:
    (tmp_path / "file").write_text("")
    cache = opened(tmp_path / "file/c.sqlite")
    for n in range(3):
        assert not cache.put(f"d{n}", 0, FULL)
        assert cache.get(f"d{n}", 0) is None
    assert len(warnings) == 1
    assert "kept for this run only" in warnings[0]


def test_a_full_disk_warns_once_and_keeps_what_is_there(tmp_path: Path, opened: Open, warnings: list[str]) -> None:
    path = tmp_path / "c.sqlite"
    cache = opened(path)
    cache.put("before", 0, FULL)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
    try:
        stored = [cache.put(f"d{n}", 0, Completion(output="x" * 20_000)) for n in range(30)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not all(stored)
    assert len(warnings) == 1
    assert cache.put("after", 0, FULL)
    cache.close()
    assert cache.get("before", 0) is not None
    assert sum(cache.get(f"d{n}", 0) is not None for n in range(30)) == sum(stored)
    assert integrity(path) == "ok"


def integrity(path: Path) -> str:
    db = sqlite3.connect(path)
    try:
        return str(db.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        db.close()


# One question, asked once.


async def flown(cache: Cache, tasks: int, call: Callable[[], object], lease_s: float = 5) -> list[object]:
    flights = Flights(cache, lease_s)

    async def answer() -> Completion:
        await asyncio.sleep(0.02)
        outcome = call()
        if isinstance(outcome, Exception):
            raise outcome
        cache.put("d", 0, FULL)
        return FULL

    return await asyncio.gather(
        *(flights.once(("d", 0), lambda: cache.get("d", 0), answer) for _ in range(tasks)), return_exceptions=True
    )


def test_tasks_of_one_process_ask_once(tmp_path: Path, opened: Open) -> None:
    calls: list[int] = []
    results = asyncio.run(flown(opened(tmp_path / "c.sqlite"), 20, lambda: calls.append(1)))
    assert len(calls) == 1
    assert sorted(str(result.source) for result in results) == ["cached"] * 19 + ["live"]


def test_a_failure_is_shared_and_not_kept(tmp_path: Path, opened: Open) -> None:
    calls: list[int] = []

    def fail() -> CallFailed:
        calls.append(1)
        return CallFailed("down", kind="server")

    cache = opened(tmp_path / "c.sqlite")
    results = asyncio.run(flown(cache, 5, fail))
    assert len(calls) == 1
    assert all(isinstance(result, CallFailed) for result in results)
    asyncio.run(flown(cache, 5, fail))
    assert len(calls) == 2


def test_when_the_asking_task_is_cancelled_another_takes_over(tmp_path: Path, opened: Open) -> None:
    cache = opened(tmp_path / "c.sqlite")
    asked: list[int] = []

    async def scene() -> Completion:
        flights = Flights(cache, 5)

        async def call() -> Completion:
            asked.append(1)
            await asyncio.sleep(0.05)
            cache.put("d", 0, FULL)
            return FULL

        first, second = (asyncio.create_task(flights.once(("d", 0), lambda: cache.get("d", 0), call)) for _ in range(2))
        await asyncio.sleep(0.01)
        first.cancel()
        return await second

    assert asyncio.run(scene()).output == FULL.output
    assert len(asked) == 2


def test_a_claim_of_a_living_process_holds_and_one_of_a_dead_does_not(tmp_path: Path, opened: Open) -> None:
    cache = opened(tmp_path / "c.sqlite")
    code = "import sys; from promptctl.adapters.flight import this_process; print(this_process(), flush=True); sys.stdin.read()"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        other = child.stdout.readline().strip()
        assert cache.claim("d", 0, other, 60, gone)
        assert not cache.claim("d", 0, this_process(), 60, gone)
        child.kill()
        time.sleep(0.05)  # killed and not yet waited for: a zombie has ended too
        assert gone(other)
    assert cache.claim("d", 0, this_process(), 60, gone)


def test_a_claim_ends_with_its_lease_and_a_living_owner_renews_it(tmp_path: Path, warnings: list[str]) -> None:
    clock = [0.0]
    cache = Cache(tmp_path / "c.sqlite", warnings.append, now=lambda: clock[0])
    mine, other = this_process(), "another machine|boot|ns|1|2|x"
    assert cache.claim("d", 0, other, 60, gone)
    clock[0] = 50
    cache.renew(other, 60)
    clock[0] = 100
    assert not cache.claim("d", 0, mine, 60, gone)
    clock[0] = 111
    assert cache.claim("d", 0, mine, 60, gone)
    cache.release("d", 0, other)
    assert not cache.claim("d", 0, other, 60, gone)
    cache.close()


def test_a_long_call_keeps_its_claim(tmp_path: Path, opened: Open) -> None:
    cache, watcher = opened(tmp_path / "c.sqlite"), opened(tmp_path / "c.sqlite")

    async def scene() -> list[bool]:
        flights = Flights(cache, lease_s=0.3)

        async def call() -> Completion:
            await asyncio.sleep(0.7)
            return FULL

        task = asyncio.create_task(flights.once(("d", 0), lambda: None, call))
        taken = []
        for _ in range(6):
            await asyncio.sleep(0.1)
            taken.append(watcher.claim("d", 0, "another machine|b|n|1|2|x", 1, gone))
        await task
        return taken

    assert not any(asyncio.run(scene()))
    assert watcher.claim("d", 0, "another machine|b|n|1|2|x", 1, gone)


RACER = """
import asyncio, sys, time
from pathlib import Path
from promptctl.adapters.cache import Cache
from promptctl.adapters.flight import Flights
from promptctl.model.run import Completion

async def main(path, log):
    cache = Cache(path, lambda text: print(text, file=sys.stderr))
    flights = Flights(cache, 30)
    async def one(n):
        async def call():
            with open(log, "a") as file:
                file.write(f"{n}\\n")
            await asyncio.sleep(0.01)
            answer = Completion(output=str(n))
            cache.put(f"d{n}", 0, answer)
            return answer
        return await flights.once((f"d{n}", 0), lambda: cache.get(f"d{n}", 0), call)
    answers = await asyncio.gather(*(one(n) for n in range(60)))
    assert [a.output for a in answers] == [str(n) for n in range(60)]
    cache.close()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def test_processes_on_one_cache_ask_each_question_once(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", RACER, str(tmp_path / "c.sqlite"), str(tmp_path / "log")]
    racers = [subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for racer in racers:
        _, errors = racer.communicate(timeout=30)
        assert (racer.returncode, errors) == (0, "")
    asked = (tmp_path / "log").read_text().split()
    assert sorted(asked, key=int) == [str(n) for n in range(60)]
