"""Which prompts' targets changed files belong to: their code, what it imports, what they watch."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.errors import InputError
from promptctl.model.target import Target
from promptctl.rules.diff.engine.search import Lines, prompt_folders
from promptctl.rules.diff.engine.side import Side
from promptctl.text.paths import matching
from promptctl.text.target_code import TargetCode


def changed_code(head: Side, changed: frozenset[str], lines: Lines) -> Mapping[str, tuple[str, ...]]:
    """By the path of each prompt with a target, the changed files its answers hang on; of a prompt that has none, nothing.

    Nothing is read where only prompts, judges and golden sets changed, and of unchanged prompts only those in which the
    word `target` is.
    """
    others = changed - set(head.kinds)
    if not others:
        return {}
    paths = {path for path, _ in lines(["target"], prompt_folders(head.config))} | changed
    code = TargetCode(head.tree)
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(path for path in paths if head.kinds.get(path) == "prompt"):
        prompt = head.prompt(path)
        if prompt is not None and prompt.target is not None and (hit := _hit(code, prompt.target, others)):
            found[path] = hit
    return found


def _hit(code: TargetCode, target: Target, others: frozenset[str]) -> tuple[str, ...]:
    gone = {path for entry in target.watch for path in matching(entry, sorted(others), ("",))}
    try:
        return tuple(sorted(gone | (set(code.files(target)) & others)))
    except InputError:  # what is wrong is said where it is planned
        return tuple(sorted(gone))
