"""Stored runs as reports: the list of them, one of them, and what an export writes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from promptctl.adapters.files import find_root
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import DOCUMENT, TRACES, RunStore
from promptctl.adapters.state import State, state_of
from promptctl.cli.output import Output
from promptctl.model.config import GateConfig
from promptctl.model.errors import InputError, NothingSelectedError, Problem, UnavailableError
from promptctl.model.finding import Report, Table
from promptctl.model.prompt import Json
from promptctl.reports import build
from promptctl.reports.figures import count, listed, usd
from promptctl.text.record import decode

SHOWN_ID = 15  # characters: to the second
RECENT_DAYS = 180  # an older day is told with its year, as `ls -l` does


@dataclass(frozen=True, slots=True)
class Listed:
    """A run as the list shows it. status: its document's, "unfinished" without one, "damaged" for one nobody can read."""

    id: str
    started_at: datetime
    status: str
    prompts: tuple[str, ...] = ()
    cases: int | None = None
    passed: int | None = None
    cost_usd: float | None = None
    problem: str | None = None


def state_around(directory: Path | None) -> State:
    """The state of the project around `-C DIR`. Raises InputError where there is no such folder."""
    if directory is not None:
        from promptctl.cli.app import enter

        enter(directory)
    return state_of(find_root(Path.cwd()), os.environ)


def store_of(directory: Path | None) -> RunStore:
    """The project's stored runs. Raises UnavailableError where promptctl has no place for its state."""
    state = state_around(directory)
    if state.path is None:
        raise UnavailableError(state.warning or "there is no place for stored runs")
    return RunStore(state.path / "runs", leaks_of(os.environ))


def started_of(run: str) -> datetime:
    """When a run began, from its id."""
    return datetime.strptime(run[:19] + "+0000", "%Y%m%dT%H%M%S.%f%z")


def document_of(store: RunStore, run: str) -> Mapping[str, Json]:
    """The document of a stored run. Raises InputError where it cannot be read."""
    try:
        return store.document(run)
    except RecursionError:
        raise InputError(Problem(f"the document of run {run} is damaged: it is nested too deep")) from None


def listing(store: RunStore, most: int | None) -> Report:
    """The report of `runs list`: the `most` youngest runs, all of them for None."""
    ids = store.ids()
    found = [_listed(store, run) for run in ids[:most]]
    damaged = [one for one in found if one.status == "damaged"]
    table = Table(
        title="Stored runs",
        columns=("Run", "When", "Prompts", "Passed", "Cost", "Status"),
        rows=tuple(_row(one, name) for one, name in zip(found, _names(found, ids), strict=True)),
        align=("left", "left", "left", "right", "right", "left"),
    )
    shown = (
        f"{len(found)} of {count(len(ids), 'stored run')}" if len(found) < len(ids) else count(len(ids), "stored run")
    )
    return Report(
        kind="runs",
        title="promptctl runs list",
        outcome="warning" if damaged else "pass",
        conclusion=f"{shown} in {store.folder}"
        if ids
        else f"no stored runs in {store.folder}: `promptctl eval` makes one",
        data={"version": 1, "kind": "runs", "runs": [_document(one) for one in found]},
        tables=(table,) if found else (),
        notes=tuple(f"run {one.id} is damaged: {one.problem}" for one in damaged),
    )


def report_of(name: str, directory: Path | None, output: Output) -> Report:
    """The report of a stored run, or of an exported one in the file `name`, as `eval` gave it.

    Raises NothingSelectedError for an unknown run, InputError for a document that cannot be read.
    """
    document = _document_in(name, directory, output)
    run = decode(document)
    policy = run.provenance.extra
    rate, tags = policy.get("min_pass_rate"), policy.get("must_pass")
    report = build.of_run(
        run,
        verbose=output.verbose,
        min_pass_rate=rate if isinstance(rate, int | float) else None,
        must_pass=tuple(tags) if isinstance(tags, list) else GateConfig().must_pass,
    )
    return replace(report, data=document)


