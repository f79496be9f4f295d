"""From a gate's plan to two runs and what fresh samples said: the part of a gate that costs money."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from promptctl import __version__
from promptctl.adapters import checkout
from promptctl.adapters.caller import Caller
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import RunStore, new_id
from promptctl.adapters.sides import WORKTREE
from promptctl.adapters.state import state_of
from promptctl.adapters.workers import Workers
from promptctl.cli import gate_run
from promptctl.cli.engine import Asked
from promptctl.cli.floor import Floor
from promptctl.cli.gate_engine import GateEngine
from promptctl.cli.gate_open import Opened, Wanted, checks_folder, state_folder
from promptctl.cli.gate_plan import GatePlan, whole
from promptctl.cli.gate_run import Both, Gathered
from promptctl.cli.output import Output
from promptctl.cli.reliability import judges_in_force
from promptctl.cli.workspace import Workspace
from promptctl.evals.plan import Plan
from promptctl.evals.summary import prompt_runs, summarise
from promptctl.gate.compare import Comparison, compare
from promptctl.gate.confirmed import Confirmations
from promptctl.gate.judges import hard, unproven
from promptctl.model.run import Provenance, Run, SampleResult
from promptctl.model.verdict import JudgeInForce
from promptctl.reports.build import of_run
from promptctl.reports.figures import count, usd
from promptctl.stats.sequential import Stop
from promptctl.text.canonical import digest

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What asking both sides gave. runs: the ids of the stored base and head, None of one that is not kept.

    signal_code: the exit code of a signal that ended it, or 0.
    """

    comparison: Comparison
    confirmations: Confirmations | None
    stops: Mapping[str, Stop]
    reported: Sequence[SampleResult]
    notes: tuple[str, ...] = ()
    runs: tuple[str | None, str | None] = (None, None)
    signal_code: int = 0
    judges: tuple[JudgeInForce, ...] = ()


_REPAIR = "labels are read at the base: repair them there, or gate the repair with --policy-from head"


def asked(found: Opened, plan: GatePlan, wanted: Wanted, output: Output) -> Answers:
    """Ask both sides, confirm what flipped, keep the runs. Raises InputError for keys and prices before any call."""
    started, began = datetime.now(UTC), time.monotonic()
    seeds = _seeds(found, plan)
    both = gate_run.in_order(plan.affected, seeds)
    gathered, policy = Gathered(), found.scene.config.gate
    engine = engine_of(found, plan, wanted, output)
    judging = found.scene.head if wanted.policy_from == "head" else found.scene.base
    judges = judges_in_force(
        both.base.cases, judging.tree, policy, repair=_REPAIR if judging is found.scene.base else None
    )
    mute = unproven(policy, judges)

    def compared(so_far: Gathered) -> Comparison:
        return compare(*(_run(side, results, started) for side, results in _sides(both, so_far)))

    def deciding(so_far: Gathered) -> Comparison:
        """The comparison as it will be decided on: without judges that may not decide."""
        whole_one = compared(so_far)
        prompts = tuple(hard(one) if one.prompt in mute else one for one in whole_one.prompts)
        return replace(whole_one, prompts=prompts)

    async def work(floor: Floor) -> None:
        async with AsyncExitStack() as stack:
            folder = await checks_folder(found, plan, stack)
            workers = None if folder is None else await stack.enter_async_context(Workers(folder, environ=os.environ))
            here = replace(both, execute=workers, mute=mute)
            await gate_run.ask(floor, here, gate_run.watch_of(here, policy, seeds), gathered)
            await gate_run.confirm(floor, here, gathered, policy, deciding)

    folder = state_folder(found.root, output)
    store = RunStore(
        state_of(found.root, os.environ).folder(output.warn, "runs") if folder else None, leaks_of(os.environ)
    )
    ids = (new_id(started), new_id(started))
    traces = store.begin(ids[1], output.warn)
    signal_code, caller = engine.work(whole((both.base, both.head, both.reported)), traces, work)
    notes = (*engine.notes, *_ages(engine, wanted), *_spent(gathered, caller))
    store.begin(ids[0], output.warn)
    stored: list[str | None] = []
    for name, side, (the_plan, results) in zip(ids, ("base", "head"), _sides(both, gathered), strict=True):
        run = _run(the_plan, results, started, name=name, complete=signal_code is None)
        kept = replace(run, provenance=_provenance(found, started, time.monotonic() - began, side), notes=notes)
        stored.append(name if store.save(name, of_run(kept).data, output.warn) else None)
    return Answers(
        comparison=compared(gathered),
        confirmations=gathered.confirmations(policy.confirm, given=wanted.offline),
        stops=gathered.stops,
        reported=gathered.reported,
        notes=notes,
        runs=(stored[0], stored[1]),
        signal_code=signal_code or 0,
        judges=judges,
    )


