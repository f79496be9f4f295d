"""The wiring of a run: cache, recordings, providers, workers and limits around the loop of `evals`."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from promptctl.adapters import access, prices
from promptctl.adapters.budget import Budget
from promptctl.adapters.cache import Cache, Key
from promptctl.adapters.caller import Answers, Caller, CallEvent
from promptctl.adapters.estimate import Estimator
from promptctl.adapters.flight import Flights
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.limits import Limits
from promptctl.adapters.live import GRACE_S, Live
from promptctl.adapters.llm import Provider
from promptctl.adapters.recordings import read_recordings, write_recordings
from promptctl.adapters.retry import Deadline, Retry
from promptctl.adapters.target_access import check_targets
from promptctl.adapters.targets import Targets
from promptctl.adapters.traces import About, TraceWriter
from promptctl.adapters.workers import Workers
from promptctl.cli import counting
from promptctl.cli.arrivals import inspecting, keeping
from promptctl.cli.boundary import ExitCode
from promptctl.cli.floor import Floor, Shown
from promptctl.cli.output import Output
from promptctl.cli.prechecks import check_judges, check_models, refused_keys
from promptctl.cli.signals import until_signalled
from promptctl.cli.workspace import Workspace
from promptctl.evals.given import GivenAnswers
from promptctl.evals.plan import Plan, PlannedCase
from promptctl.evals.run import Answering
from promptctl.model.config import Config
from promptctl.model.errors import CallFailed, PromptctlError
from promptctl.model.run import Completion, SampleResult
from promptctl.reports.progress import Progress

UNFINISHED = frozenset({"budget"})
"""Errors that mean the run was ended before everything was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How answers are to be had. explicit_budget: whether --max-cost was given; given: answers from a file."""

    offline: bool = False
    record: bool = False
    refresh: bool = False
    explicit_budget: bool = False
    allow_hosts: tuple[str, ...] = ()
    allow_exec: bool = True
    given: GivenAnswers | None = None


@dataclass(slots=True)
class Outcome:
    """What a run came to: results in the plan's order, status, notes, and the exit code of a signal that ended it.

    unwritten: why recordings that were asked for could not be written, or None.
    """

    results: list[SampleResult] = field(default_factory=list)
    status: str = "complete"
    notes: tuple[str, ...] = ()
    signal_code: ExitCode | None = None
    unwritten: PromptctlError | None = None


def _whole_cases(plan: Plan, results: Sequence[SampleResult]) -> list[SampleResult]:
    """The results of cases all of whose samples are there: half of a case's samples say nothing of the case."""
    finished = Counter((result.prompt, result.case) for result in results)
    wanted = {(planned.prompt.name, planned.case.id): planned.samples for planned in plan.cases}
    return [one for one in results if finished[one.prompt, one.case] == wanted[one.prompt, one.case]]


