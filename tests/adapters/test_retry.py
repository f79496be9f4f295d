"""Retries: only what may help, as long as the provider asked, and never past the end of the run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.virtual_time import clock, run

from promptctl.adapters.retry import Deadline, Retry, backoff_s
from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion


def failure(status: int = 500, *, retryable: bool = True, after: float | None = None) -> CallFailed:
    return CallFailed("the server said no", kind="server", status=status, retryable=retryable, retry_after_s=after)


def play(
    *outcomes: CallFailed | str,
    retries: int = 4,
    total_s: float | None = None,
    random: Callable[[], float] = lambda: 0.5,
) -> tuple[str | CallFailed, list[float]]:
    """The end of a call whose attempts fare like that, and when (seconds) each attempt was made."""
    script = iter(outcomes)

    async def scene() -> tuple[str | CallFailed, list[float]]:
        start, times = clock(), []

        async def attempt(tried: int) -> Completion:
            times.append(round(clock() - start, 6))
            assert tried == len(times)
            outcome = next(script)
            if isinstance(outcome, str):
                return Completion(output=outcome, attempts=tried)
            raise outcome

        retry = Retry(retries, Deadline(total_s, start, clock), random)
        try:
            return (await retry.run(attempt)).output, times
        except CallFailed as failed:
            return failed, times

    return run(scene())


@given(st.integers(1, 2000), st.floats(0, 1, exclude_max=True))
def test_the_wait_is_full_jitter_up_to_twenty_seconds(retry: int, chance: float) -> None:
    ceiling = min(20.0, 0.5 * 2.0 ** min(retry, 60))
    assert backoff_s(retry, lambda: chance) == pytest.approx(chance * ceiling)


def test_waits_grow_and_the_attempts_are_counted() -> None:
    end, times = play(failure(), failure(), failure(), "yes")
    assert (end, times) == ("yes", [0, 0.5, 1.5, 3.5])


def test_after_all_retries_the_last_failure_is_told() -> None:
    end, times = play(*[failure(503)] * 9, retries=2)
    assert isinstance(end, CallFailed)
    assert (end.attempts, len(times), end.status) == (3, 3, 503)


@pytest.mark.parametrize(
    ("outcome", "attempts"), [(failure(400, retryable=False), 1), (failure(409), 2), (failure(429), 5)]
)
def test_what_cannot_help_is_not_tried(outcome: CallFailed, attempts: int) -> None:
    end, times = play(*[outcome] * 9)
    assert isinstance(end, CallFailed)
    assert (len(times), end.attempts) == (attempts, attempts)


def test_retry_after_is_kept_instead_of_the_random_wait() -> None:
    assert play(failure(429, after=3.0), failure(429, after=0.0), "yes") == ("yes", [0, 3, 3])


def test_in_real_time_retry_after_is_kept_within_a_fifth_of_a_second() -> None:
    async def scene() -> float:
        outcomes = iter([failure(429, after=0.4)])

        async def attempt(_tried: int) -> Completion:
            for outcome in outcomes:
                raise outcome
            return Completion(output="yes")

        start = time.monotonic()
        await Retry(4, Deadline(None, start, time.monotonic), lambda: 0.5).run(attempt)
        return time.monotonic() - start

    assert 0.4 <= asyncio.run(scene()) < 0.6


def test_a_retry_after_past_the_end_of_the_run_fails_at_once() -> None:
    end, times = play(failure(429, after=90), total_s=30)
    assert isinstance(end, CallFailed)
    assert times == [0]
    assert "wait of 90 s" in end.message
    assert "30 s are left of eval.total_timeout_s" in end.message
    assert not end.retryable


def test_without_a_total_time_nobody_waits_for_hours() -> None:
    end, _ = play(failure(429, after=3600))
    assert isinstance(end, CallFailed)
    assert "eval.total_timeout_s allows more" in end.message
    assert play(failure(429, after=299), "yes") == ("yes", [0, 299])


def test_the_total_time_ends_the_retries_and_the_call_under_way() -> None:
    end, times = play(*[failure()] * 9, total_s=2)
    assert isinstance(end, CallFailed)
    assert times == [0, 0.5, 1.5]

    async def hang() -> tuple[str, float]:
        start = clock()

        async def attempt(_tried: int) -> Completion:
            await asyncio.sleep(1000)
            raise AssertionError

        with pytest.raises(CallFailed) as caught:
            await Retry(4, Deadline(5, start, clock), lambda: 0.5).run(attempt)
        return caught.value.message, clock() - start

    message, took = run(hang())
    assert (took, "total time of 5 s" in message) == (5, True)


def test_once_the_time_is_over_no_attempt_is_made() -> None:
    end, times = play("never", total_s=0)
    assert isinstance(end, CallFailed)
    assert (end.kind, times) == ("timeout", [])


def test_every_retry_is_told() -> None:
    told: list[tuple[int | None, float]] = []

    async def scene() -> None:
        outcomes = iter([failure(503), failure(429, after=2)])

        async def attempt(_tried: int) -> Completion:
            for outcome in outcomes:
                raise outcome
            return Completion(output="yes")

        deadline = Deadline(None, clock(), clock)
        await Retry(4, deadline, lambda: 0.5, on_retry=lambda f, wait: told.append((f.status, wait))).run(attempt)

    run(scene())
    assert told == [(503, 0.5), (429, 2)]
