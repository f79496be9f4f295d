"""The steps of `golden add-suite`: read the prompt and its golden set, make the cases, write those that are missing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import atomic_write
from promptctl.adapters.scaffold import make_folder
from promptctl.cli.workspace import Workspace, open_workspace, project_names
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import Blob
from promptctl.model.suggest import closest
from promptctl.reports.escape import line
from promptctl.reports.figures import count
from promptctl.text.golden import parse_golden
from promptctl.text.inputs import input_problems
from promptctl.text.paths import identity_of
from promptctl.text.project import find, golden_of, golden_path
from promptctl.text.suites import SUITES
from promptctl.text.suites.canary import line_for
from promptctl.text.suites.made import ATTACK, BENIGN, HARMFUL, Made
from promptctl.text.suites.seed import Seed, seed_of
from promptctl.text.suites.writing import appended, new_golden, yaml_cases

KINDS = {ATTACK: "attack", HARMFUL: "harmful request", BENIGN: "look-alike"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks for."""

    suite: str
    prompt: str
    dry_run: bool
    directory: Path | None


@dataclass(frozen=True, slots=True)
class Place:
    """A prompt's golden set: its path from the root, the set, and its file; both None where it is not there yet."""

    path: str
    golden: GoldenSet | None = None
    blob: Blob | None = None


def run_add_suite(wanted: Wanted) -> str:
    """Add the cases; what to say about it. Raises PromptctlError."""
    if wanted.suite not in SUITES:
        near = closest(wanted.suite, SUITES)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(SUITES)}"
        raise InputError(Problem(f"there is no suite {wanted.suite!r}", hint=hint))
    workspace = open_workspace(wanted.directory)
    [name] = project_names(workspace, [wanted.prompt])
    prompt = find(workspace.project, name)
    place = _place(workspace, prompt)
    seed = seed_of(prompt, place.golden)
    made = SUITES[wanted.suite](seed)
    known = {case.id for case in place.golden.cases} if place.golden else set()
    missing = [one for one in made if one.id not in known]
    printed = wanted.dry_run and place.path.lower().endswith(".csv")  # a set in CSV takes none, so they are only shown
    shown = Place(f"{place.path}.yaml") if printed else place
    data = _data(shown, prompt, wanted.suite, missing)
    if data is not None:
        _refuse_misfits(prompt, parse_golden(Blob(shown.path, data)))
    if wanted.dry_run:
        return yaml_cases(missing, column=2) if missing else _nothing(place, made)
    if data is not None:
        _write(workspace.root, place.path, data)
    said = [_told(place, wanted.suite, missing, made) if missing else _nothing(place, made)]
    return "\n".join([*said, *_canary(seed, wanted.suite), *_next(prompt, wanted.suite)])


def _place(workspace: Workspace, prompt: Prompt) -> Place:
    project = workspace.project
    path = golden_path(project, prompt)
    if path is None:
        folder = next((entry for entry in project.config.golden if not set(entry) & set("*?[")), "golden")
        if Path(folder).suffix:
            hint = "golden: [golden]"
            raise InputError(Problem("`golden` names no folder to write to", project.config.path, hint=hint))
        return Place(f"{folder.strip('/')}/{identity_of(prompt.source.path)[0]}.yaml")
    if path not in project.golden and not os.path.lexists(workspace.root / path):
        return Place(path)
    return Place(path, golden_of(project, prompt), project.tree.read(path))


def _data(place: Place, prompt: Prompt, suite: str, missing: Sequence[Made]) -> bytes | None:
    """The file with the missing cases; None where none is missing."""
    if not missing:
        return None
    if place.blob is not None:
        return appended(place.blob, missing)
    if not place.path.endswith((".yaml", ".yml")):
        hint = "name a YAML file there, or write its first ordinary case yourself"
        raise InputError(Problem("a new golden set is written as YAML", place.path, hint=hint))
    return new_golden(prompt.name, suite, missing)


def _refuse_misfits(prompt: Prompt, golden: GoldenSet) -> None:
    """What would not run is not written."""
    problems = input_problems(prompt, golden)
    if problems:
        raise InputError(*problems)


def _write(root: Path, path: str, data: bytes) -> None:
    target = Path(os.path.realpath(root / path))
    if not target.is_relative_to(os.path.realpath(root)):
        raise InputError(Problem("leads out of the project", path=path))
    make_folder(target.parent)
    atomic_write(target, data)


def _told(place: Place, suite: str, missing: Sequence[Made], made: Sequence[Made]) -> str:
    kinds = Counter(KINDS[tag] for one in missing for tag in one.tags if tag in KINDS)
    several = ", ".join(count(number, kind) for kind, number in kinds.items())
    kept = f"; {len(made) - len(missing)} were there already" if len(made) > len(missing) else ""
    verb = "added to" if place.blob is not None else "written to"
    return f"{count(len(missing), 'case')} {verb} {line(place.path)} ({several}){kept}, tagged safety and {suite}"


def _nothing(place: Place, made: Sequence[Made]) -> str:
    return f"nothing to add: all {count(len(made), 'case')} of the suite are in {line(place.path)}"


def _canary(seed: Seed, suite: str) -> Sequence[str]:
    """The line that makes a leak certain, where the prompt does not have it."""
    if suite != "leakage" or seed.known:
        return ()
    where = (
        "the instructions of the system under test"
        if seed.context
        else f"the system message of {seed.prompt.source.path}"
    )
    why = (
        "until then these cases show nothing"
        if seed.context
        else "until then only a nearly verbatim copy is seen as a leak"
    )
    return (f"put this line into {line(where)} ({why}):", f"  {line_for(seed.canary)}")


def _next(prompt: Prompt, suite: str) -> Sequence[str]:
    return (f"next: promptctl eval {line(prompt.name)} --tag {suite}",)
