"""Stopping a comparison as soon as a regression is beyond doubt: results as they come, turned into a `stop`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from promptctl.model.run import Outcome, SampleResult, case_outcome
from promptctl.stats.early import STOP_AT
from promptctl.stats.margin import allowed_losses
from promptctl.stats.sequential import Stop, random_order, regression_evidence

CaseKey = tuple[str, str]


def schedule(cases: Mapping[str, Sequence[str]], *seeds: str) -> Mapping[str, tuple[str, ...]]:
    """The cases of every prompt in the random order that only the seeds (base, head, suite) decide."""
    return {prompt: random_order(ids, *seeds, prompt) for prompt, ids in cases.items()}


def stop_at(confidence: float, prompts: int) -> float:
    """The e-value at which to stop: STOP_AT at 95 % for one prompt, more where more is promised or more are watched.

    A tenth of alpha, shared by the prompts, is spent on looking early; the test at the end keeps its level next to it.
    """
    return STOP_AT * 0.05 / (1 - confidence) * max(1, prompts)


@dataclass(slots=True)
class _Line:
    """One prompt's cases in order, and how far both sides are known."""

    order: tuple[str, ...]
    seen: int = 0
    regressions: int = 0
    improvements: int = 0
    stop: Stop | None = None


@dataclass(slots=True)
class Watch:
    """The evidence against the head, prompt by prompt, after every case in the order of `schedule`.

    samples: how many samples each case gets on a side, by (prompt, case); one where it is missing. The order is kept
    to whatever comes back first: an order of arrival would favour quick answers. It stops for a regression alone and
    only where the loss so far exceeds the margin; a PASS needs every case, those that must pass among them.
    """

    orders: Mapping[str, tuple[str, ...]]
    max_drop: float
    confidence: float = 0.95
    samples: Mapping[CaseKey, int] = field(default_factory=dict)
    _lines: dict[str, _Line] = field(init=False)
    _base: dict[CaseKey, list[SampleResult]] = field(init=False, default_factory=dict)
    _head: dict[CaseKey, list[SampleResult]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._lines = {prompt: _Line(order) for prompt, order in self.orders.items()}

    def add_base(self, result: SampleResult) -> None:
        """A sample of the base has been judged."""
        self._add(self._base, result)

    def add_head(self, result: SampleResult) -> None:
        """A sample of the head has been judged."""
        self._add(self._head, result)

    def stop(self, prompt: str, _case: str) -> bool:
        """Whether no further sample of the prompt is needed; the `Stop` of both sides' runs."""
        line = self._lines.get(prompt)
        return line is not None and line.stop is not None

    @property
    def stops(self) -> Mapping[str, Stop]:
        """Where prompts were stopped, for `decide`."""
        return {prompt: line.stop for prompt, line in self._lines.items() if line.stop is not None}

    def _add(self, side: dict[CaseKey, list[SampleResult]], result: SampleResult) -> None:
        side.setdefault((result.prompt, result.case), []).append(result)
        line = self._lines.get(result.prompt)
        while line is not None and line.stop is None and line.seen < len(line.order):
            key = (result.prompt, line.order[line.seen])
            base, head = self._outcome(self._base, key), self._outcome(self._head, key)
            if base is None or head is None:
                return
            self._advance(line, base, head)

    def _outcome(self, side: Mapping[CaseKey, Sequence[SampleResult]], key: CaseKey) -> Outcome | None:
        """A case's outcome once all of its samples are there."""
        found = side.get(key, ())
        if len(found) < self.samples.get(key, 1):
            return None
        return case_outcome([one.outcome for one in found], pass_if=found[0].pass_if)

    def _advance(self, line: _Line, base: Outcome, head: Outcome) -> None:
        line.seen += 1
        line.improvements += base is Outcome.FAIL and head is Outcome.PASS
        if base is not Outcome.PASS or head is not Outcome.FAIL:
            return  # only a regression can raise the evidence
        line.regressions += 1
        lost = line.regressions - line.improvements
        if lost <= allowed_losses(line.seen, self.max_drop):
            return
        evidence = regression_evidence(line.regressions, line.improvements)
        if evidence >= stop_at(self.confidence, len(self._lines)):
            line.stop = Stop(line.seen, line.regressions, line.improvements, evidence)
