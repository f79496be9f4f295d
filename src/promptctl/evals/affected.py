"""What a change touches: the prompts whose answers or judgements may differ, and the cases that stand in the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.evals.plan import Plan, PlannedCase, plan
from promptctl.model.answer import Bench
from promptctl.model.config import EvalConfig
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import AssertionSpec, Case, GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.run import Outcome, SampleResult


@dataclass(frozen=True, slots=True)
class Side:
    """What one side brings: its files' judges and configuration, and the endpoint of every model."""

    bench: Bench
    config: EvalConfig
    samples: int | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the cases that do not fit their prompt: each an ERROR that says why, in as many samples as planned."""

    plan: Plan
    misfits: tuple[SampleResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Roles:
    """The ids of two golden sets' cases by what a change did to them; edited: the case, or what judges it, differs."""

    unchanged: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()


def planned(prompt: Prompt, golden: GoldenSet, side: Side) -> Planned:
    """The plan of one prompt; a case that cannot be planned becomes an ERROR instead of ending everything."""
    try:
        return Planned(_plan(prompt, golden, side))
    except InputError:
        cases: list[PlannedCase] = []
        misfits: list[SampleResult] = []
        for case in golden.cases:
            try:
                cases.extend(_plan(prompt, replace(golden, cases=(case,)), side).cases)
            except InputError as error:
                number = side.samples or case.samples or side.config.samples
                misfits.extend(_misfit(prompt, case, sample, error.problems) for sample in range(number))
        return Planned(Plan(tuple(replace(one, golden=golden) for one in cases)), tuple(misfits))


def _plan(prompt: Prompt, golden: GoldenSet, side: Side) -> Plan:
    return plan([(prompt, golden)], config=side.config, bench=side.bench, samples=side.samples, model=side.model)


def _misfit(prompt: Prompt, case: Case, sample: int, problems: Sequence[Problem]) -> SampleResult:
    return SampleResult(
        prompt=prompt.name,
        case=case.id,
        case_digest=case.digest,
        request_digest=None,
        sample=sample,
        tags=case.tags,
        outcome=Outcome.ERROR,
        score=None,
        error=f"the case does not fit the prompt: {'; '.join(problem.message for problem in problems)}",
        assertions=(),
        completion=None,
        error_kind="misfit",
        pass_if=case.pass_if,
        cluster=case.cluster,
        prompt_digest=prompt.digest,
    )


def differences(base: Planned, head: Planned) -> tuple[str, ...]:
    """Why a prompt is affected, in words, from both sides' own plans of it; empty where nothing it means differs.

    Compared is what reaches the model (requests, fallbacks, retrieval) and what judges the answer (cases, assertions,
    the checks, schemas and judges they read), never the text of files.
    """
    before, after = _by_case(base), _by_case(head)
    found: dict[str, None] = {}
    if {one.prompt.digest for one in base.plan.cases} != {one.prompt.digest for one in head.plan.cases}:
        found["prompt"] = None
    if list(before) != list(after) and set(before) != set(after):
        found["cases"] = None
    if {one.case for one in base.misfits} != {one.case for one in head.misfits}:
        found["inputs"] = None
    for case in before.keys() & after.keys():
        found.update(dict.fromkeys(_case_differences(before[case], after[case])))
    order = ("prompt", "target", "requests", "inputs", "cases", "assertions", "samples")
    return tuple(sorted(found, key=order.index))


def _by_case(one: Planned) -> Mapping[str, PlannedCase]:
    return {case.case.id: case for case in one.plan.cases}


def _case_differences(before: PlannedCase, after: PlannedCase) -> Iterable[str]:
    if before.request.digest != after.request.digest:
        of_targets = before.request.target is not None and after.request.target is not None
        yield "target" if of_targets and before.request.payload == after.request.payload else "requests"
    if before.case.digest != after.case.digest:
        yield "cases"
    if [one.digest for one in before.bound] != [one.digest for one in after.bound]:
        yield "assertions"
    if before.samples != after.samples:
        yield "samples"


def roles(base: Planned, head: Planned, base_golden: GoldenSet, head_golden: GoldenSet) -> Roles:
    """What became of every case, the base's in the base's order; both plans are of the sides' own golden sets."""
    before, after = {one.id: one for one in base_golden.cases}, {one.id: one for one in head_golden.cases}
    bound_before, bound_after = _bound(base), _bound(head)
    both = [case for case in before if case in after]
    edited = {
        case
        for case in both
        if before[case].digest != after[case].digest
        or (case in bound_before and case in bound_after and bound_before[case] != bound_after[case])
    }
    return Roles(
        unchanged=tuple(case for case in both if case not in edited),
        edited=tuple(case for case in both if case in edited),
        new=tuple(case for case in after if case not in before),
        deleted=tuple(case for case in before if case not in after),
    )


def _bound(one: Planned) -> Mapping[str, tuple[str, ...]]:
    return {case.case.id: tuple(bound.digest for bound in case.bound) for case in one.plan.cases}


def only(golden: GoldenSet, ids: Iterable[str]) -> GoldenSet:
    """The golden set with those cases alone, in their order."""
    wanted = frozenset(ids)
    return replace(golden, cases=tuple(case for case in golden.cases if case.id in wanted))


def programs(one: Planned) -> frozenset[str]:
    """The root-relative files that the plan's assertions run: `python:` checks and local programs."""
    specs = [spec for case in one.plan.cases for bound in case.bound for spec in _specs(bound.spec)]
    return frozenset(path for spec in specs for path in _program(spec))


def _specs(spec: AssertionSpec) -> Iterable[AssertionSpec]:
    yield spec
    for child in spec.children:
        yield from _specs(child)


def _program(spec: AssertionSpec) -> Iterable[str]:
    value = spec.value.get("value") if isinstance(spec.value, Mapping) else spec.value
    if spec.type == "python" and isinstance(value, str):
        yield value.rpartition(":")[0].removeprefix("./")
    if spec.type == "command" and isinstance(value, list | tuple):
        yield from (part.removeprefix("./") for part in value if isinstance(part, str) and not part.startswith("/"))


def reaches(programs: Iterable[str], changed: Iterable[str]) -> bool:
    """Whether a change may reach one of these programs: itself, a file beside or below it, any Python module.

    A check may import whatever lies under the root and read what lies near it; nobody knows without running it.
    """
    files = frozenset(programs)
    folders = {path.rpartition("/")[0] for path in files} - {""}
    return bool(files) and any(
        path in files or path.endswith(".py") or any(path.startswith(f"{folder}/") for folder in folders)
        for path in changed
    )
