"""Which of two assertions asks for less, and which change was made to many cases at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptctl.assertions.results.judged import JUDGED
from promptctl.changes.golden import AssertionChange, GoldenChange
from promptctl.changes.policy import HIGHER, LOWER, weaker_bound
from promptctl.changes.schemas import refusals
from promptctl.changes.values import CHANGED
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.prompt import Json
from promptctl.rules.diff.reading.words import said
from promptctl.text.canonical import canonical

CEILINGS = frozenset({"levenshtein", "latency", "cost", "max-tokens"})
"""Assertions whose number is the most that passes; for all others a threshold is the least."""
_RUBRIC = ("value", "rubric", "judge", "judges", "criteria", "steps", "combine")

Group = tuple[AssertionChange, tuple[Case, ...]]


def groups(golden: GoldenChange, kind: str) -> Sequence[Group]:
    """Each change of this kind once, with the cases it was made in: a default's change is one change."""
    found: dict[tuple[str, str], tuple[AssertionChange, list[Case]]] = {}
    for case in golden.edited:
        for change in case.assertions:
            if change.kind == kind:
                key = (change.before.digest if change.before else "", change.after.digest if change.after else "")
                cases = found.setdefault(key, (change, []))[1]
                if case.after not in cases:
                    cases.append(case.after)
    return [(change, tuple(cases)) for change, cases in found.values()]


def changed(golden: GoldenChange) -> Sequence[tuple[AssertionSpec, AssertionSpec, Group]]:
    """The assertions that were changed, before and after."""
    return [
        (group[0].before, group[0].after, group)
        for group in groups(golden, CHANGED)
        if group[0].before is not None and group[0].after is not None
    ]


def identity(group: Group) -> tuple[Json, ...]:
    """What an approval of the change is for: the assertion before and after, in these cases."""
    change, cases = group
    ends = [one.digest if one is not None else None for one in (change.before, change.after)]
    return (*ends, sorted(case.id for case in cases))


def of_rubric(before: AssertionSpec, after: AssertionSpec) -> bool:
    """Whether a judge is asked something else, or another judge is asked."""
    if before.type not in JUDGED:
        return False
    return any(_option(before, name) != _option(after, name) for name in _RUBRIC)


def looser(before: AssertionSpec, after: AssertionSpec) -> Iterator[str]:
    """In what `after` asks for less than `before`, which is an assertion of the same kind; in a few words each."""
    least = HIGHER if (before.type in CEILINGS) != before.negated else LOWER
    both = before.threshold is not None and after.threshold is not None
    if both and weaker_bound(before.threshold, after.threshold, least):
        yield f"the threshold went from {before.threshold:g} to {after.threshold:g}"
    if before.required and not after.required:
        yield "it is not required any more"
    if after.weight < before.weight:
        yield f"its weight went from {before.weight:g} to {after.weight:g}"
    yield from _values(before, after, least)
    yield from _groups(before, after)


def _values(before: AssertionSpec, after: AssertionSpec, least: str) -> Iterator[str]:
    old, new = before.value, after.value
    if before.type in CEILINGS and before.has_value and after.has_value and weaker_bound(old, new, least):
        yield (
            f"{said(new)} are enough, not {said(old)}"
            if before.negated
            else f"{said(new)} are allowed, not {said(old)}"
        )
    if before.type == "word-count":
        low, high = (HIGHER, LOWER) if before.negated else (LOWER, HIGHER)
        for name, direction in (("min", low), ("max", high)):
            if weaker_bound(before.options.get(name), after.options.get(name), direction):
                yield f"{name} went from {said(before.options.get(name))} to {said(after.options.get(name))}"
    if isinstance(old, list) and isinstance(new, list):
        gone, fresh = _without(old, new), _without(new, old)
        weaker = fresh if before.type.endswith("-any") != before.negated else gone
        verb = "may do" if weaker is fresh else "is not asked for"
        yield from (f"{said(one)} {verb}" for one in weaker)
    if isinstance(old, dict) and isinstance(new, dict) and not before.negated:
        yield from (f"the schema no longer says {one.what}" for one in refusals(new, old))


def _groups(before: AssertionSpec, after: AssertionSpec) -> Iterator[str]:
    old, new = ([child.digest for child in one.children] for one in (before, after))
    if before.type == "all" and len(new) < len(old):
        yield "fewer assertions have to hold"
    if before.type == "any" and len(new) > len(old):
        yield "one more assertion suffices"


def _without(values: Sequence[Json], others: Sequence[Json]) -> Sequence[Json]:
    known = {canonical(one) for one in others}
    return [one for one in values if canonical(one) not in known]


def _option(spec: AssertionSpec, name: str) -> Json:
    return spec.value if name == "value" else spec.options.get(name)
