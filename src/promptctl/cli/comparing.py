"""The steps of a comparison: what the two names mean, the runs they lead to, and the report."""

from __future__ import annotations

import gc
import json
import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from promptctl.adapters.files import find_root
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import DOCUMENT, RunStore
from promptctl.adapters.state import state_of
from promptctl.cli.output import Output
from promptctl.cli.workspace import start_folder
from promptctl.gate.compare import Comparison, compare
from promptctl.gate.decide import decide
from promptctl.model.config import GateConfig
from promptctl.model.errors import InputError, NothingSelectedError, Problem, PromptctlError
from promptctl.model.finding import Report
from promptctl.model.prompt import Json
from promptctl.model.run import Run
from promptctl.model.source import Blob
from promptctl.model.verdict import JudgeInForce, Verdict
from promptctl.reports.build_verdict import of_comparison
from promptctl.text.record import decode

_LATEST = re.compile(r"latest(?:~(\d{1,6}))?")
_ACCEPTED = "compare takes two runs, run documents, --outputs files or two revisions (a commit, a branch, worktree)"
_REVIEWED = "review takes a gate's verdict or a run (an id, its beginning, latest), or two runs"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line of `compare` asks for."""

    base: str
    head: str
    prompts: tuple[str, ...]
    offline: bool
    allow_exec: bool
    directory: Path | None
    judge: str | None = None
    max_cost: float | None = None


def comparison(wanted: Wanted, output: Output) -> tuple[Report, int | None]:
    """The report, and the exit code of a signal that ended it early, or None. Raises PromptctlError."""
    gc.disable()  # two runs are a million objects, none of them in a cycle, and all of them needed to the end
    cwd = start_folder(wanted.directory)
    base, head = _file_document(cwd, wanted.base), _file_document(cwd, wanted.head)
    if base is _LINES or head is _LINES:
        if base is not head:
            raise InputError(
                Problem("one is a run, the other a file of answers: both sides must be scored alike", hint=_ACCEPTED)
            )
        _refuse_judge(wanted)
        return _outputs(wanted, output)
    store = _Runs(cwd)
    if _are_revisions(((wanted.base, base), (wanted.head, head)), store, find_root(cwd)):
        _refuse_judge(wanted)
        return _revisions(wanted, output)
    before = _run(wanted.base, base, store)
    after = _run(wanted.head, head, store)
    if wanted.prompts:
        before, after = _only(before, wanted.prompts), _only(after, wanted.prompts)
    judged = () if wanted.judge is None else ("--judge", wanted.judge)
    _, compared, verdict = compared_runs(before, after, find_root(cwd), (*wanted.prompts, *judged))
    report = of_comparison(verdict, verbose=output.verbose)
    if wanted.judge is None:
        return report, None
    from promptctl.cli.preferring import Wanted as Preferring
    from promptctl.cli.preferring import with_preferences

    how = Preferring(wanted.judge, wanted.offline, wanted.max_cost, wanted.directory)
    return with_preferences(report, compared, how, output)


def _refuse_judge(wanted: Wanted) -> None:
    if wanted.judge is not None:
        hint = (
            "evaluate both sides with 'promptctl eval' and compare the two runs: compare latest~1 latest --judge NAME"
        )
        raise InputError(Problem("--judge compares stored runs", hint=hint))


_LINES: Mapping[str, Json] = {}
"""Stands for a file that is no run document: lines of answers, which the other road reads and judges."""


def _outputs(wanted: Wanted, output: Output) -> tuple[Report, int | None]:
    from promptctl.cli.gate_outputs import TwoOutputs, score_both, verdict_of

    two = TwoOutputs(
        base=Path(wanted.base),
        head=Path(wanted.head),
        prompts=wanted.prompts,
        offline=wanted.offline,
        allow_exec=wanted.allow_exec,
        directory=wanted.directory,
    )
    both = score_both(two, output)
    return of_comparison(verdict_of(two, both, "compare"), verbose=output.verbose), both.signal_code


def _revisions(wanted: Wanted, output: Output) -> tuple[Report, int | None]:
    from promptctl.cli.compare_revisions import compare_revisions
    from promptctl.cli.gate_open import Wanted as Sought

    sought = Sought(
        against=wanted.base,
        head=wanted.head,
        prompts=wanted.prompts,
        offline=wanted.offline,
        allow_exec=wanted.allow_exec,
        directory=wanted.directory,
    )
    return compare_revisions(sought, output)


def _are_revisions(sides: Sequence[tuple[str, Mapping[str, Json] | None]], runs: _Runs, root: Path) -> bool:
    """Whether both sides are revisions. Raises InputError where one alone is, or where a name is a run's as well."""
    found = [document is None and _is_revision(name, runs, root) for name, document in sides]
    if any(found) and not all(found):
        (one,), (other,) = (
            [name for (name, _), is_one in zip(sides, found, strict=True) if is_one is way] for way in (True, False)
        )
        message = f"{one} is a revision and {other} is none: both sides must be answered alike"
        raise InputError(Problem(message, hint=_ACCEPTED))
    return all(found)


def _is_revision(name: str, runs: _Runs, root: Path) -> bool:
    if name == "worktree" or name.startswith(("merge-base:", "tag:")):
        return True
    run = runs.known(name)
    if run == name:  # a whole id: the usual case asks git nothing
        return False
    from promptctl.adapters.git import asked

    if asked(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") is None:
        return False
    if run is not None:
        hint = f"for the run: {run}; for the revision: its whole commit id, refs/heads/{name} or refs/tags/{name}"
        raise InputError(Problem(f"{name} is a stored run and a git revision", hint=hint))
    return True


def _file_document(cwd: Path, name: str, accepted: str = _ACCEPTED) -> Mapping[str, Json] | None:
    """The document in the file `name`, `_LINES` for a file of lines, None where there is no such file.

    Raises InputError for a file that cannot be read, or is a document of another kind.
    """
    path = cwd / name
    if not path.is_file():
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path=name, hint=accepted)) from None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or ("kind" not in document and "case" in document):
        if path.suffix == ".json":
            raise InputError(Problem("not a run document", path=name, hint=accepted))
        return _LINES
    return document