def engine_of(found: Opened, plan: GatePlan, wanted: Wanted, output: Output) -> GateEngine:
    """The engine of both sides, under the policy's limits."""
    folder = state_folder(found.root, output)
    asked = Asked(
        offline=wanted.offline,
        explicit_budget=wanted.max_cost is not None,
        allow_hosts=wanted.allow_hosts,
        allow_exec=wanted.allow_exec,
    )
    workspace = Workspace(found.root, found.cwd, found.scene.head)
    engine = GateEngine(workspace, found.scene, plan, asked, output, folder / "cache.sqlite" if folder else None)
    engine.most_age_s = wanted.max_age_days * DAY_S
    return engine


def _seeds(found: Opened, plan: GatePlan) -> tuple[str, str, str]:
    """What decides the order of cases: the base, the head, the golden sets. The same change has the same order anywhere."""
    heads = sorted(one.head.plan.cases[0].prompt.digest for one in plan.affected if one.head and one.head.plan.cases)
    suite = sorted(one.base.plan.cases[0].golden.digest for one in plan.affected if one.base and one.base.plan.cases)
    return found.baseline.commit or found.baseline.spec, digest(heads), digest(suite)


def _sides(both: Both, gathered: Gathered) -> tuple[tuple[Plan, Sequence[SampleResult]], ...]:
    """Plan and results of the base and of the head; new cases stand with the head's."""
    record = {(gate.name, case) for gate in both.gates for case in (*gate.roles.edited, *gate.roles.unchanged)}
    alone = {gate.name for gate in both.gates if gate.base is None}
    new = [one for one in gathered.reported if (one.prompt, one.case) not in record and one.prompt not in alone]
    cases = [
        one
        for one in both.reported.cases
        if (one.prompt.name, one.case.id) not in record and one.prompt.name not in alone
    ]
    return (both.base, gathered.base), (whole((both.head, Plan(tuple(cases)))), [*gathered.head, *new])


def _run(
    plan: Plan, results: Sequence[SampleResult], started: datetime, *, name: str = "", complete: bool = True
) -> Run:
    """Results as a run. Cases that did not fit are rows of it and count as errors."""
    planned = {(case.prompt.name, case.case.id) for case in plan.cases}
    misfits = len({(one.prompt, one.case) for one in results} - planned)
    summary = summarise(plan, results)
    cases = summary.cases + misfits
    rate = summary.passed / cases if cases else None
    return Run(
        id=name,
        status="complete" if complete else "interrupted",
        provenance=Provenance(__version__, None, None, False, started.isoformat(timespec="milliseconds"), 0.0),
        summary=replace(summary, cases=cases, errored=summary.errored + misfits, pass_rate=rate),
        prompts=prompt_runs(plan, results),
        results=tuple(sorted(results, key=lambda one: (one.prompt, one.case, one.sample))),
    )


def _provenance(found: Opened, started: datetime, duration_s: float, side: str) -> Provenance:
    one = found.baseline if side == "base" else found.head
    here = checkout.head(found.root) if one.spec == WORKTREE else None
    return Provenance(
        promptctl=__version__,
        litellm=None,
        commit=one.commit if here is None else here.commit,
        dirty=here is not None and here.dirty,
        started_at=started.isoformat(timespec="milliseconds"),
        duration_s=round(duration_s, 3),
        extra={"gate": side, "must_pass": list(found.scene.config.gate.must_pass)},
    )


def _ages(engine: GateEngine, wanted: Wanted) -> tuple[str, ...]:
    old = len(engine.answers.old) if engine.answers is not None else 0
    if not old:
        return ()
    told = f"{count(old, 'stored answer')} older than {wanted.max_age_days:g} days"
    return (f"{told} taken: nobody may be asked offline" if wanted.offline else f"{told} asked anew",)


def _spent(gathered: Gathered, caller: Caller) -> tuple[str, ...]:
    """What was asked and paid, and what an early stop and the confirmation's own stopping saved."""
    counters = caller.counters
    each = counters.cost_usd / counters.live if counters.live else 0.0
    known = counters.cached + counters.recorded
    said = [f"{count(counters.live, 'call')} made for {usd(counters.cost_usd)}; {count(known, 'answer')} already known"]
    if gathered.fresh and not gathered.fresh_answers:
        said.append(
            f"{count(len(gathered.fresh), 'flip')} not confirmed: no further samples of these cases could be had"
        )
    elif gathered.fresh:
        saved = gathered.confirming - gathered.fresh_answers
        worth = f", which saved about {usd(saved * each)}" if saved and each else ""
        told = f"{gathered.fresh_answers} of at most {gathered.confirming} samples"
        said.append(f"{count(len(gathered.fresh), 'flip')} asked again: {told}{worth}")
    if gathered.skipped:
        worth = f" (about {usd(gathered.skipped * each)})" if each else ""
        said.append(f"stopped early: {gathered.skipped} of {gathered.planned} samples were not needed{worth}")
    return tuple(said)