class Engine:
    """Everything a run needs of the outside. Use `run` once."""

    def __init__(
        self, workspace: Workspace, config: Config, asked: Asked, output: Output, cache_path: Path | None
    ) -> None:
        self._workspace = workspace
        self._config = config
        self._asked = asked
        self._output = output
        self._cache_path = cache_path
        self._notes: dict[str, None] = {}
        self._leaks = leaks_of(os.environ)

    def run(self, plan: Plan, traces_path: Path | None) -> Outcome:
        """Ask and judge the plan. Raises InputError for keys, prices and recordings that are wrong before any call."""
        outcome = Outcome()

        async def work(floor: Floor) -> None:
            await floor.evaluate(plan, outcome.results.append)

        outcome.signal_code, caller = self.work(plan, traces_path, work)
        self._finish(plan, outcome, caller)
        outcome.notes = self.notes
        return outcome

    def work(
        self, whole: Plan, traces_path: Path | None, work: Callable[[Floor], Awaitable[None]]
    ) -> tuple[ExitCode | None, Caller]:
        """Do `work`, which evaluates plans on one floor: one set of limits, one budget, one cache.

        whole: all that is planned, so that keys and prices are checked before any call. Gives the exit code of the
        signal that ended the work, or None, and the caller with its counters.
        """
        cache = Cache(self._cache_path, self.note)
        traces = TraceWriter(traces_path, self._leaks, self.note)
        provider = self._provider()
        try:
            answers = self._answers(whole, cache)
            to_ask = self._to_ask(whole, answers)
            check_models(
                to_ask,
                self._config,
                price=provider.price,
                explicit_budget=self._asked.explicit_budget,
                note=self.note,
            )
            check_targets(
                {one.prompt.digest: one.prompt for one in whole.cases if one.request.model in to_ask}.values(),
                self._config,
                os.environ,
                access.allowed_hosts(os.environ, self._asked.allow_hosts),
                allow_exec=self._asked.allow_exec,
                bounded=self._asked.explicit_budget,
            )
            check_judges(whole, self._config, price=provider.price, offline=self._asked.offline, note=self.note)
            if to_ask:
                provider.warm(to_ask)
            return asyncio.run(self._open(whole, work, answers, traces=traces, provider=provider, cache=cache))
        finally:
            traces.close()
            cache.close()

    @property
    def notes(self) -> tuple[str, ...]:
        """The remarks made so far, each once."""
        return tuple(self._notes)

    def _provider(self) -> Provider:
        return Provider(
            self._config,
            os.environ,
            read=self._read,
            allow_hosts=self._asked.allow_hosts,
            targets=self._targets(),
        )

    def _targets(self) -> Targets:
        """The road to systems under test; as many are asked at once as models are."""
        asked = self._asked
        hosts = access.allowed_hosts(os.environ, asked.allow_hosts)
        width = self._config.eval.concurrency
        return Targets(self._workspace.root, os.environ, hosts=hosts, allow_exec=asked.allow_exec, size=width)

    def _read(self, path: str) -> bytes:
        return self._workspace.project.tree.read(path).data

    def note(self, message: str) -> None:
        """A remark for the report and, once, for stderr."""
        if message not in self._notes:
            self._output.warn(message)
        self._notes[message] = None

    def _answers(self, plan: Plan, cache: Cache) -> Answers:
        recorded = self._recorded({planned.prompt.name for planned in plan.cases})
        keys = [(planned.request.digest, sample) for planned in plan.cases for sample in range(planned.samples)]
        ahead = {} if self._asked.given else cache.get_many(keys)
        return Answers(cache, recorded, offline=self._asked.offline, refresh=self._asked.refresh, ahead=ahead)

    def _recorded(self, prompts: Collection[str]) -> Mapping[Key, Completion]:
        return read_recordings(self._workspace.project.tree, self._config.recordings, prompts)

    def _to_ask(self, plan: Plan, answers: Answers) -> tuple[str, ...]:
        """The models that will be asked for answers no cache and no recording has; judges are found out as they come."""
        if self._asked.offline or self._asked.given is not None:
            return ()
        missing = {
            planned.request.model
            for planned in plan.cases
            if any(answers.find(planned.request, sample) is None for sample in range(planned.samples))
        }
        return tuple(sorted(missing))

    async def _open(
        self,
        whole: Plan,
        work: Callable[[Floor], Awaitable[None]],
        answers: Answers,
        *,
        traces: TraceWriter,
        provider: Provider,
        cache: Cache,
    ) -> tuple[ExitCode | None, Caller]:
        progress = Progress(sys.stderr, total=whole.samples, quiet=self._output.quiet)
        caller = self._caller(whole, cache, answers, traces, provider, progress)
        async with AsyncExitStack() as stack:
            stack.callback(progress.close)
            stack.push_async_callback(provider.close)
            workers = await stack.enter_async_context(Workers(self._workspace.root, environ=os.environ))
            width = self._config.eval.concurrency * max(1, len({planned.request.model for planned in whole.cases}))
            floor = Floor(
                caller,
                self._answering(caller),
                workers,
                inspecting(self._config.eval, self.note),
                width,
                Shown(progress, caller),
                provider,
            )
            return await until_signalled(work(floor)), caller

    def _answering(self, caller: Caller) -> Answering:
        given = self._asked.given
        if given is None:
            return lambda planned, sample: caller.for_case(_about(planned), planned.request, sample)

        def answer(planned: PlannedCase, sample: int) -> Awaitable[Completion]:
            caller.case_of(planned.request)
            return given(planned, sample)

        return answer

    def _caller(
        self, plan: Plan, cache: Cache, answers: Answers, traces: TraceWriter, provider: Provider, progress: Progress
    ) -> Caller:
        settings = self._config.eval
        live = Live(
            send=provider.send,
            keep=keeping(answers, self._leaks.values, self.note),
            limits=Limits(settings.concurrency, self._config.providers, time.monotonic),
            budget=Budget(settings.max_cost_usd),
            retry=Retry(
                retries=settings.retries,
                deadline=Deadline(settings.total_timeout_s, time.monotonic(), time.monotonic),
                random=random.random,
                on_retry=lambda failure, wait: progress.update(waiting=_waiting(failure, wait)),
            ),
            estimate=Estimator(counting.count_messages, provider.price, prices.longest_answer),
            timeout_s=settings.timeout_s,
            stream=settings.stream,
        )
        return Caller(
            answers=answers,
            flights=Flights(cache, settings.timeout_s + GRACE_S),
            live=live,
            traces=traces,
            abouts=_abouts(plan),
            endpoint=lambda model: access.endpoint_of(model, self._config, self._read),
            record=self._asked.record,
            on_event=lambda event: _show_wait(event, progress),
        )

    def _finish(self, plan: Plan, outcome: Outcome, caller: Caller) -> None:
        order = {(planned.prompt.name, planned.case.id): place for place, planned in enumerate(plan.cases)}
        outcome.results.sort(key=lambda result: (order[result.prompt, result.case], result.sample))
        if outcome.signal_code is not None:
            outcome.status = "interrupted"
            self.note(f"interrupted: {len(outcome.results)} of {plan.samples} samples were finished and are kept")
            outcome.results = _whole_cases(plan, outcome.results)
        elif any(result.error_kind in UNFINISHED for result in outcome.results):
            outcome.status = "partial"
        for sentence in refused_keys(plan, outcome.results, self._config):
            self.note(sentence)
        if caller.recordings:
            self._record(outcome, caller)

    def _record(self, outcome: Outcome, caller: Caller) -> None:
        """Write what was recorded; a disk that refuses takes nothing else of the run with it."""
        try:
            written = write_recordings(
                self._workspace.root, self._config.recordings, caller.recordings.values(), self._leaks
            )
        except PromptctlError as error:
            outcome.unwritten = error
            return
        for path in written:
            self._output.remark(f"recorded in {path}")


def _abouts(plan: Plan) -> dict[str, About]:
    return {planned.request.digest: _about(planned) for planned in plan.cases}


def _about(planned: PlannedCase) -> About:
    return About(
        prompt=planned.prompt.name,
        version=planned.prompt.version,
        prompt_digest=planned.prompt.digest,
        case=planned.case.id,
        fallbacks=planned.prompt.fallbacks,
    )


def _waiting(failure: CallFailed, wait_s: float) -> str:
    return f"{failure.kind.replace('_', ' ')}, again in {wait_s:.0f} s"


def _show_wait(event: CallEvent, progress: Progress) -> None:
    if event.kind != "retry":
        progress.update(waiting="")
