"""Asking both sides: one interleaved schedule, an early stop where a loss is beyond doubt, flips asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from promptctl.cli.floor import Floor
from promptctl.cli.gate_plan import PromptGate, whole
from promptctl.evals.affected import Planned
from promptctl.evals.plan import Plan, PlannedCase
from promptctl.gate.compare import Comparison, PromptComparison
from promptctl.gate.confirmed import CaseKey, Confirmation, Confirmations, must_pass, to_confirm
from promptctl.gate.judges import hard_sample
from promptctl.gate.watch import Watch, schedule
from promptctl.model.answer import Execute
from promptctl.model.answer import Stop as Stopping
from promptctl.model.config import GateConfig
from promptctl.model.run import Outcome, SampleResult
from promptctl.stats.sequential import Stop

Compare = Callable[["Gathered"], Comparison]


@dataclass(slots=True)
class Gathered:
    """What came back. fresh: by (prompt, case), the outcomes of further samples, base and head; planned: samples."""

    base: list[SampleResult] = field(default_factory=list)
    head: list[SampleResult] = field(default_factory=list)
    reported: list[SampleResult] = field(default_factory=list)
    fresh: dict[CaseKey, tuple[list[Outcome], list[Outcome]]] = field(default_factory=dict)
    stops: Mapping[str, Stop] = field(default_factory=dict)
    planned: int = 0
    confirming: int = 0

    @property
    def skipped(self) -> int:
        """How many samples an early stop left out."""
        return self.planned - len(self.base) - len(self.head) if self.stops else 0

    @property
    def fresh_answers(self) -> int:
        """How many fresh samples were judged."""
        return sum(len(base) + len(head) for base, head in self._judged.values())

    def confirmations(self, needed: int, *, given: bool) -> Confirmations | None:
        """The fresh samples of every flipped case. given: nobody could be asked; without any then the samples at hand."""
        if not needed or (given and not self.fresh_answers):
            return None
        return {
            key: Confirmation(
                tuple(one is Outcome.PASS for one in base), tuple(one is Outcome.PASS for one in head), needed
            )
            for key, (base, head) in self._judged.items()
        }

    @property
    def _judged(self) -> Mapping[CaseKey, tuple[list[Outcome], list[Outcome]]]:
        """The fresh outcomes without ERRORs, which say nothing."""
        return {
            key: ([one for one in base if one is not Outcome.ERROR], [one for one in head if one is not Outcome.ERROR])
            for key, (base, head) in self.fresh.items()
        }


@dataclass(frozen=True, slots=True)
class Both:
    """The plans of both sides in the order in which they are asked, and what checks of the base run in.

    mute: prompts whose judges may not decide; their flips are those of everything else.
    """

    gates: Sequence[PromptGate]
    base: Plan
    head: Plan
    reported: Plan
    execute: Execute | None = None
    mute: frozenset[str] = frozenset()

    @property
    def first_fresh(self) -> int:
        """The number of the first sample that none of the plans has asked for."""
        return max((case.samples for case in (*self.base.cases, *self.head.cases)), default=1)


def in_order(gates: Sequence[PromptGate], seeds: Sequence[str]) -> Both:
    """The plans of all prompts, the cases of each in the random order of the seeds: an early stop needs one."""
    orders = schedule({gate.name: _ids(gate) for gate in gates if gate.base}, *seeds)
    return Both(
        gates=gates,
        base=whole(_ordered(gate.base, orders[gate.name]) for gate in gates if gate.base),
        head=whole(_ordered(gate.head, orders[gate.name]) for gate in gates if gate.head),
        reported=whole(gate.reported.plan for gate in gates),
    )


def _ids(gate: PromptGate) -> tuple[str, ...]:
    """Every case of record, also where a side cannot be asked for it."""
    sides = [one for one in (gate.base, gate.head) if one is not None]
    asked = [case.case.id for one in sides for case in one.plan.cases]
    return tuple(dict.fromkeys([*asked, *(result.case for one in sides for result in one.misfits)]))


def _ordered(one: Planned, order: Sequence[str]) -> Plan:
    place = {case: number for number, case in enumerate(order)}
    return Plan(tuple(sorted(one.plan.cases, key=lambda planned: place[planned.case.id])))


def watch_of(both: Both, policy: GateConfig, seeds: Sequence[str]) -> Watch | None:
    """What may stop a prompt early; None where the policy weighs no evidence, or judges that may not decide are heard."""
    if policy.rule != "evidence" or both.mute:
        return None
    gates = [gate for gate in both.gates if gate.base]
    orders = schedule({gate.name: _ids(gate) for gate in gates}, *seeds)
    samples = {(case.prompt.name, case.case.id): case.samples for case in (*both.base.cases, *both.head.cases)}
    return Watch(orders, policy.max_drop, policy.confidence, samples)


async def ask(floor: Floor, both: Both, watch: Watch | None, gathered: Gathered) -> None:
    """Ask both sides side by side, so that a provider's drift hits both alike; then what is only reported."""
    gathered.planned = both.base.samples + both.head.samples

    def on_base(result: SampleResult) -> None:
        gathered.base.append(result)
        if watch is not None:
            watch.add_base(result)

    def on_head(result: SampleResult) -> None:
        gathered.head.append(result)
        if watch is not None:
            watch.add_head(result)

    for gate in both.gates:
        _take(gate.base, on_base)
        _take(gate.head, on_head)
        _take(gate.reported, gathered.reported.append)
    stop: Stopping | None = None if watch is None else (lambda prompt, case: watch.stop(prompt, case))
    async with asyncio.TaskGroup() as group:
        group.create_task(floor.evaluate(both.base, on_base, execute=both.execute, stop=stop))
        group.create_task(floor.evaluate(both.head, on_head, execute=both.execute, stop=stop))
    gathered.stops = {} if watch is None else watch.stops
    await floor.evaluate(both.reported, gathered.reported.append)