def stored_run(name: str, cwd: Path) -> Run:
    """The run of a review that `name` means: a stored one, or a run document in a file. Raises PromptctlError."""
    document = _file_document(cwd, name, _REVIEWED)
    if document is _LINES:
        hint = "`promptctl eval --outputs FILE` scores them and stores a run"
        raise InputError(Problem("a file of answers is no run", path=name, hint=hint))
    return _run(name, document, _Runs(cwd, _REVIEWED))


def _run(name: str, document: Mapping[str, Json] | None, runs: _Runs) -> Run:
    if document is None:
        return _decoded(runs.document(name), f"run {name}")
    return _decoded(document, name)


def _decoded(document: Mapping[str, Json], path: str) -> Run:
    try:
        return decode(document)
    except InputError as error:
        raise InputError(*(replace(problem, path=path) for problem in error.problems)) from None


class _Runs:
    """The stored runs of the project around a folder, looked for when a name is no file."""

    def __init__(self, cwd: Path, accepted: str = _ACCEPTED) -> None:
        self._cwd, self._accepted = cwd, accepted

    def document(self, name: str) -> Mapping[str, Json]:
        """The document of the run `name` means. Raises InputError or, where nothing is stored, NothingSelectedError."""
        store = self._store()
        run = self._find(store, name)
        try:
            return store.document(run)
        except RecursionError:
            raise InputError(Problem(f"the document of run {run} is damaged: it is nested too deep")) from None

    def known(self, name: str) -> str | None:
        """The id of the stored run that `name` means; None where it means none, or more than one."""
        with suppress(PromptctlError):
            return self._find(self._store(), name)
        return None

    def _store(self) -> RunStore:
        state = state_of(find_root(self._cwd), os.environ)
        return RunStore(None if state.path is None else state.path / "runs", leaks_of(os.environ))

    def _find(self, store: RunStore, name: str) -> str:
        found = _LATEST.fullmatch(name)
        return self._latest(store, int(found[1] or 0)) if found else self._named(store.find, name)

    def _latest(self, store: RunStore, back: int) -> str:
        folder = store.folder
        whole = [run for run in store.ids() if folder is not None and (folder / run / DOCUMENT).exists()]
        if back >= len(whole):
            count = f"{len(whole)} whole run{'' if len(whole) == 1 else 's'}"
            raise NothingSelectedError(Problem(f"there are {count} stored", hint="'promptctl eval' makes one"))
        return whole[back]

    def _named(self, find: Callable[[str], str], name: str) -> str:
        try:
            return find(name)
        except InputError as error:
            hints = "; ".join(problem.hint for problem in error.problems if problem.hint)
            raise InputError(Problem(error.problems[0].message, hint=f"{hints}. {self._accepted}")) from None


def _only(run: Run, names: tuple[str, ...]) -> Run:
    """The run with only these prompts. Raises NothingSelectedError for one it does not have."""
    known = [one.name for one in run.prompts]
    missing = [name for name in names if name not in known]
    if missing:
        hint = f"it has {', '.join(known[:8])}"
        raise NothingSelectedError(*(Problem(f"run {run.id} has no prompt {name!r}", hint=hint) for name in missing))
    return replace(
        run,
        prompts=tuple(one for one in run.prompts if one.name in names),
        results=tuple(one for one in run.results if one.prompt in names),
    )


def described(run: Run) -> Mapping[str, Json]:
    """A side of a comparison: its run, and what that is of."""
    commit = run.provenance.commit
    at = (
        "" if commit is None else f", commit {commit[:10]}{' with uncommitted changes' if run.provenance.dirty else ''}"
    )
    models = list(dict.fromkeys(one.model for one in run.prompts))
    asked = f", {models[0]}" if len(models) == 1 else ""
    return {"run": run.id, "commit": commit, "description": f"run {run.id}{at}{asked}"}


def compared_runs(
    before: Run, after: Run, root: Path, arguments: Sequence[str] = ()
) -> tuple[GateConfig, Comparison, Verdict]:
    """The policy in force, the comparison of two runs, and its verdict. arguments: what reproduces it beside the runs."""
    policy, comparison = policy_of(root), compare(before, after)
    verdict = decide(
        comparison,
        policy,
        judges=() if policy.min_tnr is None else judges_of((before, after), root, policy.confidence),
        baseline=described(before),
        head=described(after),
        command=shlex.join(["promptctl", "compare", before.id, after.id, *arguments]),
    )
    return policy, comparison, verdict


def judges_of(runs: Sequence[Run], root: Path, confidence: float) -> tuple[JudgeInForce, ...]:
    """The judges of the project as it is, and what labels say of each under the identity it had in these runs."""
    from promptctl.adapters.files import WorkTree
    from promptctl.cli.reliability import judges_of_results
    from promptctl.text.project import load_project

    results = [result for run in runs for result in run.results]
    return judges_of_results(results, load_project(WorkTree(root)), confidence)


def policy_of(root: Path) -> GateConfig:
    """The gate's keys of the project's promptctl.yaml; the defaults where it has none."""
    path = root / "promptctl.yaml"
    if not path.is_file():
        return GateConfig()
    from promptctl.text.config import parse_config

    try:
        return parse_config(Blob("promptctl.yaml", path.read_bytes())).gate
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path="promptctl.yaml")) from None
