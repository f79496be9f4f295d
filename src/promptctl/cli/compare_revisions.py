"""`compare` of two revisions: what `gate --against` asks and weighs, of any two states of a project, and nothing blocked."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from promptctl.cli import gating
from promptctl.cli.boundary import ExitCode
from promptctl.cli.gate_open import Wanted, opened
from promptctl.cli.gate_plan import GatePlan, make_plan
from promptctl.cli.output import Output
from promptctl.evals.affected import Planned
from promptctl.evals.plan import Plan
from promptctl.model.finding import Report
from promptctl.reports.build_verdict import of_comparison


def compare_revisions(wanted: Wanted, output: Output) -> tuple[Report, int | None]:
    """Ask both sides the cases of record of the prompts that differ, and compare. Raises PromptctlError.

    wanted: `against` and `head` are the sides. Gives the report, and the exit code of a signal that ended the asking, 3
    where something was not read or measured, None where all of it was.
    """
    with ExitStack() as stack:
        found = opened(wanted, stack)
        plan = make_plan(found.scene) if found.scene.touched else GatePlan((), gating.chosen(found))
        gating.refuse(found, plan, ())
        verdict, signal_code = gating.verdict_of(found, _paired(plan), wanted, output)
    report = of_comparison(verdict, verbose=output.verbose)
    if signal_code:
        told = "INTERRUPTED: nothing is compared; what was answered is kept and is not asked again"
        return replace(report, conclusion=told, outcome="error"), signal_code
    touched = found.scene.touched
    unread = [one for one in found.scene.base.problems if one.path is None or one.path in touched]
    if verdict.incomplete or found.scene.unread or unread:
        return replace(report, outcome="error"), ExitCode.UNAVAILABLE
    if not plan.affected and not plan.unmeasured:
        same = f"NOTHING DIFFERS: {found.baseline.label} and {found.head.label} have the same prompts, cases and checks"
        return replace(report, conclusion=same, outcome="pass"), None
    return report, None


def _paired(plan: GatePlan) -> GatePlan:
    """Without what only the head has: there is nothing to compare it with."""
    none = Planned(Plan(()))
    both = tuple(replace(gate, reported=none) for gate in plan.affected if gate.base is not None)
    new = [gate.name for gate in plan.affected if gate.base is None]
    notes = (*plan.notes, *(f"{name} has no base to compare it with" for name in new))
    return replace(plan, affected=both, notes=notes)