def exported(name: str, directory: Path | None, *, traces: bool) -> bytes:
    """A stored run's document as it was written, or its traces. Raises as `report_of` does."""
    store = store_of(directory)
    run = chosen(store, name, needed=TRACES if traces else DOCUMENT)
    if not traces:
        decode(document_of(store, run))
        return store.read(run)
    assert store.folder is not None
    path = store.folder / run / TRACES
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NothingSelectedError(Problem(f"run {run} made no calls: it has no traces")) from None
    except OSError as error:
        raise UnavailableError(Problem(f"cannot be read: {error.strerror}", path=str(path))) from error


def chosen(store: RunStore, name: str, *, needed: str = DOCUMENT) -> str:
    """The id that `name` means; "latest" is the youngest run that has the file needed.

    Raises NothingSelectedError where there is none, InputError where `name` is the beginning of several.
    """
    ids = store.ids()
    if name == "latest" and store.folder is not None:
        folder = store.folder
        whole = next((run for run in ids if (folder / run / needed).exists()), None)
        if whole is None:
            raise NothingSelectedError(Problem("there is no stored run yet", hint="'promptctl eval' makes one"))
        return whole
    try:
        return store.find(name)
    except InputError as error:
        if name and any(run.startswith(name) for run in ids):
            raise
        raise NothingSelectedError(*error.problems) from None


def _document_in(name: str, directory: Path | None, output: Output) -> Mapping[str, Json]:
    store = None
    if directory is not None:
        store = store_of(directory)  # first: it enters the folder that a path is relative to
    path = Path(name)
    if path.suffix == ".json" or path.is_file():
        return document_at(path)
    store = store or store_of(None)
    run = chosen(store, name)
    if name == "latest" and run != store.ids()[0]:
        output.warn(f"run {store.ids()[0]} was ended before it was written; this is the youngest whole one, {run}")
    return document_of(store, run)


def document_at(path: Path) -> Mapping[str, Json]:
    """The run document in a file. Raises InputError where it is none."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path=str(path))) from None
    except (ValueError, RecursionError) as error:
        hint = "'promptctl runs export' and 'promptctl eval --format json' write run documents"
        raise InputError(Problem(f"not a run document: {error}", path=str(path), hint=hint)) from None
    try:
        decode(document)
    except InputError as error:
        raise InputError(*(replace(problem, path=str(path)) for problem in error.problems)) from None
    return document  # type: ignore[no-any-return]


def _listed(store: RunStore, run: str) -> Listed:
    assert store.folder is not None
    started = started_of(run)
    if not (store.folder / run / DOCUMENT).exists():
        return Listed(run, started, "unfinished")
    try:
        # Every result of every run would be read anew for one line each; their number does not matter to the list.
        document = decode({**document_of(store, run), "results": []})
    except InputError as error:
        return Listed(run, started, "damaged", problem="; ".join(problem.message for problem in error.problems))
    return Listed(
        id=run,
        started_at=started,
        status=document.status,
        prompts=tuple(f"{one.name} {one.version}" if one.version else one.name for one in document.prompts),
        cases=document.summary.cases,
        passed=document.summary.passed,
        cost_usd=document.summary.cost_usd,
    )


def _names(found: Sequence[Listed], ids: Sequence[str]) -> list[str]:
    """The ids as they are shown: whole, or, on a terminal, as much of each as means no other run."""
    if not sys.stdout.isatty():
        return [one.id for one in found]
    starts = range(SHOWN_ID, len(ids[0]) + 1) if ids else ()
    room = next((size for size in starts if len({run[:size] for run in ids}) == len(ids)), None)
    return [one.id[:room] for one in found]


def _row(one: Listed, name: str) -> tuple[str, ...]:
    when = one.started_at.astimezone()
    recent = abs((datetime.now(UTC) - when).days) < RECENT_DAYS
    day = when.strftime("%b %d %H:%M" if recent else "%Y-%m-%d")
    if one.cases is None:
        return (name, day, "", "", "", one.status)
    return (
        name,
        day,
        listed(one.prompts, most=2),
        f"{one.passed} of {one.cases}",
        usd(one.cost_usd).replace("under ", "<"),
        one.status,
    )


def _document(one: Listed) -> dict[str, Json]:
    return {
        "id": one.id,
        "started_at": one.started_at.isoformat(timespec="milliseconds"),
        "status": one.status,
        "prompts": list(one.prompts),
        "cases": one.cases,
        "passed": one.passed,
        "cost_usd": one.cost_usd,
        "problem": one.problem,
    }
