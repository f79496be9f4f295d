"""A change that its version does not announce."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.contract.reading.levels import Level, Step, least_version, raised_enough, steps
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.fixes import Fix
from promptctl.rules.engine.rule import Change, Hit, Subject, rule
from promptctl.text.semver import precedence, version_in_stem

_WHOM = {Level.MAJOR: "breaks callers or consumers", Level.MINOR: "is a minor change", Level.PATCH: "is a patch"}


@rule("PL303", Severity.ERROR, Subject.CHANGE)
def version_not_raised(change: Change, _context: Context) -> Iterator[Hit]:
    """A prompt changed against the base, and its version was not raised enough.

    Why: one version is one text. Where callers pin `support-bot@1.2.0`, or compare scores of it, another text under the
    same number is a silent swap. What the least version is depends on what changed. Major: an input that is gone, new
    and required, or takes less; an output that may lack or hold what it could not. Minor: another model, parameters,
    tools, optional inputs. Patch: texts. Below 1.0.0 a break raises the minor version. Descriptions, comments and key
    order are no change. A minor change that came with a patch only is a warning. `--fix` writes the least version.

    Bad (nothing was raised):
    ```yaml
    # base: prompts/bot.yaml
    version: 1.2.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: prompts/bot.yaml
    version: 1.2.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions, briefly.
    ```
    Bad (callers break, and the version says they do not):
    ```yaml
    # base: prompts/bot.yaml
    version: 1.2.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    version: 1.3.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, product: {type: string}}
    user_prompt: "{{ product }}: {{ question }}"
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    version: 1.2.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    # file: prompts/bot.yaml
    version: 2.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, product: {type: string}}
    user_prompt: "{{ product }}: {{ question }}"
    ```
    Good (a description is not the prompt):
    ```yaml
    # base: prompts/bot.yaml
    version: 1.2.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    # file: prompts/bot.yaml
    version: 1.2.0
    description: Answers customers' questions
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer customers' questions.
    ```
    """
    before, after = change.before, change.after
    if before is None or after is None or before.version is None or after.version is None:
        return
    if change.renumbered and precedence(after.version) < precedence(before.version):
        return  # a new file for an older line: nobody's version was lowered
    found = steps(before, after)
    if not found or raised_enough(before.version, after.version, found[0].level):
        return
    yield _hit(before.version, after, after.version, found)


def _hit(old: str, after: Prompt, new: str, found: tuple[Step, ...]) -> Hit:
    level = found[0].level
    least = least_version(old, level)
    reasons = "; ".join(step.what for step in found if step.level is level)
    raised = precedence(new) > precedence(old)
    version = f"the version went from {old} to {new} only" if raised else f"the version is {_still(old, new)}"
    written = "version" in after.document
    file = PurePosixPath(after.source.path)
    own_file = f"keep {file.name} as it was, and write the change to {_sibling(file, least)}"
    return Hit(
        f"{version}, and this {_WHOM[level]}: {reasons}",
        at=("version",),
        hint=f"version: {least}, or higher" if written and version_in_stem(file.stem) is None else own_file,
        severity=Severity.WARNING if raised and level is not Level.MAJOR else Severity.ERROR,
        fix=Fix(("version",), least) if written and version_in_stem(file.stem) is None else None,
    )


def _still(old: str, new: str) -> str:
    return f"still {old}" if new == old else f"{new}, not higher than {old}"


def _sibling(file: PurePosixPath, version: str) -> str:
    prefix = file.stem[:1] if file.stem[:1] in {"v", "V"} else ""
    return f"{prefix}{version}{file.suffix}"
