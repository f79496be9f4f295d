"""The steps of an evaluation, from the files to the exit code."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from promptctl import __version__
from promptctl.adapters import access, checkout
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import RunStore, new_id
from promptctl.adapters.state import state_of
from promptctl.cli import boundary
from promptctl.cli.bench import bench_of
from promptctl.cli.engine import Asked, Engine, Outcome
from promptctl.cli.output import Output
from promptctl.cli.workspace import Workspace, open_workspace, project_names, read_given
from promptctl.evals.given import GivenAnswers, given_answers
from promptctl.evals.plan import Plan, narrow, plan, refuse_impossible
from promptctl.evals.summary import prompt_runs, summarise
from promptctl.model.config import Config
from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.model.prompt import Json
from promptctl.model.run import Provenance, Run
from promptctl.model.source import Blob
from promptctl.reports import build
from promptctl.text.outputs import parse_outputs
from promptctl.text.project import select, unused_golden


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line of `eval` asks for."""

    prompts: tuple[str, ...]
    offline: bool
    record: bool
    refresh: bool
    no_cache: bool
    samples: int | None
    model: str | None
    max_cost: float | None
    tags: tuple[str, ...]
    cases: tuple[str, ...]
    outputs: Path | None
    min_pass_rate: float | None
    dry_run: bool
    allow_exec: bool
    allow_hosts: tuple[str, ...]
    directory: Path | None


def run_eval(wanted: Wanted, output: Output) -> int:
    """Read, plan, ask, judge, keep, show; returns the exit code. Raises PromptctlError."""
    started, began = datetime.now(UTC), time.monotonic()
    _refuse_contradictions(wanted)
    workspace = open_workspace(wanted.directory)
    config = _effective(workspace.project.config, wanted)
    access.check_hosts(config, os.environ, wanted.allow_hosts)
    the_plan, given = _planned(workspace, config, wanted)
    seen = _file_stamps(workspace, the_plan)
    asked = _asked(wanted, given)
    state = state_of(workspace.root, os.environ)
    if state.warning:
        output.warn(state.warning)
    if wanted.dry_run:
        from promptctl.cli.forecast import forecast

        cache_path = None if wanted.no_cache or state.path is None else state.path / "cache.sqlite"
        return forecast(the_plan, workspace, config, cache_path=cache_path, refresh=wanted.refresh, output=output)
    folder = state.folder(output.warn)
    store = RunStore(state.folder(output.warn, "runs") if folder else None, leaks_of(os.environ))
    run_id = new_id(started)
    outcome = Engine(workspace, config, asked, output, _cache_path(folder, wanted)).run(
        the_plan, store.begin(run_id, output.warn)
    )
    notes = (*outcome.notes, *_changed(workspace, seen), *_left_out(workspace, wanted))
    provenance = _provenance(workspace, config, started, time.monotonic() - began)
    run = _run(run_id, the_plan, outcome, provenance, notes)
    return _conclude(run, outcome, config, store, output)


def _refuse_contradictions(wanted: Wanted) -> None:
    """Options that ask for two things at once, or for nothing that can be, are refused rather than ignored."""
    pairs: list[tuple[object, str]] = [
        (wanted.offline and wanted.refresh, "--offline and --refresh: one asks nobody, the other asks anew"),
        (wanted.outputs and wanted.model, "--outputs and --model: the answers are there, no model is asked for them"),
        (wanted.outputs and wanted.samples, "--outputs and --samples: the file says how many samples there are"),
        (wanted.outputs and wanted.dry_run, "--outputs and --dry-run: the answers are there, nothing would be asked"),
        (wanted.no_cache and wanted.offline, "--no-cache and --offline: use one; recordings are read either way"),
    ]
    pairs += [
        (value is not None and not math.isfinite(value), f"{option} {value}: it has to be a number")
        for option, value in (("--max-cost", wanted.max_cost), ("--min-pass-rate", wanted.min_pass_rate))
    ]
    pairs.append((wanted.model == "", "--model is empty: name one as provider/snapshot"))
    problems = [Problem(message) for both, message in pairs if both]
    if problems:
        raise InputError(*problems)


def _effective(config: Config, wanted: Wanted) -> Config:
    """The configuration with what the command line overrides."""
    settings = config.eval
    if wanted.min_pass_rate is not None:
        settings = replace(settings, min_pass_rate=wanted.min_pass_rate)
    if wanted.max_cost is not None:
        settings = replace(settings, max_cost_usd=wanted.max_cost)
    return replace(config, eval=settings)