def _take(one: Planned | None, on_result: Callable[[SampleResult], None]) -> None:
    """Hand over what could not even be asked."""
    for result in one.misfits if one is not None else ():
        on_result(result)


async def confirm(floor: Floor, both: Both, gathered: Gathered, policy: GateConfig, compare: Compare) -> None:
    """Ask the flipped cases again on both sides, a sample at a time, until each is confirmed or refuted.

    Only samples with new numbers count: those that made a case look flipped are never among them. The same numbers are
    taken by the next gate of the same change, which then comes to the same verdict without paying again.
    """
    if policy.confirm < 1:
        return
    comparison = compare(gathered)
    required = {key for one in comparison.prompts for key in _required(one, policy)}
    gathered.fresh = {key: ([], []) for key in to_confirm(comparison) if key[0] not in gathered.stops}
    gathered.confirming = 2 * policy.confirm * len(gathered.fresh)
    for number in range(policy.confirm):
        found = gathered.confirmations(policy.confirm, given=False) or {}
        wanted = {key for key, one in found.items() if one.wants_more(must_pass=key in required)}
        if not wanted:
            return
        first = both.first_fresh + number
        async with asyncio.TaskGroup() as group:
            for place, plan in enumerate((both.base, both.head)):
                collect = _collector(gathered, place, both.mute)
                asked = floor.evaluate(_once(plan, wanted), collect, execute=both.execute, first=first)
                group.create_task(asked)


def _collector(gathered: Gathered, place: int, mute: frozenset[str]) -> Callable[[SampleResult], None]:
    def collect(result: SampleResult) -> None:
        seen = hard_sample(result) if result.prompt in mute else result
        gathered.fresh[result.prompt, result.case][place].append(seen.outcome)

    return collect


def _required(one: PromptComparison, policy: GateConfig) -> list[CaseKey]:
    return [(one.prompt, pair.case) for pair in one.regressions if must_pass(pair, policy.must_pass)]


def _once(plan: Plan, wanted: set[CaseKey]) -> Plan:
    """One sample of each wanted case."""
    return Plan(tuple(replace(case, samples=1) for case in plan.cases if _key(case) in wanted))


def _key(case: PlannedCase) -> CaseKey:
    return case.prompt.name, case.case.id
