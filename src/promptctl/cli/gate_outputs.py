"""Two files of answers that already exist, scored by the same assertions and judges, and compared. Nothing is linted."""

from __future__ import annotations

import os
import shlex
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promptctl import __version__
from promptctl.adapters import access
from promptctl.adapters.runs import new_id
from promptctl.adapters.state import state_of
from promptctl.cli import boundary
from promptctl.cli.bench import bench_of
from promptctl.cli.engine import Asked, Engine
from promptctl.cli.output import Output
from promptctl.cli.reliability import judges_in_force
from promptctl.cli.workspace import Workspace, open_workspace, project_names, read_given
from promptctl.evals.given import given_answers
from promptctl.evals.plan import Plan, plan
from promptctl.evals.summary import prompt_runs, summarise
from promptctl.gate.compare import Comparison, compare
from promptctl.gate.decide import decide
from promptctl.model.config import GateConfig
from promptctl.model.finding import Report
from promptctl.model.run import Provenance, Run
from promptctl.model.source import Blob
from promptctl.model.verdict import JudgeInForce, Verdict
from promptctl.reports.build_verdict import of_verdict
from promptctl.text.outputs import parse_outputs
from promptctl.text.project import select


@dataclass(frozen=True, slots=True)
class TwoOutputs:
    """Two outputs files, named as on the command line, and how they are to be scored.

    prompts: names, NAME@VERSION or paths, all prompts if none. offline: judges answer from cache and recordings only.
    """

    base: Path
    head: Path
    prompts: tuple[str, ...] = ()
    offline: bool = False
    allow_exec: bool = True
    allow_hosts: tuple[str, ...] = ()
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class ScoredBoth:
    """Both files as runs. signal_code: the exit code of a signal that ended the scoring, or None."""

    base: Run
    head: Run
    policy: GateConfig
    notes: tuple[str, ...]
    signal_code: int | None
    judges: tuple[JudgeInForce, ...] = ()

    @property
    def comparison(self) -> Comparison:
        """The two runs, case by case."""
        return compare(self.base, self.head)


def gate_outputs(wanted: TwoOutputs, output: Output) -> int:
    """Gate answers that already exist; returns the exit code. Raises PromptctlError.

    There is nobody to ask again, so the samples in the files are all there is to confirm a flip with.
    """
    both = score_both(wanted, output)
    verdict = verdict_of(wanted, both, "gate")
    report = of_verdict(verdict, on_inconclusive=both.policy.on_inconclusive, verbose=output.verbose)
    output.write(report)
    return both.signal_code or exit_code(report, output)


def exit_code(report: Report, output: Output) -> int:
    """The exit code of a verdict's report; an inconclusive one that only warns says so on stderr and is 0."""
    if report.outcome == "warning":
        output.warn(report.conclusion.removeprefix("WARNING: "))
        return boundary.ExitCode.OK
    return boundary.OUTCOMES[report.outcome]


def verdict_of(wanted: TwoOutputs, both: ScoredBoth, verb: str) -> Verdict:
    """The verdict on two scored files; `verb` is the command that reproduces it."""
    files = (
        ["--base-outputs", str(wanted.base), "--head-outputs", str(wanted.head)]
        if verb == "gate"
        else [str(wanted.base), str(wanted.head)]
    )
    return decide(
        both.comparison,
        both.policy,
        judges=both.judges,
        baseline={"outputs": str(wanted.base), "description": str(wanted.base)},
        head={"outputs": str(wanted.head), "description": str(wanted.head)},
        notes=both.notes,
        command=shlex.join(["promptctl", verb, *files, *wanted.prompts]),
    )


def score_both(wanted: TwoOutputs, output: Output) -> ScoredBoth:
    """Score both files with the project's golden sets as they are now. Raises PromptctlError."""
    workspace = open_workspace(wanted.directory)
    access.check_hosts(workspace.project.config, os.environ, wanted.allow_hosts)
    state = state_of(workspace.root, os.environ)
    if state.warning:
        output.warn(state.warning)
    folder = state.folder(output.warn)
    cache = None if folder is None else folder / "cache.sqlite"
    base_plan, base, base_signal = _score(workspace, wanted, wanted.base, output, cache)
    head, head_signal = (
        (base, base_signal) if base_signal else _score(workspace, wanted, wanted.head, output, cache)[1:]
    )
    notes, policy = tuple(dict.fromkeys((*base.notes, *head.notes))), workspace.project.config.gate
    judges = judges_in_force(base_plan.cases, workspace.project.tree, policy)
    return ScoredBoth(base, head, policy, notes, base_signal or head_signal, judges)


def _score(
    workspace: Workspace, wanted: TwoOutputs, path: Path, output: Output, cache: Path | None
) -> tuple[Plan, Run, int | None]:
    started, began = datetime.now(UTC), time.monotonic()
    project = workspace.project
    selected = select(project, project_names(workspace, wanted.prompts))
    made = plan(
        selected, config=project.config.eval, bench=bench_of(project, project.config, allow_exec=wanted.allow_exec)
    )
    known = {prompt.name: frozenset(case.id for case in golden.cases) for prompt, golden in selected}
    others = {prompt.name for prompt in project.prompts} - set(known)
    lines = parse_outputs(Blob(str(path), read_given(workspace, path)))
    the_plan, given = given_answers(made, lines, path=str(path), known=known, others=others)
    asked = Asked(offline=wanted.offline, allow_hosts=wanted.allow_hosts, given=given)
    outcome = Engine(workspace, project.config, asked, output, cache).run(the_plan, None)
    run = Run(
        id=new_id(started),
        status=outcome.status,
        provenance=Provenance(
            promptctl=__version__,
            litellm=None,
            commit=None,
            dirty=False,
            started_at=started.isoformat(timespec="milliseconds"),
            duration_s=round(time.monotonic() - began, 3),
        ),
        summary=summarise(the_plan, outcome.results),
        prompts=prompt_runs(the_plan, outcome.results),
        results=tuple(outcome.results),
        notes=outcome.notes,
    )
    return the_plan, run, outcome.signal_code
