"""Asking again: only what may help, after a wait the provider named or a random one, and never past the deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion

LONGEST_BACKOFF_S = 20.0
LONGEST_RETRY_AFTER_S = 300.0
"""Without a total time of the run, a provider that asks for a longer wait is taken to say no."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The run's total time: `total_s` seconds since `started` on `clock`; None: no end."""

    total_s: float | None
    started: float
    clock: Callable[[], float]

    def left_s(self) -> float | None:
        """Seconds left, never negative; None without an end."""
        return None if self.total_s is None else max(0.0, self.started + self.total_s - self.clock())

    def passed(self) -> CallFailed:
        """The failure of a call that the deadline kept from an answer."""
        return CallFailed(f"the run's total time of {self.total_s:g} s (eval.total_timeout_s) is over", kind="timeout")


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and when to ask again. `random` gives a number in [0, 1); `sleep` waits that many seconds.

    on_retry: told of each failure that is tried again, and the wait in seconds.
    """

    retries: int
    deadline: Deadline
    random: Callable[[], float]
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    on_retry: Callable[[CallFailed, float], None] = lambda _failure, _wait: None

    async def run(self, attempt: Callable[[int], Awaitable[Completion]]) -> Completion:
        """The first answer of `attempt`, which is told how many attempts it makes (1 is the first).

        Raises CallFailed: the last one, its `attempts` set; or at once where the wait asked for is longer than what
        is left of the run.
        """
        for tried in count(1):
            left = self.deadline.left_s()
            if left == 0:
                raise self.deadline.passed()
            try:
                async with asyncio.timeout(left):
                    return await attempt(tried)
            except TimeoutError:
                raise self.deadline.passed() from None
            except CallFailed as failure:
                failure.attempts = tried
                if not self._may_help(failure, tried):
                    raise
                wait = self._wait_s(failure, tried)
                self.on_retry(failure, wait)
            await self.sleep(wait)
        raise AssertionError("count() does not end")

    def _may_help(self, failure: CallFailed, tried: int) -> bool:
        # A conflict (409) that stays after one more try is not a passing one.
        return failure.retryable and tried <= (min(1, self.retries) if failure.status == 409 else self.retries)

    def _wait_s(self, failure: CallFailed, retry: int) -> float:
        left = self.deadline.left_s()
        asked = failure.retry_after_s
        wait = backoff_s(retry, self.random) if asked is None else max(0.0, asked)
        if asked is not None and left is None and wait > LONGEST_RETRY_AFTER_S:
            raise _too_long(
                failure, f"longer than {LONGEST_RETRY_AFTER_S:g} s; eval.total_timeout_s allows more"
            ) from failure
        if left is not None and wait >= left:
            raise _too_long(failure, f"and {left:.0f} s are left of eval.total_timeout_s", wait=wait) from failure
        return wait


def backoff_s(retry: int, random: Callable[[], float]) -> float:
    """The wait before the retry of that number (1 is the first): full jitter over min(20, 0.5 * 2^n) seconds.

    Full jitter as in https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random() * min(LONGEST_BACKOFF_S, 0.5 * 2.0 ** min(retry, 10))


def _too_long(failure: CallFailed, why: str, wait: float | None = None) -> CallFailed:
    seconds = failure.retry_after_s if wait is None else wait
    return CallFailed(
        f"{failure.message} (asking again would take a wait of {seconds:.0f} s, {why})",
        kind=failure.kind,
        status=failure.status,
        retry_after_s=failure.retry_after_s,
        attempts=failure.attempts,
    )
