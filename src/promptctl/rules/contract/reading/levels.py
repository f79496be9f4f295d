"""How far a change of a prompt reaches, and the least version that says so.

Callers see inputs, consumers see the output: what breaks one of them is major. Another model, other parameters, tools or
inputs one may leave out are minor. Everything else that reaches the model is a patch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from promptctl.model.prompt import Input, Json, Prompt
from promptctl.rules.contract.reading.schema_change import properties, refusals
from promptctl.text.semver import precedence
from promptctl.text.wire import target_identity


class Level(IntEnum):
    """What of a version has to be raised."""

    PATCH = 1
    MINOR = 2
    MAJOR = 3


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that changed, in words that follow "because"."""

    level: Level
    what: str


def steps(before: Prompt, after: Prompt) -> tuple[Step, ...]:
    """What changed between two versions of a prompt, the farthest reaching first; empty where nothing counts."""
    found = [*_inputs(before, after), *_output(before, after), *_tools(before, after), *_settings(before, after)]
    if not found and before.digest != after.digest:
        found.append(Step(Level.PATCH, "its text changed"))
    return tuple(sorted(found, key=lambda step: -step.level))


def least_version(before: str, level: Level) -> str:
    """The least version after `before` for a change of this level. Raises ValueError where `before` is none.

    Below 1.0.0 a break raises the minor version and all else the patch (https://semver.org, 4; as cargo does). After a
    pre-release, the release it leads to suffices where it is far enough from the one before.
    """
    (major, minor, patch), released, _ = precedence(before)
    if not released and (level is Level.PATCH or (level is Level.MINOR and patch == 0) or minor == patch == 0):
        return f"{major}.{minor}.{patch}"
    if major == 0 and level is not Level.PATCH:
        level = Level.MINOR if level is Level.MAJOR else Level.PATCH
    if level is Level.MAJOR:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if level is Level.MINOR else f"{major}.{minor}.{patch + 1}"


def raised_enough(before: str, after: str, level: Level) -> bool:
    """Whether `after` is higher than `before` by at least `level`; a pre-release of a sufficient version suffices."""
    new = precedence(after)
    return new > precedence(before) and new[0] >= precedence(least_version(before, level))[0]


def _inputs(before: Prompt, after: Prompt) -> Iterator[Step]:
    old = {one.name: one for one in before.inputs}
    new = {one.name: one for one in after.inputs}
    yield from (Step(Level.MAJOR, f"the input {name!r} is gone") for name in old if name not in new)
    for name, one in new.items():
        if name not in old:
            level = Level.MAJOR if one.required else Level.MINOR
            yield Step(level, f"the {'required' if one.required else 'optional'} input {name!r} is new")
            continue
        yield from _input(old[name], one)


def _input(old: Input, new: Input) -> Iterator[Step]:
    name = new.name
    if new.required and not old.required:
        yield Step(Level.MAJOR, f"the input {name!r} has lost its default")
    tightened = next(refusals(old.schema, new.schema), None)
    if tightened is not None:
        yield Step(Level.MAJOR, f"the input {name!r} takes less ({tightened})")
    elif old.schema != new.schema and next(refusals(new.schema, old.schema), None) is not None:
        yield Step(Level.MINOR, f"the input {name!r} takes more")
    if not new.required and (old.required or old.default != new.default):
        yield Step(Level.MINOR, f"the default of the input {name!r} changed")


def _output(before: Prompt, after: Prompt) -> Iterator[Step]:
    old, new = before.output_schema, after.output_schema
    if (before.output_format or "text") != (after.output_format or "text"):
        yield Step(
            Level.MAJOR, f"the output is {after.output_format or 'text'} now, not {before.output_format or 'text'}"
        )
    elif old is not None and new is None:
        yield Step(Level.MAJOR, "the output has no schema any more")
    elif old is None and new is not None:
        yield Step(Level.MINOR, "the output has a schema now")
    elif old is not None and new is not None and old != new:
        yield from _schemas(old, new)


def _schemas(old: Json, new: Json) -> Iterator[Step]:
    gone = [name for name in properties(old) if name not in set(properties(new))]
    looser = next(refusals(new, old), None)
    if gone:
        yield Step(Level.MAJOR, f"the output has no {gone[0]!r} any more")
    elif looser is not None:
        yield Step(Level.MAJOR, f"the output may be what it could not be before (the old schema said: {looser})")
    else:
        yield Step(Level.MINOR, "the output's schema changed")


def _tools(before: Prompt, after: Prompt) -> Iterator[Step]:
    old = {tool["function"]["name"]: tool for tool in before.tools}
    new = {tool["function"]["name"]: tool for tool in after.tools}
    yield from (Step(Level.MAJOR, f"the tool {name!r} is gone") for name in old if name not in new)
    yield from (Step(Level.MINOR, f"the tool {name!r} is new") for name in new if name not in old)
    for name, tool in new.items():
        if name in old and old[name] != tool:
            yield Step(Level.MINOR, f"the tool {name!r} changed")


def _settings(before: Prompt, after: Prompt) -> Iterator[Step]:
    if before.model != after.model:
        yield Step(Level.MINOR, f"the model is {after.model} now, not {before.model}")
    elif _identity(before) != _identity(after):
        yield Step(Level.MINOR, "the target changed")
    for what in ("fallbacks", "retrieval"):
        if getattr(before, what) != getattr(after, what):
            yield Step(Level.MINOR, f"{what} changed")
    changed = sorted(
        name
        for name in {*before.parameters, *after.parameters}
        if before.parameters.get(name) != after.parameters.get(name)
    )
    if changed:
        yield Step(Level.MINOR, f"the parameter{'s' * (len(changed) > 1)} {', '.join(changed)} changed")


def _identity(prompt: Prompt) -> Json:
    return None if prompt.target is None else target_identity(prompt.target)
