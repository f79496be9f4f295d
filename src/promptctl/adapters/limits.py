"""How fast a provider may be asked: calls at once, requests and tokens a minute, and slower where it says so.

A sliding-window log, not a bucket: a bucket lets twice its rate through across a window's edge, and no window of a
minute may hold more than the limit. Limits are this process's own; two promptctl processes have two.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from promptctl.adapters.access import provider_of
from promptctl.model.config import ProviderConfig
from promptctl.model.errors import CallFailed

WINDOW_S = 60.0
MARGIN = 1 / 40
"""A window is kept 2.5 % longer than it is: what left evenly does not arrive evenly. 97.5 % of the limit stays usable."""


@dataclass(slots=True)
class Ticket:
    """A call in the window: when it was let go, and its tokens, reserved first and settled later."""

    at: float
    tokens: int


class Window:
    """The calls of the last minute. Times are seconds of any clock that does not go back."""

    def __init__(self, requests: int | None, tokens: int | None, span_s: float = WINDOW_S) -> None:
        self.requests = requests
        self.tokens = tokens
        self._kept_s = span_s * (1 + MARGIN)
        self._log: deque[Ticket] = deque()
        self._used = 0

    def wait_s(self, now: float, tokens: int) -> float:
        """How long until a call of `tokens` fits, if none settles before: 0 means now, infinity never."""
        while self._log and self._log[0].at + self._kept_s <= now:
            self._used -= self._log.popleft().tokens
        if (self.tokens is not None and tokens > self.tokens) or self.requests == 0:
            return float("inf")
        used, count = self._used, len(self._log)
        if self._fits(count, used + tokens):
            return 0.0
        for ticket in self._log:
            used, count = used - ticket.tokens, count - 1
            if self._fits(count, used + tokens):
                return ticket.at + self._kept_s - now
        return 0.0

    def enter(self, now: float, tokens: int) -> Ticket:
        """Let a call go. Ask `wait_s` first."""
        ticket = Ticket(now, tokens)
        self._log.append(ticket)
        self._used += tokens
        return ticket

    def settle(self, ticket: Ticket, tokens: int) -> None:
        """The call took that many tokens in the end."""
        if self._log and ticket.at >= self._log[0].at:
            self._used += tokens - ticket.tokens
        ticket.tokens = tokens

    def _fits(self, count: int, tokens: int) -> bool:
        return (self.requests is None or count < self.requests) and (self.tokens is None or tokens <= self.tokens)


class Pace:
    """One provider's pace: at most `width` calls at once within `window`, halved by each 429 and grown back by answers."""

    def __init__(self, width: int, window: Window, clock: Callable[[], float]) -> None:
        self._full = max(1, width)
        self.width = float(self._full)
        self._window = window
        self._clock = clock
        self._running = 0
        self._changed = asyncio.Event()
        self._door = asyncio.Lock()  # first come, first served: a large call is not overtaken for ever by small ones
        self._paused: dict[str, float] = {}
        self._shrunk_at = float("-inf")

    @asynccontextmanager
    async def turn(self, model: str, tokens: int) -> AsyncIterator[Ticket]:
        """Wait until a call of (at most) `tokens` may go, and hold its place while it runs.

        Settle the ticket's real tokens with `settle` before leaving. Raises CallFailed where no wait can help.
        """
        ticket: Ticket | None = None
        while ticket is None:
            await asyncio.sleep(self._paused_s(model))
            async with self._door:
                ticket = await self._admitted(model, tokens)
        try:
            yield ticket
        finally:
            self._running -= 1
            self._changed.set()

    def settle(self, ticket: Ticket, tokens: int) -> None:
        """What the call took in the end; room it did not need is free at once."""
        self._window.settle(ticket, tokens)
        self._changed.set()

    def refused(self, model: str, retry_after_s: float | None) -> None:
        """The provider answered 429: fewer at once, and none of this model before the time it named."""
        now = self._clock()
        if now - self._shrunk_at > 1.0:  # a burst refused together is one refusal
            self.width = max(1.0, self.width / 2)
            self._shrunk_at = now
        if retry_after_s is not None:
            self._paused[model] = max(self._paused.get(model, 0.0), now + retry_after_s)
            self._changed.set()

    def answered(self) -> None:
        """A call was answered: one more at once after each full round."""
        self.width = min(float(self._full), self.width + 1 / self.width)

    def _paused_s(self, model: str) -> float:
        return max(0.0, self._paused.get(model, 0.0) - self._clock())

    async def _admitted(self, model: str, tokens: int) -> Ticket | None:
        """A ticket as soon as there is room; None where the model was paused meanwhile: others may go first then."""
        while not self._paused_s(model):
            wait = self._window.wait_s(self._clock(), tokens)
            if wait == float("inf"):
                raise _never(model, tokens, self._window)
            busy = self._running >= int(self.width)
            if not busy and wait <= 0:
                self._running += 1
                return self._window.enter(self._clock(), tokens)
            self._changed.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(None if busy else wait):
                    await self._changed.wait()
        return None


class Limits:
    """The pace of every provider, made from the configuration when it is first asked."""

    def __init__(
        self,
        concurrency: int,
        providers: Mapping[str, ProviderConfig],
        clock: Callable[[], float],
        window_s: float = WINDOW_S,
    ) -> None:
        self._concurrency = concurrency
        self._providers = providers
        self._clock = clock
        self._window_s = window_s
        self._paces: dict[str, Pace] = {}

    def of(self, model: str) -> Pace:
        """The pace of the provider of `model`."""
        provider = provider_of(model)
        pace = self._paces.get(provider)
        if pace is None:
            config = self._providers.get(provider, ProviderConfig())
            pace = Pace(self._concurrency, Window(config.rpm, config.tpm, self._window_s), self._clock)
            self._paces[provider] = pace
        return pace


def _never(model: str, tokens: int, window: Window) -> CallFailed:
    provider = provider_of(model)
    if window.requests == 0:
        return CallFailed(
            f"providers.{provider}.rpm is 0: no call to {model} is allowed", kind="rate_limit", aborts=True
        )
    return CallFailed(
        f"the request may take {tokens:,} tokens, more than providers.{provider}.tpm ({window.tokens:,}) allows in a minute: "
        "lower max_tokens or the prompt, or raise tpm",
        kind="rate_limit",
    )
