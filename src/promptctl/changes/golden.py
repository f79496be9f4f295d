"""Two golden sets, compared: cases by id, and inside of a case its assertions by what they say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from promptctl.changes.values import ADDED, CHANGED, REMOVED, ValueChange, value_changes
from promptctl.model.golden import AssertionSpec, Case, GoldenSet
from promptctl.model.prompt import Json
from promptctl.text.canonical import digest

FIELDS = (
    "input",
    "history",
    "expected_output",
    "tags",
    "cluster",
    "context",
    "samples",
    "pass_if",
    "threshold",
    "metadata",
)


@dataclass(frozen=True, slots=True)
class AssertionChange:
    """An assertion that was added, removed or changed; what differs in it, by path, where it was changed."""

    kind: str
    before: AssertionSpec | None
    after: AssertionSpec | None
    parts: tuple[ValueChange, ...] = ()

    @property
    def spec(self) -> AssertionSpec:
        """The assertion that is there, the later one where both are."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing into nothing")
        return found


@dataclass(frozen=True, slots=True)
class CaseChange:
    """A case that was edited. fields: what differs besides its assertions; paths begin with the field's name."""

    before: Case
    after: Case
    fields: tuple[ValueChange, ...]
    assertions: tuple[AssertionChange, ...]

    def of(self, name: str) -> tuple[ValueChange, ...]:
        """The changes of one field."""
        return tuple(one for one in self.fields if one.path[0] == name)


@dataclass(frozen=True, slots=True)
class GoldenChange:
    """What changed between two golden sets; None where there is none. renamed: cases of which only the id is another."""

    before: GoldenSet | None
    after: GoldenSet | None
    added: tuple[Case, ...] = ()
    removed: tuple[Case, ...] = ()
    renamed: tuple[tuple[Case, Case], ...] = ()
    edited: tuple[CaseChange, ...] = ()

    @property
    def path(self) -> str:
        """Where the golden set is, or was."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing into nothing")
        return found.source.path

    @property
    def empty(self) -> bool:
        """Whether no case differs, and none is new or gone."""
        return not (self.added or self.removed or self.renamed or self.edited or not self.before or not self.after)

    def index(self, case: Case) -> int | None:
        """The place of a case in the set after the change, None where it is not in it."""
        cases = self.after.cases if self.after is not None else ()
        return next((index for index, one in enumerate(cases) if one.id == case.id), None)


def compare_golden(before: GoldenSet | None, after: GoldenSet | None) -> GoldenChange:
    """What changed from `before` to `after`. The order of cases means nothing."""
    old = {case.id: case for case in before.cases} if before else {}
    new = {case.id: case for case in after.cases} if after else {}
    gone = [case for name, case in old.items() if name not in new]
    fresh = [case for name, case in new.items() if name not in old]
    renamed = _renamed(gone, fresh)
    known = {id(case) for pair in renamed for case in pair}
    return GoldenChange(
        before=before,
        after=after,
        added=tuple(case for case in fresh if id(case) not in known),
        removed=tuple(case for case in gone if id(case) not in known),
        renamed=renamed,
        edited=tuple(
            compare_cases(old[n], case) for n, case in new.items() if n in old and old[n].digest != case.digest
        ),
    )


def compare_cases(before: Case, after: Case) -> CaseChange:
    """What changed in a case."""
    fields = [one.under(name) for name in FIELDS for one in value_changes(_field(before, name), _field(after, name))]
    return CaseChange(before, after, tuple(fields), compare_assertions(before.assertions, after.assertions))


def compare_assertions(before: Sequence[AssertionSpec], after: Sequence[AssertionSpec]) -> tuple[AssertionChange, ...]:
    """What became of assertions. One of the same kind in the same order counts as changed, not as removed and added."""
    new = list(after)
    lost: list[AssertionSpec] = []
    for spec in before:
        found = next((one for one in new if one.digest == spec.digest), None)
        if found is None:
            lost.append(spec)
        else:
            new.remove(found)
    changes = []
    for spec in lost:
        found = next((one for one in new if (one.spelling, one.name) == (spec.spelling, spec.name)), None)
        found = found or next((one for one in new if one.spelling == spec.spelling), None)
        if found is None:
            changes.append(AssertionChange(REMOVED, spec, None))
        else:
            new.remove(found)
            changes.append(AssertionChange(CHANGED, spec, found, value_changes(shown(spec), shown(found))))
    return (*changes, *(AssertionChange(ADDED, None, spec) for spec in new))


def shown(spec: AssertionSpec) -> Json:
    """All an assertion says, in its long spelling, without what is not said."""
    said: dict[str, Json] = {"type": spec.spelling}
    if spec.has_value:
        said["value"] = spec.value
    said |= dict(spec.options)
    if spec.children:
        said["assertions"] = [shown(child) for child in spec.children]
    if spec.threshold is not None:
        said["threshold"] = spec.threshold
    if spec.weight != 1:
        said["weight"] = spec.weight
    if spec.required:
        said["required"] = True
    return said


def _field(case: Case, name: str) -> Json:
    if name == "input":
        return case.plain_input if case.plain_input is not None else dict(case.input)
    if name == "history":
        return [{"role": one.role, "content": one.content, **one.extra} for one in case.history]
    value = getattr(case, name)
    return list(value) if isinstance(value, tuple) else dict(value) if name == "metadata" else value


def _renamed(gone: Sequence[Case], fresh: Sequence[Case]) -> tuple[tuple[Case, Case], ...]:
    return tuple(_pairs(gone, fresh)) if gone and fresh else ()


def _pairs(gone: Sequence[Case], fresh: Sequence[Case]) -> Iterator[tuple[Case, Case]]:
    by_content: dict[str, list[Case]] = {}
    for case in fresh:
        by_content.setdefault(_content(case), []).append(case)
    for case in gone:
        if found := by_content.get(_content(case)):
            yield case, found.pop(0)


def _content(case: Case) -> str:
    nameless = replace(case, id="", span=None)
    return digest([[_field(nameless, name) for name in FIELDS], [spec.digest for spec in case.assertions]])
