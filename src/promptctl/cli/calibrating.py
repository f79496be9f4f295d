"""`gate --calibrate`: the base against itself, so that the gate's own errors are known before it judges anybody."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from promptctl.adapters.files import atomic_write
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import encode
from promptctl.adapters.state import state_of
from promptctl.adapters.workers import Workers
from promptctl.cli import boundary
from promptctl.cli.calibration_file import FILE
from promptctl.cli.floor import Floor
from promptctl.cli.gate_ask import engine_of
from promptctl.cli.gate_open import Opened, Wanted, checks_folder
from promptctl.cli.gate_plan import GatePlan, PromptGate, record_of, whole
from promptctl.cli.output import Output
from promptctl.evals.affected import Planned
from promptctl.evals.plan import Plan
from promptctl.gate.outcomes import noninferior
from promptctl.model.errors import InputError, NothingSelectedError, Problem, PromptctlError
from promptctl.model.finding import Report, Table
from promptctl.model.prompt import Json
from promptctl.model.run import Outcome, SampleResult, case_outcome
from promptctl.reports.figures import count
from promptctl.stats.characteristics import evidence_rule, regression_power
from promptctl.stats.proportions import wilson
from promptctl.text.project import find, select


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the gate behaves on one golden set. n: cases measured twice; discordance: the share that differed.

    false_block: how often it would fail an unchanged prompt; power: how often it would fail a true drop of `drop`;
    passes: how often it would pass an unchanged prompt. None where nothing was measured.
    """

    prompt: str
    n: int
    differed: int
    errors: int
    discordance: float | None
    discordance_interval: tuple[float, float] | None
    false_block: float | None
    passes: float | None
    power: float | None
    drop: float


def run_calibration(found: Opened, wanted: Wanted, output: Output) -> int:
    """Ask every case of the base twice over, with fresh samples, and report; returns the exit code."""
    gates = _gates(found)
    plan = GatePlan(gates, ())
    once = whole(gate.base.plan for gate in gates if gate.base is not None)
    first: list[SampleResult] = []
    second: list[SampleResult] = []
    engine = engine_of(found, plan, wanted, output)

    async def work(floor: Floor) -> None:
        async with AsyncExitStack() as stack:
            folder = await checks_folder(found, plan, stack)
            workers = None if folder is None else await stack.enter_async_context(Workers(folder, environ=os.environ))
            again = max((case.samples for case in once.cases), default=1)
            async with asyncio.TaskGroup() as group:
                group.create_task(floor.evaluate(once, first.append, execute=workers))
                group.create_task(floor.evaluate(once, second.append, execute=workers, first=again))

    signal_code, _ = engine.work(Plan((*once.cases, *once.cases)), None, work)
    measured = [_calibration(gate.name, first, second, found) for gate in gates]
    report = _report(measured, found, engine.notes)
    _keep(found.root, measured, output)
    output.write(report)
    return signal_code or boundary.OUTCOMES[report.outcome]


def _gates(found: Opened) -> tuple[PromptGate, ...]:
    """The base's prompts as they are planned there. Raises InputError for a case that does not fit."""
    scene = found.scene
    names = scene.demand.prompts
    chosen = select(scene.base, [find(scene.base, name).name for name in names] if names else ())
    gates = []
    for prompt, golden in chosen:
        base = record_of(scene, prompt, golden)
        if base.misfits:
            raise InputError(*(Problem(f"{one.case}: {one.error}") for one in base.misfits if not one.sample))
        gates.append(PromptGate(prompt.name, ("calibration",), base, None, Planned(Plan(()))))
    if not gates:
        raise NothingSelectedError(Problem("the base has no prompt with a golden set"))
    return tuple(gates)


