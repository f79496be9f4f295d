"""A tree of files to Project: which files are prompts, golden sets and judges, and which belong together.

Golden sets are parsed when they are first looked up: a command about one prompt does not pay for a thousand sets.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import PurePosixPath

from promptctl.model.config import Config
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.golden import GoldenSet
from promptctl.model.project import Project
from promptctl.model.prompt import Prompt
from promptctl.model.source import Tree
from promptctl.text.checked import suggestion
from promptctl.text.config import parse_config
from promptctl.text.golden import parse_golden
from promptctl.text.paths import CONFIG_FILE as CONFIG_FILE
from promptctl.text.paths import identity_of, sort_files
from promptctl.text.prompt import parse_prompt
from promptctl.text.semver import precedence


class GoldenSets(Mapping[str, GoldenSet]):
    """The golden sets of a tree by path, each parsed on its first look-up, which raises InputError."""

    def __init__(self, tree: Tree, paths: Iterable[str]) -> None:
        self._tree = tree
        self._parsed: dict[str, GoldenSet | InputError | None] = dict.fromkeys(paths)

    def __getitem__(self, path: str) -> GoldenSet:
        known = self._parsed[path]
        if known is None:
            try:
                known = parse_golden(self._tree.read(path))
            except InputError as error:
                known = error
            self._parsed[path] = known
        if isinstance(known, InputError):
            raise InputError(*known.problems)
        return known

    def __iter__(self) -> Iterator[str]:
        return iter(self._parsed)

    def __len__(self) -> int:
        return len(self._parsed)

    def __contains__(self, path: object) -> bool:
        return path in self._parsed


def load_project(tree: Tree) -> Project:
    """The project of a tree. What is wrong with a prompt, a judge or the configuration is in `problems`.

    A wrong golden set raises when it is looked up. Raises InputError only where the configuration cannot be read:
    without it nobody knows what the project is.
    """
    paths = tuple(tree.paths())
    config = parse_config(tree.read(CONFIG_FILE)) if CONFIG_FILE in paths else Config()
    problems: list[Problem] = []
    files = _files(config, paths, problems)
    prompts = tuple(_parsed(files["prompt"], tree, problems))
    judges = tuple(_parsed(files["judge"], tree, problems, judge=True))
    problems += _twice(prompts)
    return Project(
        config=config,
        tree=tree,
        prompts=prompts,
        golden=GoldenSets(tree, files["golden"]),
        judges={judge.name: judge for judge in sorted(judges, key=lambda judge: precedence(judge.version))},
        problems=tuple(problems) + tuple(_twice(judges)),
    )


def select(project: Project, names: Sequence[str]) -> tuple[tuple[Prompt, GoldenSet], ...]:
    """The prompts that `names` mean, each with its golden set: names, NAME@VERSION, or paths of prompt files.

    Without names: the current version of every prompt that has a golden set. Raises NothingSelectedError for a name
    nothing has (with a suggestion) and where there is nothing at all; InputError for the problems of what was
    selected: files that could not be read, no golden set for a prompt that was named, two of them.
    """
    if not names:
        if project.problems:
            raise InputError(*project.problems)
        chosen = [prompt for prompt in current(project) if golden_path(project, prompt) is not None]
        if not chosen:
            raise NothingSelectedError(_nothing(project))
    else:
        chosen = list({prompt.source.path: prompt for prompt in (find(project, name) for name in names)}.values())
        _refuse_problems(project, chosen)
    problems: list[Problem] = []
    pairs: list[tuple[Prompt, GoldenSet]] = []
    for prompt in chosen:
        try:
            pairs.append((prompt, golden_of(project, prompt)))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return tuple(pairs)


def find(project: Project, name: str) -> Prompt:
    """The prompt called `name` (its highest version), `NAME@VERSION`, or the one in the file `name`.

    Raises NothingSelectedError with a suggestion; InputError where the file of that name could not be read.
    """
    for prompt in project.prompts:
        if prompt.source.path == name:
            return prompt
    wanted, at, version = name.rpartition("@")
    known = [prompt for prompt in project.prompts if prompt.name == (wanted if at else name)]
    if at:
        known = [prompt for prompt in known if prompt.version == version]
    if known:
        return max(known, key=lambda prompt: precedence(prompt.version))
    broken = [problem for problem in project.problems if problem.path and _means(name, problem.path)]
    if broken:
        raise InputError(*broken)
    raise NothingSelectedError(_unknown(project, name))


def current(project: Project) -> tuple[Prompt, ...]:
    """The highest version of every prompt, by name."""
    best: dict[str, Prompt] = {}
    for prompt in project.prompts:
        held = best.get(prompt.name)
        if held is None or precedence(prompt.version) > precedence(held.version):
            best[prompt.name] = prompt
    return tuple(best[name] for name in sorted(best))


def without_golden(project: Project) -> tuple[Prompt, ...]:
    """The current prompts that have no golden set, and so cannot be evaluated."""
    return tuple(prompt for prompt in current(project) if golden_path(project, prompt) is None)


def unused_golden(project: Project) -> tuple[str, ...]:
    """The golden sets that no prompt of the project uses, whatever version: nothing evaluates them."""
    used: set[str | None] = set()
    for prompt in project.prompts:
        with suppress(InputError):
            used.add(golden_path(project, prompt))
    return tuple(path for path in project.golden if path not in used)


def golden_path(project: Project, prompt: Prompt) -> str | None:
    """The path of a prompt's golden set: as its file says, else the set of the same stem, else None.

    Where a prompt's file has another stem than its name, a set of the prompt's name is taken too. Raises InputError
    where two sets have that stem.
    """
    if prompt.golden is not None:
        return prompt.golden
    for stem in dict.fromkeys((identity_of(prompt.source.path)[0], prompt.name)):
        found = _by_stem(tuple(project.golden)).get(stem, [])
        if len(found) > 1:
            message = f"two golden sets for one prompt: {' and '.join(found)}"
            hint = "remove one, or name one with `golden:`"
            raise InputError(Problem(message, prompt.source.path, hint=hint))
        if found:
            return found[0]
    return None


@functools.lru_cache(maxsize=4)
def _by_stem(paths: tuple[str, ...]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for path in paths:
        out.setdefault(PurePosixPath(path).stem, []).append(path)
    return out


def golden_of(project: Project, prompt: Prompt) -> GoldenSet:
    """A prompt's golden set. Raises InputError: it has none (with the path that was expected), it cannot be read,
    it says that it belongs to another prompt."""
    path = golden_path(project, prompt)
    if path is None:
        folder = next((entry for entry in project.config.golden if not set(entry) & set("*?[")), "golden")
        expected = f"{folder.strip('/')}/{identity_of(prompt.source.path)[0]}.yaml"
        hint = f"write {expected}, or name one with `golden:`"
        raise InputError(Problem(f"{prompt.name} has no golden set", prompt.source.path, hint=hint))
    golden = project.golden[path] if path in project.golden else _outside_entries(project, prompt, path)
    if golden.prompt is not None and golden.prompt != prompt.name:
        span = golden.source.where(("prompt",))
        line, column = (span.line, span.column) if span else (None, None)
        message = f"this golden set is for {golden.prompt!r}, and {prompt.name!r} uses it"
        raise InputError(Problem(message, path, line, column, hint=f"prompt: {prompt.name}"))
    return golden


def _outside_entries(project: Project, prompt: Prompt, path: str) -> GoldenSet:
    """A golden set that only the prompt's `golden:` names."""
    try:
        return parse_golden(project.tree.read(path))
    except InputError as error:
        span = prompt.source.where(("golden",))
        if span is None or any(problem.line for problem in error.problems):
            raise
        message = "; ".join(problem.message for problem in error.problems)
        raise InputError(Problem(message, prompt.source.path, span.line, span.column)) from None


