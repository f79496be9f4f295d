"""A judge asked about labelled answers: the plan of it, and what came of it. An audit is an evaluation of given answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.assertions.engine import Bound, bind
from promptctl.evals.given import GivenAnswers
from promptctl.evals.judged import answer_of, verdict_in
from promptctl.evals.plan import Plan, PlannedCase
from promptctl.model.answer import Bench
from promptctl.model.errors import InputError
from promptctl.model.golden import AssertionSpec, Case, GoldenSet
from promptctl.model.label import Judged, Label, Material
from promptctl.model.prompt import Prompt
from promptctl.model.run import CallRecord, Completion, Outcome, Request, SampleResult, Source
from promptctl.model.source import Source as Origin
from promptctl.stats.labelled import Item
from promptctl.text.canonical import digest
from promptctl.text.outputs import Given


@dataclass(frozen=True, slots=True)
class Asking:
    """What a judge is to be asked: the plan, the answers in it, and why some items cannot be put to it, by item.

    calls: by item, how many a verdict takes.
    """

    plan: Plan
    given: GivenAnswers
    refused: Mapping[str, str]
    calls: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back.

    verdicts: by item, the judge's first. repeats: by item, the outcome of every repeat, None where there was none.
    unheard: by item, why nobody knows what the judge would say. calls: what was asked, and what it cost.
    """

    verdicts: Mapping[str, Judged]
    repeats: Mapping[str, tuple[str | None, ...]]
    unheard: Mapping[str, str]
    calls: tuple[CallRecord, ...]


def asking(items: Iterable[Item], judge: Prompt, bench: Bench, *, path: str, repeats: int = 1) -> Asking:
    """The plan of asking `judge` about labelled items, each `repeats` times. path: the labels file, for messages."""
    planned: list[PlannedCase] = []
    lines: dict[tuple[str, str, int], Given] = {}
    refused: dict[str, str] = {}
    calls: dict[str, int] = {}
    for item in items:
        label = item.label
        try:
            one = _planned(label, judge, bench, path, repeats)
        except InputError as error:
            refused[label.item] = "; ".join(problem.message for problem in error.problems)
            continue
        planned.append(one)
        calls[label.item] = len(one.bound[0].asks(answer_of(label.material)))
        answer = Completion(label.material.output, source=Source.GIVEN, context=label.material.context)
        for sample in range(repeats):
            lines[one.prompt.name, one.case.id, sample] = Given(label.item, answer, one.prompt.name, sample)
    return Asking(Plan(tuple(planned)), GivenAnswers(lines, path), refused, calls)


def _planned(label: Label, judge: Prompt, bench: Bench, path: str, repeats: int) -> PlannedCase:
    material, source = label.material, Origin(path)
    spec = _question(material, judge.name)
    case = Case(
        id=label.item,
        input=material.input,
        assertions=(spec,),
        digest=label.item,
        expected_output=material.expected_output,
        context=material.context,
    )
    return PlannedCase(
        # Under the name of the prompt that answered: what was recorded for it is found, and traces say whose it was.
        prompt=replace(judge, name=label.prompt),
        golden=GoldenSet(None, (), source, label.item),
        case=case,
        request=Request("labels", (), digest(["labelled answer", label.item])),
        bound=(bind(spec, bench, source, case),),
        samples=repeats,
    )


def _question(material: Material, judge: str) -> AssertionSpec:
    """The assertion that puts the question again, to this judge and to no other."""
    options = {**material.options, "judge": judge}
    value = options.pop("value", None)
    if material.assertion != "g-eval" and not material.own_rubric and material.rubric is not None:
        options["rubric"] = material.rubric
    return AssertionSpec(
        type=material.assertion,
        value=value,
        has_value="value" in material.options,
        options=options,
        threshold=material.threshold,
        digest=digest([material.assertion, value, options, material.threshold]),
    )


def heard(asked: Asking, results: Sequence[SampleResult]) -> Heard:
    """What the results say. A provider that gave no answer is no verdict of the judge's; an answer without one is."""
    bound = {planned.case.id: planned.bound[0] for planned in asked.plan.cases}
    samples = {planned.case.id: planned.samples for planned in asked.plan.cases}
    by_item: dict[str, dict[int, Judged | str]] = {}
    calls: list[CallRecord] = []
    for result in results:
        for assertion in result.assertions:
            calls += assertion.calls
        by_item.setdefault(result.case, {})[result.sample] = _said(result, bound[result.case], asked.calls[result.case])
    verdicts: dict[str, Judged] = {}
    unheard = dict(asked.refused)
    for item in bound:
        first = by_item.get(item, {}).get(0, "the audit ended before it was asked")
        if isinstance(first, Judged):
            verdicts[item] = first
        else:
            unheard[item] = first
    repeats = {
        item: tuple(_outcome(by_item.get(item, {}).get(sample)) for sample in range(samples[item])) for item in bound
    }
    return Heard(verdicts, repeats, unheard, tuple(calls))


def _said(result: SampleResult, bound: Bound, calls: int) -> Judged | str:
    """The verdict in one result, or why there is none."""
    if not result.assertions:
        return result.error or "it was not asked"
    (assertion,) = result.assertions
    found = verdict_in(assertion)
    if found is not None:
        return found
    judge = bound.judges[0]
    if assertion.outcome is Outcome.ERROR and len(assertion.calls) == calls > 0:
        return Judged(judge.identity, "error", threshold=judge.threshold)  # every reply came, and none was a verdict
    return assertion.reason


def _outcome(said: Judged | str | None) -> str | None:
    return said.outcome if isinstance(said, Judged) and said.outcome != "error" else None
