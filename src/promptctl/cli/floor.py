"""Where plans are evaluated: the loop of `evals`, with what it shares of the outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from promptctl.adapters.caller import Caller
from promptctl.adapters.llm import Provider
from promptctl.adapters.workers import Workers
from promptctl.cli import counting
from promptctl.evals.plan import Plan
from promptctl.evals.run import Answering, OnResult, World, run
from promptctl.model.answer import Execute, Stop
from promptctl.model.run import Completion, Outcome, Request, SampleResult
from promptctl.reports.progress import Progress


class Shown:
    """The live line: what was finished so far, and what it cost."""

    def __init__(self, progress: Progress, caller: Caller) -> None:
        self._progress = progress
        self._caller = caller
        self._done = 0
        self._counts = {Outcome.FAIL: 0, Outcome.ERROR: 0}

    def count(self, result: SampleResult) -> None:
        """Take one result in."""
        self._done += 1
        if result.outcome in self._counts:
            self._counts[result.outcome] += 1
        self._progress.update(
            done=self._done,
            failed=self._counts[Outcome.FAIL],
            errored=self._counts[Outcome.ERROR],
            cost_usd=self._caller.counters.cost_usd,
        )


@dataclass(frozen=True, slots=True)
class Floor:
    """Where plans are evaluated, one or several at a time: what they share of the outside."""

    caller: Caller
    answer: Answering
    workers: Workers
    inspect: Callable[[Request, Completion], str | None]
    width: int
    shown: Shown
    provider: Provider

    async def evaluate(
        self,
        plan: Plan,
        on_result: OnResult,
        *,
        execute: Execute | None = None,
        stop: Stop | None = None,
        first: int = 0,
        answer: Answering | None = None,
    ) -> None:
        """Ask and judge `plan`, each result handed to `on_result` as it comes.

        execute: what runs its checks (None: workers in the project's root). first: the number of the first sample:
        with what was asked before left out, all answers are fresh ones. answer: in place of the floor's own.
        """
        asked = answer or self.answer

        def collect(result: SampleResult) -> None:
            self.shown.count(result)
            on_result(replace(result, sample=result.sample + first) if first else result)

        world = World(
            answer=lambda planned, sample: asked(planned, sample + first),
            complete=lambda request, sample: self.caller(request, sample + first),
            execute=execute or self.workers,
            on_result=collect,
            width=self.width,
            inspect=self.inspect,
            count_tokens=counting.count,
            stop=stop,
        )
        await run(plan, world)
