"""The answers of stored runs that a person can be asked about: what one judge judged, with its case."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import DOCUMENT, RunStore
from promptctl.adapters.state import state_of
from promptctl.cli.judge_question import Questioned
from promptctl.cli.output import Output
from promptctl.cli.stored import chosen, document_at, document_of
from promptctl.evals.judged import Candidate, CaseOf, KnownCase, distinct, judged_by, known_case
from promptctl.evals.label_sample import label_of
from promptctl.model.answer import Bench
from promptctl.model.errors import InputError, NothingSelectedError, Problem, PromptctlError
from promptctl.model.golden import Case
from promptctl.model.project import Project
from promptctl.model.prompt import Prompt
from promptctl.model.run import Run, SampleResult
from promptctl.model.source import Source
from promptctl.reports.figures import count, listed
from promptctl.text.inputs import with_plain_input
from promptctl.text.project import find, golden_of, load_project
from promptctl.text.record import decode


def pool(asked: Questioned, names: Sequence[str], output: Output) -> tuple[Candidate, ...]:
    """The answers the judge judged in the runs called `names` (in all stored ones if none), each item once.

    Left out, with a warning: answers whose case, as it was asked, is neither in the project nor at the run's commit, and
    those that hold a key. Raises NothingSelectedError where there is no run, or none with an answer this judge judged.
    """
    cases = _Cases(asked)
    found: list[Candidate] = []
    lost: list[SampleResult] = []
    runs = _runs(asked, names, output)
    for run in runs:
        judged, without_case = judged_by(asked.judge.name, run, cases.of(run))
        found += judged
        lost += without_case
    if lost:
        which = listed(sorted({f"{one.prompt} {one.case}" for one in lost}))
        output.warn(
            f"{count(len(lost), 'answer')} left out: their cases are gone or edited, and nobody knows what was asked: {which}"
        )
    whole = distinct(found, asked.digest)
    kept = tuple(one for one in whole if not asked.file.holds_key(label_of(one, "pass", "", "")))
    if len(kept) < len(whole):
        output.warn(f"{count(len(whole) - len(kept), 'answer')} left out: they hold what looks like a key")
    if not kept:
        raise NothingSelectedError(
            Problem(
                f"no answer judged by {asked.judge.name} in {count(len(runs), 'run')}",
                hint="'promptctl eval' judges answers, also given ones (--outputs); its run is what labels are drawn from",
            )
        )
    return kept


def _runs(asked: Questioned, names: Sequence[str], output: Output) -> list[Run]:
    """The runs, the youngest first. Of all stored ones those that cannot be read are passed over with a warning."""
    state = state_of(asked.workspace.root, os.environ)
    store = RunStore(None if state.path is None else state.path / "runs", leaks_of(os.environ))
    if names:
        return [_named(asked, store, name) for name in names]
    runs = []
    for run in store.ids():
        if store.folder is None or not (store.folder / run / DOCUMENT).exists():
            continue
        try:
            runs.append(decode(document_of(store, run)))
        except PromptctlError as error:
            output.warn(f"run {run} is left out: {error.problems[0].message}")
    if not runs:
        raise NothingSelectedError(Problem("there is no stored run yet", hint="'promptctl eval' makes one"))
    return runs


def _named(asked: Questioned, store: RunStore, name: str) -> Run:
    path = asked.workspace.cwd / name
    if path.suffix == ".json" or path.is_file():
        return decode(document_at(path))
    return decode(document_of(store, chosen(store, name)))


@dataclass(frozen=True, slots=True)
class _Side:
    """A state of the project that cases are looked up in."""

    project: Project
    bench: Bench


class _Cases:
    """Finds the cases of results: in the project as it is, else at the commit the run was made at."""

    def __init__(self, asked: Questioned) -> None:
        self._asked = asked
        self._here = _Side(asked.workspace.project, asked.bench)
        self._there: dict[str, _Side | None] = {}
        self._written: dict[tuple[str | None, str], Mapping[str, tuple[Case, Source]]] = {}
        self._known: dict[tuple[str | None, str, str, str], KnownCase] = {}

    def of(self, run: Run) -> CaseOf:
        """The look-up for the results of one run."""
        versions = {one.name: one.version for one in run.prompts}

        def case_of(result: SampleResult) -> KnownCase | None:
            version = versions.get(result.prompt)
            name = f"{result.prompt}@{version}" if version else result.prompt
            return self._case(run.provenance.commit, name, result)

        return case_of

    def _case(self, commit: str | None, name: str, result: SampleResult) -> KnownCase | None:
        here = self._cases(None, name).get(result.case) or self._cases(None, result.prompt).get(result.case)
        if here is not None and here[0].digest == result.case_digest:
            return self._bound(None, result, here)
        there = None if commit is None else self._cases(commit, name).get(result.case)
        if there is not None and there[0].digest == result.case_digest:
            return self._bound(commit, result, there)
        return None  # an edited case asks something else: its question does not belong to this answer

    def _bound(self, commit: str | None, result: SampleResult, found: tuple[Case, Source]) -> KnownCase:
        key = (commit, result.prompt, result.case, found[0].digest)
        side = self._side(commit)
        assert side is not None
        if key not in self._known:
            self._known[key] = known_case(*found, side.bench, same=True)
        return self._known[key]

    def _cases(self, commit: str | None, name: str) -> Mapping[str, tuple[Case, Source]]:
        """The cases of a prompt by id; none where the prompt, its golden set or the commit is not there."""
        key = (commit, name)
        if key not in self._written:
            side = self._side(commit)
            self._written[key] = {} if side is None else cases_of(side.project, name)
        return self._written[key]

    def _side(self, commit: str | None) -> _Side | None:
        if commit is None:
            return self._here
        if commit not in self._there:
            self._there[commit] = self._at(commit)
        return self._there[commit]

    def _at(self, commit: str) -> _Side | None:
        """The project at a commit, with the judges of today: they are who is asked."""
        from promptctl.adapters.git import RevisionTree

        try:
            tree = RevisionTree(self._asked.workspace.root, commit)
            project = load_project(tree)
        except PromptctlError:
            return None
        return _Side(project, replace(self._asked.bench, read=lambda path: tree.read(path).data))


def cases_of(project: Project, name: str) -> Mapping[str, tuple[Case, Source]]:
    """The cases of a prompt by id, plain inputs filled in; none where it or its golden set cannot be read."""
    try:
        prompt: Prompt = find(project, name)
        golden = golden_of(project, prompt)
    except (InputError, NothingSelectedError):
        return {}
    return {case.id: (with_plain_input(prompt, case), golden.source) for case in golden.cases}
