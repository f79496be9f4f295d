"""Rate limits: no minute holds more than allowed, nearly all of it is used, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.adapters.virtual_time import clock, run

from promptctl.adapters.limits import Limits, Pace, Window
from promptctl.model.config import ProviderConfig
from promptctl.model.errors import CallFailed

Entry = tuple[float, int]


def fullest(entries: Sequence[Entry], span: float) -> tuple[int, int]:
    """The most requests and the most tokens in any window [t, t + span], by brute force."""
    requests = tokens = 0
    for start, _ in entries:
        inside = [taken for at, taken in entries if start <= at <= start + span]
        requests, tokens = max(requests, len(inside)), max(tokens, sum(inside))
    return requests, tokens


async def drive(pace: Pace, sizes: Sequence[tuple[int, int]], latency: float, width: int) -> list[Entry]:
    """Send calls of (reserved, real) tokens, `width` at a time; when each went out and what it took."""
    log: list[Entry] = []
    waiting = iter(sizes)

    async def worker() -> None:
        for reserved, real in waiting:
            async with pace.turn("openai/m", reserved) as ticket:
                log.append((clock(), real))
                await asyncio.sleep(latency)
                pace.settle(ticket, real)

    await asyncio.gather(*(worker() for _ in range(width)))
    return log


@settings(max_examples=60, deadline=None)
@given(
    rpm=st.none() | st.integers(1, 40),
    tpm=st.none() | st.integers(100, 4000),
    sizes=st.lists(st.tuples(st.integers(1, 100), st.floats(0, 1)), min_size=1, max_size=120),
    latency=st.floats(0, 5),
    width=st.integers(1, 32),
)
def test_no_minute_ever_holds_more_than_the_limit(
    rpm: int | None, tpm: int | None, sizes: list[tuple[int, float]], latency: float, width: int
) -> None:
    async def scene() -> list[Entry]:
        pace = Pace(width, Window(rpm, tpm), clock)
        return await drive(pace, [(size, int(size * part)) for size, part in sizes], latency, width)

    log = run(scene())
    requests, tokens = fullest(log, 60.0)
    assert len(log) == len(sizes)
    assert rpm is None or requests <= rpm
    assert tpm is None or tokens <= tpm


@settings(max_examples=25, deadline=None)
@given(rpm=st.integers(5, 60), latency=st.floats(0, 4))
def test_the_request_limit_is_used(rpm: int, latency: float) -> None:
    log = run(_scene(rpm, None, [(1, 1)] * (rpm * 4), latency))
    # The last of 4 full windows leaves after 3 waits: 3 * rpm calls had to wait for the 3 before them.
    used = 3 * rpm / (log[-1][0] - log[0][0]) * 60.0
    assert used >= 0.9 * rpm


@settings(max_examples=15, deadline=None)
@given(tpm=st.integers(900, 2000), size=st.integers(20, 80), part=st.floats(0.3, 1), latency=st.floats(0, 0.5))
def test_the_token_limit_is_used_by_real_tokens_not_by_reserved_ones(
    tpm: int, size: int, part: float, latency: float
) -> None:
    real = max(1, int(size * part))
    log = run(_scene(None, tpm, [(size, real)] * (4 * tpm // real), latency))
    used = sum(taken for at, taken in log if at - log[0][0] < 180.0)
    assert used >= 0.9 * 3 * tpm


async def _scene(rpm: int | None, tpm: int | None, sizes: Sequence[tuple[int, int]], latency: float) -> list[Entry]:
    return await drive(Pace(16, Window(rpm, tpm), clock), sizes, latency, 16)


def test_a_call_larger_than_the_limit_fails_clearly_and_the_others_go_on() -> None:
    async def scene() -> tuple[str, list[Entry]]:
        pace = Pace(4, Window(None, 100), clock)
        with pytest.raises(CallFailed) as caught:
            await drive(pace, [(101, 1)], 0, 1)
        return caught.value.message, await drive(pace, [(100, 100)] * 3, 1, 4)

    message, log = run(scene())
    assert "providers.openai.tpm (100)" in message
    assert [round(at - log[0][0], 1) for at, _ in log] == [0, 61.5, 123]


def test_an_rpm_of_zero_allows_nothing() -> None:
    async def scene() -> None:
        async with Pace(4, Window(0, None), clock).turn("openai/m", 1):
            pass

    with pytest.raises(CallFailed, match="rpm is 0"):
        run(scene())


def test_a_large_call_is_not_overtaken_for_ever() -> None:
    log = run(_scene(None, 100, [(10, 10)] * 8 + [(95, 95)] + [(10, 10)] * 20, 0))
    assert [taken for _, taken in log].index(95) == 8


def test_no_more_calls_at_once_than_the_width() -> None:
    async def scene() -> int:
        pace, most, running = Pace(3, Window(None, None), clock), 0, 0

        async def one() -> None:
            nonlocal most, running
            async with pace.turn("openai/m", 1):
                running += 1
                most = max(most, running)
                await asyncio.sleep(1)
                running -= 1

        await asyncio.gather(*(one() for _ in range(20)))
        return most

    assert run(scene()) == 3


def test_a_refusal_halves_the_width_once_a_burst_and_answers_grow_it_back() -> None:
    async def scene() -> list[float]:
        pace, seen = Pace(16, Window(None, None), clock), []
        for _ in range(5):
            pace.refused("openai/m", None)
        seen.append(pace.width)
        for _ in range(6):
            await asyncio.sleep(2)
            pace.refused("openai/m", None)
        seen.append(pace.width)
        for _ in range(200):
            pace.answered()
        return [*seen, pace.width]

    assert run(scene()) == [8, 1, 16]


def test_a_pause_holds_its_model_also_those_in_the_queue_and_no_other() -> None:
    async def scene() -> list[tuple[str, float]]:
        pace, log, start = Pace(1, Window(None, None), clock), [], clock()

        async def one(model: str) -> None:
            async with pace.turn(model, 1):
                log.append((model, round(clock() - start, 3)))
                await asyncio.sleep(0.5)
                if len(log) == 1:
                    pace.refused(model, 3.0)

        await asyncio.gather(*(one(model) for model in ("openai/a", "openai/a", "openai/b", "openai/a")))
        return log

    assert run(scene()) == [("openai/a", 0), ("openai/b", 0.5), ("openai/a", 3.5), ("openai/a", 4.0)]


def test_a_cancelled_waiter_leaves_no_hole() -> None:
    async def scene() -> int:
        pace = Pace(1, Window(2, None), clock)
        tasks = [asyncio.create_task(drive(pace, [(1, 1)], 1, 1)) for _ in range(4)]
        await asyncio.sleep(0.5)
        tasks[0].cancel()
        tasks[1].cancel()
        await asyncio.gather(*tasks[:2], return_exceptions=True)
        await asyncio.gather(*tasks[2:])
        async with pace.turn("openai/m", 1):
            return 1

    assert run(scene()) == 1


def test_every_provider_has_its_own_pace() -> None:
    limits = Limits(4, {"openai": ProviderConfig(rpm=1)}, time.monotonic)
    assert limits.of("openai/a") is limits.of("gpt-4o") is limits.of("openai/b")
    assert limits.of("anthropic/a") is not limits.of("openai/a")


def test_in_real_time_a_scaled_minute_holds() -> None:
    span, rate = 0.6, 30

    async def scene() -> list[Entry]:
        pace = Pace(16, Window(rate, None, span), time.monotonic)
        log: list[Entry] = []

        async def one() -> None:
            async with pace.turn("openai/m", 1):
                log.append((time.monotonic(), 1))
                await asyncio.sleep(0.005)

        await asyncio.gather(*(one() for _ in range(rate * 3)))
        return log

    log = asyncio.run(scene())
    assert fullest(log, span)[0] <= rate
    assert log[-1][0] - log[0][0] < 2 * span / 0.9 + 0.2
