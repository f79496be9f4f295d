"""What a gate has to know of targets: the files their answers hang on, and what may matter and decides no stored answer."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress

from promptctl.model.errors import InputError
from promptctl.model.project import Project
from promptctl.model.prompt import Prompt
from promptctl.model.source import Tree
from promptctl.model.target import Target
from promptctl.reports.figures import listed
from promptctl.text.paths import matching, sort_files
from promptctl.text.target_code import TargetCode, own_files


def touched_code(project: Project, tree: Tree, changed: Collection[str]) -> frozenset[str]:
    """The changed files that a target's answers may hang on: its code, what it watches, what lies beside or below it."""
    code, found = TargetCode(tree), set[str]()
    for prompt in project.prompts:
        if prompt.target is None or not changed:
            continue
        with suppress(InputError):  # told where the prompt is planned
            found |= set(code.files(prompt.target)) & set(changed)
        for entry in prompt.target.watch:
            found |= set(matching(entry, sorted(changed), ("",)))
        found |= set(_beside(prompt, changed))
    return frozenset(found)


def urls_of(project: Project) -> frozenset[str]:
    """The addresses of a project's http targets."""
    targets = [prompt.target for prompt in project.prompts if prompt.target is not None]
    return frozenset(str(one.address) for one in targets if not one.runs_code)


def about_target(
    prompt: Prompt, project: Project, code: TargetCode, changed: Collection[str], *, model: str | None
) -> Iterator[str]:
    """What is to be said of a prompt with a target: that --model does not replace it, and which changed files it may
    read that decide no stored answer."""
    if model is not None:
        yield f"{prompt.name} is answered by a target: --model does not apply to it"
    note = None if prompt.target is None else _unwatched(prompt, prompt.target, project, code, changed)
    if note is not None:
        yield note


def _unwatched(
    prompt: Prompt, target: Target, project: Project, code: TargetCode, changed: Collection[str]
) -> str | None:
    try:
        known = set(code.files(target))
    except InputError:
        return None
    ours = set(sort_files(project.config, sorted(changed)).kinds)
    more = sorted(set(_beside(prompt, changed)) - known - ours)
    if not more:
        return None
    are = "lie" if len(more) > 1 else "lies"
    return (
        f"{prompt.name}: {listed(more)} changed and {are} with the code of {prompt.model}: if its answers hang on it, name it in "
        "`watch`; both sides are taken for the same"
    )


def _beside(prompt: Prompt, changed: Collection[str]) -> Iterator[str]:
    """Changed files in the folder of a target's own code, or below it; none for code in the project's root."""
    target = prompt.target
    folders = {path.rpartition("/")[0] for path in own_files(target)} - {""} if target is not None else set()
    yield from (path for path in changed if any(path.startswith(f"{folder}/") for folder in folders))