def _planned(workspace: Workspace, config: Config, wanted: Wanted) -> tuple[Plan, GivenAnswers | None]:
    project = workspace.project
    bench = bench_of(project, config, allow_exec=wanted.allow_exec)
    selected = select(project, project_names(workspace, wanted.prompts))
    chosen = narrow(selected, tags=wanted.tags, cases=wanted.cases)
    made = plan(chosen, config=config.eval, bench=bench, samples=wanted.samples, model=wanted.model)
    if wanted.outputs is None:
        refuse_impossible(made)
        return made, None
    lines = parse_outputs(Blob(str(wanted.outputs), read_given(workspace, wanted.outputs)))
    known = {prompt.name: frozenset(case.id for case in golden.cases) for prompt, golden in selected}
    others = {prompt.name for prompt in project.prompts} - set(known)
    return given_answers(made, lines, path=str(wanted.outputs), known=known, others=others)


def _asked(wanted: Wanted, given: GivenAnswers | None) -> Asked:
    return Asked(
        offline=wanted.offline,
        record=wanted.record,
        refresh=wanted.refresh,
        explicit_budget=wanted.max_cost is not None,
        allow_hosts=wanted.allow_hosts,
        allow_exec=wanted.allow_exec,
        given=given,
    )


def _cache_path(folder: Path | None, wanted: Wanted) -> Path | None:
    return None if wanted.no_cache or folder is None else folder / "cache.sqlite"


def _run(run_id: str, the_plan: Plan, outcome: Outcome, provenance: Provenance, notes: tuple[str, ...]) -> Run:
    """The run document's content."""
    return Run(
        id=run_id,
        status=outcome.status,
        provenance=provenance,
        summary=summarise(the_plan, outcome.results),
        prompts=prompt_runs(the_plan, outcome.results),
        results=tuple(outcome.results),
        notes=notes,
    )


def _provenance(workspace: Workspace, config: Config, started: datetime, duration_s: float) -> Provenance:
    """Where and when; the commit is that of the checkout the project lies in."""
    head = checkout.head(workspace.root)
    return Provenance(
        promptctl=__version__,
        litellm=_litellm_version() if "litellm" in sys.modules else None,
        commit=head.commit,
        dirty=head.dirty,
        started_at=started.isoformat(timespec="milliseconds"),
        duration_s=round(duration_s, 3),
        extra=_settings(config),
    )


def _settings(config: Config) -> dict[str, Json]:
    """What decides whether the run is good, and what the operator's environment redirects (hosts only)."""
    extra: dict[str, Json] = {"min_pass_rate": config.eval.min_pass_rate, "must_pass": list(config.gate.must_pass)}
    redirected = access.operator_overrides(os.environ)
    return {**extra, "environment": dict(redirected)} if redirected else extra


def _litellm_version() -> str:
    from importlib.metadata import version

    return version("litellm")


def _conclude(run: Run, outcome: Outcome, config: Config, store: RunStore, output: Output) -> int:
    report = build.of_run(
        run, verbose=output.verbose, min_pass_rate=config.eval.min_pass_rate, must_pass=config.gate.must_pass
    )
    store.save(run.id, report.data, output.warn)
    code = boundary.OUTCOMES[report.outcome]
    if outcome.unwritten is not None:
        code = boundary.worst(code, boundary.refuse(outcome.unwritten, boundary.ExitCode.UNAVAILABLE))
    try:
        output.write(report)
    except UnavailableError as error:  # nothing of the run is lost with a report
        code = boundary.worst(code, boundary.refuse(error, boundary.ExitCode.UNAVAILABLE))
    return outcome.signal_code or code


def _left_out(workspace: Workspace, wanted: Wanted) -> Sequence[str]:
    """A note for every golden set that no prompt uses: whoever wrote it believes that it runs."""
    if wanted.prompts:
        return ()
    return [
        f"{path} was not run: no prompt uses it (a set is a prompt's by its stem, or by the prompt's `golden:`)"
        for path in unused_golden(workspace.project)
    ]


def _file_stamps(workspace: Workspace, the_plan: Plan) -> dict[str, tuple[int, int] | None]:
    paths = {planned.golden.source.path for planned in the_plan.cases}
    paths |= {planned.prompt.source.path for planned in the_plan.cases}
    return {path: _stamp(workspace.root / path) for path in sorted(paths)}


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _changed(workspace: Workspace, seen: dict[str, tuple[int, int] | None]) -> Sequence[str]:
    """A note for every file that changed under the run: its results are of what was read at the start."""
    return [
        f"{path} changed during the run; the results are of the file as it was at the start"
        for path, stamp in seen.items()
        if _stamp(workspace.root / path) != stamp
    ]