def _files(config: Config, paths: Sequence[str], problems: list[Problem]) -> dict[str, list[str]]:
    """The files by kind. An entry somebody wrote that means no file is a problem; a default one is not."""
    sorting = sort_files(config, paths)
    default = Config()
    for key, entry in sorting.unmatched:
        if getattr(config, key) != getattr(default, key):
            hint = "an entry is a file, a folder or a glob, relative to the project root"
            problems.append(Problem(f"{key}: {entry!r} matches no file", config.path, hint=hint))
    out: dict[str, list[str]] = {"prompt": [], "golden": [], "judge": []}
    for path, kind in sorting.kinds.items():
        out[kind].append(path)
    return out


def _parsed(paths: Iterable[str], tree: Tree, problems: list[Problem], *, judge: bool = False) -> Iterator[Prompt]:
    for path in paths:
        try:
            yield parse_prompt(tree.read(path), tree.read, judge=judge)
        except InputError as error:
            problems += (_at_least(problem, path) for problem in error.problems)


def _at_least(problem: Problem, path: str) -> Problem:
    return problem if problem.path else Problem(problem.message, path, hint=problem.hint)


def _twice(prompts: Iterable[Prompt]) -> Iterator[Problem]:
    seen: dict[tuple[str, str | None], Prompt] = {}
    for prompt in prompts:
        key = (prompt.name, prompt.version)
        if key in seen:
            called = f"{prompt.name}@{prompt.version}" if prompt.version else f"{prompt.name} (without a version)"
            span = prompt.source.where(("version",)) or prompt.source.where(("name",))
            line, column = (span.line, span.column) if span else (None, None)
            message = f"{called} is also in {seen[key].source.path}"
            hint = "name and version together are unique in a project"
            yield Problem(message, prompt.source.path, line, column, hint=hint)
        seen.setdefault(key, prompt)


def _refuse_problems(project: Project, chosen: Sequence[Prompt]) -> None:
    """Raise for the problems of the files that were chosen, and of their names' other versions."""
    paths = {prompt.source.path for prompt in chosen}
    names = {prompt.name for prompt in chosen}
    twice = tuple(_twice(prompt for prompt in project.prompts if prompt.name in names))
    found = [
        problem
        for problem in project.problems
        if problem.path is None
        or problem.path == project.config.path
        or problem.path in paths
        or identity_of(problem.path)[0] in names
        or problem in twice
    ]
    if found:
        raise InputError(*found)


def _means(name: str, path: str) -> bool:
    return name == path or name.rpartition("@")[0] == identity_of(path)[0] or name == identity_of(path)[0]


def _unknown(project: Project, name: str) -> Problem:
    names = sorted({prompt.name for prompt in project.prompts})
    wanted, at, version = name.rpartition("@")
    if at and wanted in names:
        versions = ", ".join(sorted(p.version or "(none)" for p in project.prompts if p.name == wanted))
        return Problem(f"{wanted} has no version {version!r}", hint=f"its versions are {versions}")
    known = f"the prompts are {', '.join(names[:20])}" if names else "the project has no prompts"
    return Problem(f"there is no prompt {name!r}", hint=suggestion(name, names) or known)


def _nothing(project: Project) -> Problem:
    if project.prompts:
        hint = f"write {project.config.golden[0]}/NAME.yaml" if project.config.golden else "set `golden:`"
        return Problem("no prompt has a golden set: there is nothing to evaluate", hint=hint)
    where = ", ".join(project.config.prompts)
    return Problem(f"there are no prompts under {where}", hint="promptctl init writes an example")
