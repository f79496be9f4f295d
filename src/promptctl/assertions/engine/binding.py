"""An assertion as written to one that can judge: every mistake is found here, before anything is called."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from promptctl.assertions.engine import hints
from promptctl.assertions.engine.bound import Bound
from promptctl.assertions.engine.shelf import EXPECTED, PREPARED, REQUIRED, Kind, kind
from promptctl.model.answer import Bench
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.source import Source
from promptctl.model.suggest import closest
from promptctl.text.canonical import digest

SHARED: Mapping[str, Any] = {"threshold": float, "weight": float, "name": str, "required": bool}
NO_EXEC = "code of the repository was not run: --no-exec"


@dataclass(frozen=True, slots=True)
class _Ground:
    """What binding stands on, the same for a group and its members."""

    bench: Bench
    source: Source
    case: Case | None


def bind(spec: AssertionSpec, bench: Bench, source: Source, case: Case | None = None) -> Bound:
    """The assertion, its options checked and its files read.

    source is the file `spec` stands in, for messages; case gives `expected_output` to an assertion without a value.
    Raises InputError with every problem: an unknown name or option (did you mean), a missing or mistyped value,
    a regex or schema that is none, a file that is missing.
    """
    return _bind(spec, _Ground(bench, source, case))


def looks_at_case(spec: AssertionSpec) -> bool:
    """Whether what `bind` gives depends on more of the case than its `expected_output`: its inputs, its metadata.

    An assertion that is none does: every case of it is told.
    """
    try:
        found = kind(spec.type)
    except InputError:
        return True
    return "case" in found.takes.get("prepare", ()) or any(looks_at_case(child) for child in spec.children)


def _bind(spec: AssertionSpec, ground: _Ground) -> Bound:
    try:
        found = kind(spec.type)
        spec, options = _options(spec, found)
        children = _children(spec, found, ground)
        options = _complete(spec, found, options, ground.case)
        if "prepare" in found.takes:
            options[PREPARED] = found.call("prepare", ground.bench, options=options | {"case": ground.case})
    except InputError as error:
        raise InputError(*(_placed(problem, spec, ground.source) for problem in error.problems)) from error
    needs_exec = getattr(found.module, "RUNS_CODE", False) and not ground.bench.allow_exec
    return Bound(
        spec=spec,
        kind=found,
        options=options,
        digest=_digest(spec, found, options, children),
        threshold=options["threshold"] if "threshold" in found.parameters else spec.threshold,
        children=children,
        refused=NO_EXEC if needs_exec else None,
    )


def _placed(problem: Problem, spec: AssertionSpec, source: Source) -> Problem:
    if problem.path is not None:
        return problem
    place = replace(problem, message=f"{spec.spelling}: {problem.message}", path=source.path)
    if spec.span is None:
        return place
    return replace(place, line=spec.span.line, column=spec.span.column)


def _options(spec: AssertionSpec, found: Kind) -> tuple[AssertionSpec, dict[str, Any]]:
    """The options as written, the shared ones moved to the spec."""
    given = dict(spec.options)
    value = found.parameters.get("value")
    if isinstance(spec.value, Mapping) and not (value and hints.takes_mapping(value.hint)):
        _no_doubles(given, spec.value)
        given |= spec.value
    elif spec.has_value and not _says_nothing(spec.value, found):
        given["value"] = spec.value
    shared = {key: given.pop(key) for key in SHARED if key in given and given[key] is not None}
    problems = [
        Problem(f"`{key}` must be {hints.words(SHARED[key])}, not {shown(entry)}")
        for key, entry in shared.items()
        if not hints.fits(SHARED[key], entry)
    ]
    problems += _unknown(given, found)
    if problems:
        raise InputError(*problems)
    _no_doubles(shared, _written(spec))
    spec = replace(spec, **shared)
    if not (math.isfinite(spec.weight) and spec.weight >= 0):
        raise InputError(Problem(f"`weight` must be 0 or more, not {spec.weight}"))
    if spec.weight == 0 and spec.required:
        raise InputError(Problem("`required` and `weight: 0` contradict each other", hint="weight 0 decides nothing"))
    return spec, {key: hints.settled(entry) for key, entry in given.items()}


def _written(spec: AssertionSpec) -> dict[str, Any]:
    """The shared options that stand beside the name."""
    beside = {"threshold": spec.threshold, "name": spec.name, "required": spec.required or None}
    if spec.weight != 1:
        beside["weight"] = spec.weight
    return {key: entry for key, entry in beside.items() if entry is not None}


def _no_doubles(one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    for key in one:
        if key in other:
            raise InputError(Problem(f"`{key}` is given twice"))


def _says_nothing(value: Any, found: Kind) -> bool:  # noqa: ANN401 - any JSON value
    """`is-json:` and `is-json: true` ask for no more than the name does."""
    parameter = found.parameters.get("value")
    if parameter is None:
        return value is None or value is True
    if value is True:
        return parameter.default is not REQUIRED and not hints.fits(parameter.hint, True)
    return value is None and parameter.default not in (REQUIRED, EXPECTED)


def _unknown(given: Mapping[str, Any], found: Kind) -> list[Problem]:
    problems = []
    for key in given:
        if key in found.parameters:
            continue
        if key == "value":
            problems.append(Problem(f"{found.name} takes no value, not {shown(given[key])}"))
            continue
        known = [*found.parameters, *SHARED]
        near = closest(key, known)
        hint = f"did you mean '{near}'?" if near else f"{found.name} has {', '.join(sorted(set(known)))}"
        problems.append(Problem(f"there is no option '{key}'", hint=hint))
    return problems


def _complete(spec: AssertionSpec, found: Kind, given: dict[str, Any], case: Case | None) -> dict[str, Any]:
    """Defaults filled in and types checked."""
    if spec.threshold is not None and "threshold" in found.parameters:
        given["threshold"] = spec.threshold
    problems = []
    options: dict[str, Any] = {}
    for key, parameter in found.parameters.items():
        if key in given:
            options[key] = given[key]
        elif parameter.default is EXPECTED:
            if case is None or case.expected_output is None:
                problems.append(Problem("it has no value and its case has no `expected_output` to compare with"))
                continue
            options[key] = hints.settled(case.expected_output)
        elif parameter.default is REQUIRED:
            problems.append(Problem(f"`{key}` is missing: it must be {hints.words(parameter.hint)}"))
            continue
        else:
            options[key] = parameter.default
            continue
        if not hints.fits(parameter.hint, options[key]):
            what = "the value" if key == "value" else f"`{key}`"
            problems.append(Problem(f"{what} must be {hints.words(parameter.hint)}, not {shown(options[key])}"))
    if problems:
        raise InputError(*problems)
    return options


def _children(spec: AssertionSpec, found: Kind, ground: _Ground) -> tuple[Bound, ...]:
    if not found.is_group:
        return ()
    if not spec.children:
        raise InputError(Problem("a group needs at least one assertion in it"))
    children: list[Bound] = []
    problems: list[Problem] = []
    for member in spec.children:
        try:
            children.append(_bind(member, ground))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(*problems)
    if all(child.spec.weight == 0 for child in children):
        raise InputError(Problem("every assertion in the group has weight 0, so that nothing decides it"))
    return tuple(children)


def _digest(spec: AssertionSpec, found: Kind, options: Mapping[str, Any], children: tuple[Bound, ...]) -> str:
    """Changes when the wording, the value taken from the case, a file it reads, or the meaning of its code does."""
    return digest(
        {
            "type": spec.spelling,
            "version": found.module.VERSION,
            "options": {key: entry for key, entry in options.items() if key != PREPARED},
            "shared": [spec.threshold, int(spec.weight) if spec.weight.is_integer() else spec.weight, spec.required],
            "reads": found.call("fingerprint", options=options) if "fingerprint" in found.takes else None,
            "members": [child.digest for child in children],
        }
    )


def shown(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as it looks in a message, cut to a line."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    text = "nothing" if value is None else text
    return text if len(text) <= 60 else f"{text[:57]}..."
