"""The checks of `doctor` about the project: its files, its models with their keys and hosts, its recordings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from promptctl.adapters import access, probes
from promptctl.adapters.checkout import top_level
from promptctl.adapters.files import PROJECT_FILE, WorkTree
from promptctl.adapters.recordings import parse_recordings
from promptctl.adapters.scripted import Scripts
from promptctl.adapters.target_access import target_problems
from promptctl.cli.diagnosis import Check, Status, of_problem
from promptctl.model.errors import InputError, Problem
from promptctl.model.project import Project
from promptctl.model.prompt import Prompt
from promptctl.model.suggest import closest
from promptctl.reports.figures import count
from promptctl.text.labels import parse_labels
from promptctl.text.paths import labels_path
from promptctl.text.project import current, golden_of, golden_path, load_project
from promptctl.text.target_code import TargetCode


def project_checks(root: Path) -> Iterator[Check]:
    """Every check of the files at `root`."""
    try:
        project = load_project(WorkTree(root))
    except InputError as error:
        yield from (of_problem("config", problem) for problem in error.problems)
        what = "prompts, golden sets, models and recordings were not looked at: promptctl.yaml says where they are"
        yield Check("project", Status.WARNING, what, "repair promptctl.yaml and run doctor again")
        return
    found = f"{PROJECT_FILE} in {root}" if project.config.path else f"no {PROJECT_FILE} in {root}: defaults hold"
    yield Check("config", Status.OK, found)
    yield from _prompts(project)
    yield from _golden(project)
    yield from _judges(project)
    yield from _models(project)
    yield from _recordings(project, root)


def _prompts(project: Project) -> Iterator[Check]:
    yield from (of_problem("prompts", problem) for problem in project.problems)
    if project.prompts:
        yield Check("prompts", Status.OK, count(len(current(project)), "prompt"))
    elif not project.problems:
        where = " and ".join(project.config.prompts)
        yield Check(
            "prompts", Status.WARNING, f"there are no prompts under {where}", "promptctl init writes an example"
        )


def _golden(project: Project) -> Iterator[Check]:
    problems: dict[Problem, None] = {}
    for path in project.golden:
        try:
            project.golden[path]
        except InputError as error:
            problems |= dict.fromkeys(error.problems)
    measured = 0
    for prompt in current(project):
        try:
            if golden_path(project, prompt) is None:
                what = f"{prompt.source.path}: {prompt.name} has no golden set, so nothing measures it"
                yield Check("golden", Status.WARNING, what, _golden_hint(project, prompt.source.path))
                continue
            golden_of(project, prompt)
            measured += 1
        except InputError as error:
            problems |= dict.fromkeys(error.problems)
    yield from (of_problem("golden", problem) for problem in problems)
    if measured:
        yield Check("golden", Status.OK, f"{count(measured, 'prompt')} with a golden set")


def _golden_hint(project: Project, path: str) -> str:
    folder = project.config.golden[0] if project.config.golden else "golden"
    return f"write {folder.strip('/')}/{PurePosixPath(path).stem}.yaml, or name one with `golden:`"


def _judges(project: Project) -> Iterator[Check]:
    """The judge that `eval.judge` names, and what people's labels of each judge say."""
    wanted = project.config.eval.judge
    if wanted is not None and wanted not in project.judges and not project.problems:
        near = closest(wanted, project.judges)
        hint = f"did you mean {near}?" if near else f"the judges are {', '.join(sorted(project.judges)) or 'none'}"
        problem = Problem(f"eval.judge: there is no judge {wanted!r}", project.config.path, hint=hint)
        yield of_problem("judges", problem)
    of_judges = {labels_path(judge.source.path) for judge in project.judges.values()}
    for path in sorted(of_judges.intersection(project.tree.paths()) if of_judges else ()):
        try:
            parse_labels(project.tree.read(path))
        except InputError as error:
            yield from (of_problem("labels", problem) for problem in error.problems)


def _models(project: Project) -> Iterator[Check]:
    """Keys, hosts and scripts of every model that would be asked."""
    users = [*current(project), *project.judges.values()]
    models = dict.fromkeys(user.model for user in users)
    fallbacks = [model for user in users for model in user.fallbacks if model not in models]
    bad = [of_problem("keys", problem) for problem in access.missing_keys(models, project.config, os.environ)]
    spare = access.missing_keys(fallbacks, project.config, os.environ)
    bad += [of_problem("keys", problem, Status.WARNING) for problem in spare]
    bad += [of_problem("targets", problem) for user in users for problem in _of_target(project, user)]
    yield from bad
    if models and not bad:
        yield Check("keys", Status.OK, f"nothing is missing for {', '.join(models)}")
    try:
        access.check_hosts(project.config, os.environ)
    except InputError as error:
        yield from (of_problem("hosts", problem) for problem in error.problems)
    scripts = Scripts(lambda path: project.tree.read(path).data)
    for model in (*models, *fallbacks):
        if access.provider_of(model) != "scripted":
            continue
        try:
            scripts.of(model)
        except InputError as error:
            yield from (of_problem("models", problem) for problem in error.problems)


def _of_target(project: Project, user: Prompt) -> tuple[Problem, ...]:
    """What keeps a system under test from being asked: its files, its host, the variables it wants."""
    if user.target is None:
        return ()
    try:
        TargetCode(project.tree).files(user.target)
    except InputError as error:
        return tuple(replace(one, path=user.source.path) for one in error.problems)
    return tuple(target_problems(user, user.target, os.environ, access.allowed_hosts(os.environ)))


def _recordings(project: Project, root: Path) -> Iterator[Check]:
    folder = project.config.recordings.strip("/")
    paths = [path for path in project.tree.paths() if path.startswith(f"{folder}/") and path.endswith(".jsonl")]
    if not paths:
        return
    answers, good = 0, 0
    for path in paths:
        try:
            answers += len(parse_recordings(project.tree.read(path)))
            good += 1
        except InputError as error:
            yield from (of_problem("recordings", problem) for problem in error.problems)
    if good:
        yield Check("recordings", Status.OK, f"{count(answers, 'answer')} in {count(good, 'file')}")
    if top_level(root) is None:
        return
    merge = probes.merge_attribute(root, os.environ, paths[0])
    if merge not in (None, "union"):
        what = f"{folder}/*.jsonl are merged line by line: two branches that record will conflict"
        do = f"promptctl init, or add to .gitattributes: {folder}/*.jsonl merge=union"
        yield Check("merge", Status.WARNING, what, do)
