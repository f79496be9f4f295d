"""A judge and its labels, as `judge label` and `judge audit` both begin: which one, its identity, its file."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.git import asked as git_says
from promptctl.adapters.label_files import LabelFile
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.state import state_of
from promptctl.assertions.reading.judging import identity_of
from promptctl.cli.bench import bench_of
from promptctl.cli.engine import Asked, Engine, Outcome
from promptctl.cli.output import Output
from promptctl.cli.workspace import Workspace, open_workspace, project_names
from promptctl.evals.audit import Asking
from promptctl.model.answer import Bench
from promptctl.model.config import Config
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.prompt import Prompt
from promptctl.model.suggest import closest
from promptctl.text.paths import labels_path


@dataclass(frozen=True, slots=True)
class Questioned:
    """A judge of the project. digest: its identity now; file: its labels."""

    workspace: Workspace
    judge: Prompt
    bench: Bench
    digest: str
    file: LabelFile


def questioned(name: str, directory: Path | None) -> Questioned:
    """The judge called `name`, or in the file `name`.

    Raises NothingSelectedError where there is none, with a suggestion; InputError for the problems of its file.
    """
    workspace = open_workspace(directory)
    project = workspace.project
    (wanted,) = project_names(workspace, [name])
    judge = next((one for one in project.judges.values() if wanted in (one.name, one.source.path)), None)
    if judge is None:
        broken = [one for one in project.problems if one.path and Path(one.path).stem in (wanted, Path(wanted).stem)]
        if broken:
            raise InputError(*broken)
        known = sorted(project.judges)
        near = closest(name, known)
        hint = f"did you mean {near!r}?" if near else f"the judges are {', '.join(known)}" if known else _ADD
        raise NothingSelectedError(Problem(f"there is no judge {name!r}", hint=hint))
    bench = bench_of(project, project.config, allow_exec=True)
    file = LabelFile(workspace.root, labels_path(judge.source.path), leaks_of(os.environ))
    return Questioned(workspace, judge, bench, identity_of(judge, bench.endpoint(judge.model)), file)


def ask_about(asked: Questioned, config: Config, plan: Asking, how: Asked, output: Output) -> Outcome:
    """Put the planned questions to the judge, through the engine of every run: cache, limits, budget and retries."""
    if not plan.plan.cases:
        return Outcome()
    state = state_of(asked.workspace.root, os.environ)
    if state.warning:
        output.warn(state.warning)
    folder = state.folder(output.warn)
    cache = None if folder is None else folder / "cache.sqlite"
    return Engine(asked.workspace, config, how, output, cache).run(plan.plan, None)


_ADD = "'promptctl judge add NAME --model M' writes one"


def labeller_name(root: Path, given: str | None, *, required: bool = True) -> str:
    """Who labels, on one line: as given, else git's user.name, else the login name. Where nobody is named and somebody
    is `required`, raises InputError; else that is ""."""
    named = given if given is not None else git_says(root, "config", "--get", "user.name") or _login()
    clean = one_line(named)
    if required and not clean:
        raise InputError(Problem("nobody knows who labels", hint="name yourself: --labeller NAME"))
    return clean


def one_line(name: str) -> str:
    """A name without line breaks, and without what steers a terminal."""
    return "".join(one for one in " ".join(name.split()) if one.isprintable())


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return ""