def _calibration(
    prompt: str, first: Sequence[SampleResult], second: Sequence[SampleResult], found: Opened
) -> Calibration:
    policy = found.scene.config.gate
    one, other = _outcomes(prompt, first), _outcomes(prompt, second)
    both = [(one[case], other[case]) for case in one if case in other]
    measured = [pair for pair in both if Outcome.ERROR not in pair]
    differed, n = sum(a is not b for a, b in measured), len(measured)
    drop = max(policy.max_drop, 0.05)
    if not n:
        return Calibration(prompt, 0, 0, len(both), None, None, None, None, None, drop)
    discordance = differed / n
    idle = evidence_rule(
        n, discordance=discordance, difference=0.0, margin=min(policy.max_drop, 1.0), confidence=policy.confidence
    )
    # Identical outcomes pass also where so few cases could not show non-inferiority.
    shown = noninferior(0, 0, n, max_drop=policy.max_drop, confidence=policy.confidence)
    identical = 0.0 if shown else (1 - discordance) ** n
    power = regression_power(n, discordance=min(1.0, max(discordance, drop)), drop=drop, confidence=policy.confidence)
    return Calibration(
        prompt=prompt,
        n=n,
        differed=differed,
        errors=len(both) - n,
        discordance=discordance,
        discordance_interval=wilson(differed, n),
        false_block=None if idle is None else idle.fails,
        passes=None if idle is None else min(1.0, idle.passes + idle.tolerated + identical),
        power=power,
        drop=drop,
    )


def _outcomes(prompt: str, results: Sequence[SampleResult]) -> dict[str, Outcome]:
    cases: dict[str, list[SampleResult]] = {}
    for result in results:
        if result.prompt == prompt:
            cases.setdefault(result.case, []).append(result)
    return {case: case_outcome([one.outcome for one in of], pass_if=of[0].pass_if) for case, of in cases.items()}


def _report(measured: Sequence[Calibration], found: Opened, notes: Sequence[str]) -> Report:
    errors = sum(one.errors for one in measured)
    base = f"{found.baseline.label} ({found.baseline.words})"
    rows = tuple(
        (
            one.prompt,
            f"{one.n:,}",
            f"{one.differed:,}",
            _share(one.discordance) + _between(one.discordance_interval),
            _share(one.false_block),
            _share(one.passes),
            f"{_share(one.power)} of a drop of {one.drop * 100:g} points",
        )
        for one in measured
    )
    columns = ("Prompt", "Cases", "Differed", "Discordance", "False blocks", "Passes when unchanged", "Power")
    noisy = max((one.discordance for one in measured if one.discordance is not None), default=None)
    told = "nothing was measured" if noisy is None else f"at most {_share(noisy)} of the cases differ from run to run"
    return Report(
        kind="calibration",
        title="promptctl gate --calibrate",
        outcome="error" if errors or noisy is None else "pass",
        conclusion=f"CALIBRATED: {count(len(measured), 'prompt')} of {base} against itself; {told}",
        data={
            "version": 1,
            "kind": "calibration",
            "baseline": {"spec": found.baseline.spec, "commit": found.baseline.commit},
            "prompts": [asdict(one) for one in measured],
        },
        tables=(Table("The gate on unchanged prompts", columns, rows, ("left", *["right"] * 6)),),
        notes=(*notes, *((f"{count(errors, 'case')} with an ERROR, left out",) if errors else ())),
    )


def _share(value: float | None) -> str:
    return "unknown" if value is None else f"{value * 100:.1f} %"


def _between(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f" ({interval[0] * 100:.1f} to {interval[1] * 100:.1f})"


def _keep(root: Path, measured: Sequence[Calibration], output: Output) -> None:
    """Add what was measured to what is known, by prompt; a disk that refuses costs a warning."""
    folder = state_of(root, os.environ).folder(output.warn)
    if folder is None:
        return
    known: dict[str, Json] = {}
    with suppress(OSError, ValueError):
        known = dict(json.loads((folder / FILE).read_text("utf-8"))["prompts"])
    at = datetime.now(UTC).isoformat(timespec="seconds")
    known |= {one.prompt: {**asdict(one), "measured_at": at} for one in measured if one.n}
    try:
        atomic_write(folder / FILE, encode({"version": 1, "prompts": known}, leaks_of(os.environ)))
    except PromptctlError as error:
        output.warn(f"this calibration is not kept: {error.problems[0].message}")
