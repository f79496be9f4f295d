"""The steps of a gate, from the two sides of a project to the exit code."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from promptctl.adapters import checkout
from promptctl.cli.gate_open import Opened, Wanted, opened
from promptctl.cli.gate_plan import GatePlan, PromptGate, make_plan
from promptctl.cli.gate_report import concluded
from promptctl.cli.output import Output
from promptctl.gate.compare import Comparison, PromptComparison
from promptctl.gate.decide import decide
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.finding import Finding
from promptctl.model.prompt import Json
from promptctl.model.run import Outcome, SampleResult, case_outcome
from promptctl.model.verdict import Ruling, Verdict
from promptctl.reports.figures import count, listed
from promptctl.text.project import current, find

if TYPE_CHECKING:
    from promptctl.cli.gate_ask import Answers


def run_gate(wanted: Wanted, output: Output) -> int:
    """Find the base, plan, ask, judge, decide, keep, show; returns the exit code. Raises PromptctlError."""
    if wanted.policy_from not in ("base", "head"):
        raise InputError(Problem(f"--policy-from {wanted.policy_from}: the policy is the base's or the head's"))
    with ExitStack() as stack:
        found = opened(wanted, stack)
        if wanted.calibrate:
            from promptctl.cli.calibrating import run_calibration

            return run_calibration(found, wanted, output)
        if not found.scene.touched and wanted.model is None:
            plan = GatePlan((), chosen(found))
            errors: tuple[Finding, ...] = ()
        else:
            plan = make_plan(found.scene)
            errors = _lint_errors(found, wanted, output)
        refuse(found, plan, errors)
        verdict, code = verdict_of(found, plan, wanted, output)
        return concluded(
            found.root, verdict, errors, found.sides.head, found.scene.config.gate, output, signal_code=code
        )


def chosen(found: Opened) -> tuple[str, ...]:
    """The prompts that a gate without changes carries over. Raises NothingSelectedError where there are none."""
    head, names = found.scene.head, found.scene.demand.prompts
    if names:
        return tuple(dict.fromkeys(find(head, name).name for name in names))
    known = tuple(one.name for one in current(head))
    if not known:
        where = ", ".join(head.config.prompts)
        raise NothingSelectedError(
            Problem(f"there are no prompts under {where}", hint="promptctl init writes an example")
        )
    return known


def _lint_errors(found: Opened, wanted: Wanted, output: Output) -> tuple[Finding, ...]:
    from promptctl.cli.gate_lint import new_errors

    scene = found.scene
    only = None
    if wanted.prompts:
        named = {name.partition("@")[0] for name in scene.demand.prompts}
        only = [one.source.path for one in scene.head.prompts if one.name in named or one.source.path in named]
    return new_errors(found.root, found.sides, scene.head.config, scene.config, output, only=only)


def refuse(found: Opened, plan: GatePlan, errors: Sequence[Finding]) -> None:
    """What cannot be read is a finding of lint; where lint has no new one to tell, it is an input error."""
    scene = found.scene
    touched = [one for one in scene.head.problems if one.path is None or one.path in scene.touched]
    if (plan.problems or touched) and not errors:
        raise InputError(*plan.problems, *touched)
    if not plan.prompts and not errors:
        raise NothingSelectedError(Problem("there is no prompt on the head to compare"))


def description(found: Opened, plan: GatePlan) -> str:
    """What was taken: `2da8db2 (HEAD^1 of a merge; 3 of 41 prompts affected)`."""
    touched = len(plan.affected) + len(plan.unmeasured)
    return f"{found.baseline.label} ({found.baseline.words}; {touched} of {count(plan.prompts, 'prompt')} affected)"


def verdict_of(found: Opened, plan: GatePlan, wanted: Wanted, output: Output) -> tuple[Verdict, int]:
    """The verdict, and the exit code of a signal that ended the asking, or 0."""
    told = description(found, plan)
    output.remark(f"baseline {told}")
    policy = found.scene.config.gate
    baseline = {
        "spec": wanted.against,
        "commit": found.baseline.commit,
        "description": told,
        "policy_from": wanted.policy_from,
    }
    notes = (*plan.notes, *(_why(gate) for gate in plan.affected), *(_unmeasured(name) for name in plan.unmeasured))
    head, carried, command = _head(found), plan.carried_over, _command(found, wanted)
    comparison = _complete(Comparison(()), plan)
    if not plan.affected:
        return decide(
            comparison, policy, baseline=baseline, head=head, carried_over=carried, notes=notes, command=command
        ), 0
    from promptctl.cli.gate_ask import asked

    answers = asked(found, plan, wanted, output)
    verdict = decide(
        _complete(answers.comparison, plan),
        policy,
        confirmations=answers.confirmations,
        stops=answers.stops,
        judges=answers.judges,
        baseline={**baseline, "run": answers.runs[0]},
        head={**head, "run": answers.runs[1]},
        carried_over=carried,
        notes=(*notes, *_reported(plan, answers.reported), *_other_judges(answers), *answers.notes),
        command=command,
    )
    return _with_new(verdict, plan, answers.reported), answers.signal_code


def _other_judges(answers: Answers) -> tuple[str, ...]:
    """What a change of judges does to the same answers, where the change brings one."""
    if not answers.reported:
        return ()
    from promptctl.gate.bridge import bridges, sentence  # late: scipy, which a gate without another judge does without

    pairs = (pair for one in answers.comparison.prompts for pair in (*one.pairs, *one.errored))
    in_force = [sample for pair in pairs for sample in pair.head.samples]
    return tuple(sentence(one) for one in bridges(in_force, answers.reported))


def _complete(found: Comparison, plan: GatePlan) -> Comparison:
    """With the prompts of which nothing came back, and those that nothing measures: neither is a pass."""
    known = {one.prompt for one in found.prompts}
    missing = [gate.name for gate in plan.affected if gate.base is not None and gate.name not in known]
    added = tuple(PromptComparison(name, ()) for name in (*missing, *plan.unmeasured))
    return replace(found, prompts=(*found.prompts, *added), base_only=(), head_only=())


def _with_new(verdict: Verdict, plan: GatePlan, reported: Sequence[SampleResult]) -> Verdict:
    """A change that only adds prompts has no base to be worse than: it passes where its cases could be judged."""
    new = [gate.name for gate in plan.affected if gate.base is None]
    if not new or len(new) < len(plan.affected) or plan.unmeasured:
        return verdict
    told = _reported(plan, reported)
    if any(one.outcome is Outcome.ERROR for one in reported) or not reported:
        return replace(verdict, verdict=Ruling.INCONCLUSIVE, rule="nothing-measured", reasons=told)
    return replace(verdict, verdict=Ruling.PASS, rule="new", reasons=told)


def _reported(plan: GatePlan, results: Sequence[SampleResult]) -> tuple[str, ...]:
    """A sentence a prompt on the cases that only the head has."""
    said = []
    for gate in plan.affected:
        cases: dict[str, list[SampleResult]] = {}
        for result in results:
            if result.prompt == gate.name:
                cases.setdefault(result.case, []).append(result)
        if not cases:
            continue
        outcomes = {
            case: case_outcome([one.outcome for one in of], pass_if=of[0].pass_if) for case, of in cases.items()
        }
        bad = [case for case, outcome in outcomes.items() if outcome is not Outcome.PASS]
        kind = "cases of a new prompt" if gate.base is None else "new or edited cases"
        failing = f"; not passing: {listed(bad)}" if bad else ""
        passed = len(outcomes) - len(bad)
        said.append(
            f"{gate.name}: {passed} of {len(outcomes)} {kind} pass on the head, reported and not gated{failing}"
        )
    return tuple(said)


def _why(gate: PromptGate) -> str:
    edited, deleted = len(gate.roles.edited), len(gate.roles.deleted)
    parts = [f"{count(edited, 'edited case')} gated as the base has it" if edited else ""]
    parts += [f"{count(deleted, 'deleted case')} still run" if deleted else ""]
    more = "".join(f"; {part}" for part in parts if part)
    return f"{gate.name} is affected: {', '.join(gate.why)}{more}"


def _unmeasured(name: str) -> str:
    return f"{name} is affected and has no golden set: nothing measures the change"


def _head(found: Opened) -> Mapping[str, Json]:
    if found.head.commit is not None:
        told = f"{found.head.label} ({found.head.words})"
        return {"commit": found.head.commit, "dirty": False, "description": told}
    here = checkout.head(found.root)
    commit = here.commit[:7] if here.commit else "no commit"
    changes = ", with changes" if here.dirty else ""
    return {"commit": here.commit, "dirty": here.dirty, "description": f"the working tree at {commit}{changes}"}


def _command(found: Opened, wanted: Wanted) -> str:
    spec = found.baseline.commit[:12] if found.baseline.commit else wanted.against
    words = ["promptctl", "gate", "--against", spec]
    if wanted.head is not None:
        words = ["promptctl", "compare", spec, found.head.commit[:12] if found.head.commit else wanted.head]
    words += ["--policy-from", "head"] if wanted.policy_from == "head" else []
    words += ["--model", wanted.model] if wanted.model else []
    words += ["--samples", str(wanted.samples)] if wanted.samples else []
    words += ["--offline"] if wanted.offline else []
    words += [] if wanted.allow_exec else ["--no-exec"]
    return shlex.join([*words, *wanted.prompts])
