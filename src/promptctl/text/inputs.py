"""A case's inputs against what its prompt declares: nothing missing, nothing extra, every type right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import Case, GoldenSet
from promptctl.model.prompt import Input, Json, Prompt
from promptctl.model.source import Source, Span
from promptctl.text.checked import suggestion
from promptctl.text.schema import violations


def bind(prompt: Prompt, case: Case, *, path: str | None = None) -> Mapping[str, Json]:
    """The variables of a case, defaults filled in. `path` is the golden set's, for the message.

    Raises InputError with every input that is missing, extra or of the wrong type.
    """
    values, problems = _bound(prompt, case, path, None)
    if problems:
        raise InputError(*problems)
    return values


def with_plain_input(prompt: Prompt, case: Case) -> Case:
    """The case with its plain text under the one input it fills; itself where it has none, or nothing to fill."""
    name = None if case.plain_input is None else _only(prompt.inputs)
    return case if name is None else replace(case, input={**case.input, name: case.plain_input})


def input_problems(prompt: Prompt, golden: GoldenSet) -> tuple[Problem, ...]:
    """Every problem between the inputs of a golden set's cases and the prompt, each placed as closely as known."""
    found: list[Problem] = []
    for index, case in enumerate(golden.cases):
        found += _bound(prompt, case, golden.source.path, (golden.source, index))[1]
    return tuple(found)


def _bound(
    prompt: Prompt, case: Case, path: str | None, origin: tuple[Source, int] | None
) -> tuple[dict[str, Json], list[Problem]]:
    declared = {one.name: one for one in prompt.inputs}
    problems: list[Problem] = []

    def note(message: str, hint: str | None, name: str | None = None) -> None:
        span = _span(case, origin, name)
        line, column = (span.line, span.column) if span else (None, None)
        problems.append(Problem(f"case {case.id!r}: {message}", path, line, column, hint=hint))

    given = dict(case.input)
    if case.plain_input is not None:
        name = _only(prompt.inputs)
        if name is None:
            needed = ", ".join(declared) or "none"
            note("a plain text input needs a prompt with exactly one input", f"name the inputs; there are: {needed}")
            return given, problems
        given[name] = case.plain_input
    for name in given:
        if name not in declared:
            known = f"{prompt.name} takes {', '.join(declared) or 'no inputs'}"
            note(f"{prompt.name} takes no input {name!r}", suggestion(name, declared) or known, name)
    values: dict[str, Json] = {}
    for name, one in declared.items():
        if name not in given:
            if one.required:
                note(f"input {name!r} is missing", f"add it under `input:`, or give it a default in {prompt.name}")
            values[name] = one.default
            continue
        values[name] = given[name]
        for below, message in violations(one.schema, given[name]) if one.schema else ():
            where = "".join(f"[{part!r}]" for part in below)
            note(f"input {name}{where}: {message}", f"{prompt.name} declares {name} in its `inputs`", name)
    return values, problems


def _only(inputs: tuple[Input, ...]) -> str | None:
    """The input a plain text fills: the only required one, or the only one there is."""
    required = [one.name for one in inputs if one.required]
    if len(required) == 1:
        return required[0]
    return inputs[0].name if not required and len(inputs) == 1 else None


def _span(case: Case, origin: tuple[Source, int] | None, name: str | None) -> Span | None:
    if origin is not None:
        source, index = origin
        at = ("cases", index, "input")
        found = (source.where((*at, name)) if name is not None else None) or source.where(at)
        if found is not None:
            return found
    return case.span
