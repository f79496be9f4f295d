"""How every request of a run is answered: looked up, else asked once, stored, recorded and traced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from promptctl.adapters.cache import Cache, Key
from promptctl.adapters.flight import Flights
from promptctl.adapters.live import Live, redirected
from promptctl.adapters.recordings import Recording
from promptctl.adapters.traces import About, TraceWriter, trace
from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion, Request, Source

# The case a task is at work on: the calls of its assertions (a judge's) belong to the case whose answer came before.
_case: ContextVar[About | None] = ContextVar("case", default=None)


class Answers:
    """Where an answer may be found without asking: the cache, the recordings, and what this run has heard.

    offline: recordings come first, as the evidence; else the cache does. refresh: neither counts before this run has
    asked anew. ahead: what was read from the cache in one go.
    """

    def __init__(
        self,
        cache: Cache,
        recorded: Mapping[Key, Completion],
        *,
        offline: bool = False,
        refresh: bool = False,
        ahead: Mapping[Key, Completion] | None = None,
    ) -> None:
        self._cache = cache
        self._ahead = ahead or {}
        self._recorded = recorded
        self._offline = offline
        self._refresh = refresh
        self._heard: dict[Key, Completion | None] = {}  # None: it is in the cache

    @property
    def offline(self) -> bool:
        """Whether nobody may be asked."""
        return self._offline

    def find(self, request: Request, sample: int) -> Completion | None:
        """The answer, its source CACHED or RECORDED; None where there is none."""
        key = (request.digest, sample)
        if self._refresh and not self._offline and key not in self._heard:
            return None
        if key in self._heard:
            return self._heard[key] or self._cache.get(*key)  # what was read ahead is older
        if self._offline:
            return self._recorded.get(key) or self._cached(key)
        return self._cached(key) or self._recorded.get(key)

    def _cached(self, key: Key) -> Completion | None:
        return self._ahead.get(key) or self._cache.get(*key)

    def keep(self, request: Request, sample: int, completion: Completion) -> None:
        """Store an answer now; where the cache cannot be used, for as long as this run takes."""
        stored = self._cache.put(request.digest, sample, completion)
        self._heard[request.digest, sample] = None if stored else replace(completion, source=Source.CACHED)


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One thing that happened to a call.

    kind: "live" | "cached" | "recorded" | "failed" | "retry". cost_usd: what it cost now, None where unknown (an
    answer looked up costs 0 now). message and wait_s: of a failure, and of the retry after it.
    """

    kind: str
    model: str
    cost_usd: float | None = None
    message: str | None = None
    wait_s: float | None = None


@dataclass(slots=True)
class Counters:
    """What a run's calls came to so far. cost_usd: of live answers whose price is known."""

    live: int = 0
    cached: int = 0
    recorded: int = 0
    failed: int = 0
    cost_usd: float = 0.0

    def count(self, event: CallEvent) -> None:
        """Take one event in."""
        if event.kind in ("live", "cached", "recorded", "failed"):
            setattr(self, event.kind, getattr(self, event.kind) + 1)
        self.cost_usd += event.cost_usd or 0.0


def _ignore(_event: CallEvent) -> None:
    return None


def _provider_default(_model: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Caller:
    """Answers requests; a `model.answer.Complete`.

    abouts: what each planned request is for, by its digest. endpoint: the configured endpoint of a fallback's model.
    record: whether every answer, wherever it came from, is added to `recordings` (the caller of this writes them).
    on_event: told of every call; `counters` holds their sums.
    """

    answers: Answers
    flights: Flights
    live: Live
    traces: TraceWriter
    abouts: Mapping[str, About] = field(default_factory=dict)
    endpoint: Callable[[str], str | None] = _provider_default
    allow_fallback: bool = True
    record: bool = False
    on_event: Callable[[CallEvent], None] = _ignore
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    counters: Counters = field(default_factory=Counters)
    recordings: dict[tuple[str, str, int], Recording] = field(default_factory=dict)

    async def __call__(self, request: Request, sample: int) -> Completion:
        """The answer to `request` for that sample. Raises CallFailed, of kind "recording_missing" when offline."""
        return await self._answered(request, sample, self.case_of(request))

    async def for_case(self, about: About, request: Request, sample: int) -> Completion:
        """The answer to a planned request. Two cases may ask the same question: each keeps its own name in traces,
        messages and recordings. Raises CallFailed."""
        _case.set(about)
        return await self._answered(request, sample, about)

    async def _answered(self, request: Request, sample: int, about: About | None) -> Completion:
        started_at = self.now().isoformat(timespec="milliseconds")
        try:
            completion = self.answers.find(request, sample)
            if completion is None:
                completion = await self._asked(request, sample, about)
        except CallFailed as failure:
            self._tell(CallEvent("failed", request.model, message=failure.message))
            self._trace(request, sample, failure, about, started_at)
            raise
        paid = completion.cost_usd if completion.source is Source.LIVE else 0.0
        self._tell(CallEvent(str(completion.source), request.model, cost_usd=paid))
        self._trace(request, sample, completion, about, started_at)
        if self.record and about is not None and not completion.fallback:
            self.recordings[about.prompt, request.digest, sample] = Recording(
                about.prompt, about.case, request, sample, completion
            )
        return completion

    async def _asked(self, request: Request, sample: int, about: About | None) -> Completion:
        if self.answers.offline:
            raise _not_recorded(request, sample, about)
        key, deadline = (request.digest, sample), self.live.retry.deadline
        try:
            async with asyncio.timeout(deadline.left_s()):  # also while another process has the question
                return await self.flights.once(
                    key, lambda: self.answers.find(request, sample), lambda: self._ask(request, sample)
                )
        except TimeoutError:
            raise deadline.passed() from None

    async def _ask(self, request: Request, sample: int) -> Completion:
        planned = self.abouts.get(request.digest)
        models = planned.fallbacks if planned is not None else ()
        fallbacks = (
            [redirected(request, model, self.endpoint(model)) for model in models] if self.allow_fallback else []
        )
        return await self.live.ask(request, sample, fallbacks, self.answers.find)

    def case_of(self, request: Request) -> About | None:
        """What `request` is for; the calls this task makes from now on without being planned are for that case too.

        Whoever answers planned requests without asking this Caller (given answers) calls this in its place.
        """
        about = self.abouts.get(request.digest)
        if about is None:
            return _case.get()
        _case.set(about)
        return about

    def _tell(self, event: CallEvent) -> None:
        self.counters.count(event)
        self.on_event(event)

    def _trace(
        self, request: Request, sample: int, outcome: Completion | CallFailed, about: About | None, started_at: str
    ) -> None:
        stream = self.live.stream and not isinstance(outcome, CallFailed) and outcome.source is Source.LIVE
        self.traces.write(trace(request, sample, outcome, about=about, started_at=started_at, stream=stream))


def _not_recorded(request: Request, sample: int, about: About | None) -> CallFailed:
    which = f"sample {sample} of {request.model}"
    where = f"case {about.case!r} of {about.prompt}, {which}" if about else which
    return CallFailed(
        f"no recording for {where}: record it with 'promptctl eval --record', or run without --offline",
        kind="recording_missing",
    )
