"""`compare --judge`: a judge of pairs sees the answers of both runs, case by case, in both orders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promptctl.assertions.reading.judging import scale_of
from promptctl.cli.boundary import ExitCode
from promptctl.cli.engine import Asked
from promptctl.cli.judge_question import Questioned, ask_about, questioned
from promptctl.cli.output import Output
from promptctl.evals.audit import Heard, asking, heard
from promptctl.gate.compare import Comparison
from promptctl.gate.pairs import Pair
from promptctl.gate.preference import Compared, Preference, preference
from promptctl.model.errors import InputError, Problem
from promptctl.model.finding import Report, Table
from promptctl.model.golden import Case
from promptctl.model.label import Judged, Label, Material
from promptctl.model.prompt import Json
from promptctl.reports import figures
from promptctl.stats.labelled import Item
from promptctl.text.inputs import with_plain_input
from promptctl.text.labels import item_of
from promptctl.text.project import find, golden_of

CaseKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The judge, and how it is asked."""

    judge: str
    offline: bool = False
    max_cost: float | None = None
    directory: Path | None = None


def with_preferences(
    report: Report, comparison: Comparison, wanted: Wanted, output: Output
) -> tuple[Report, int | None]:
    """The report of a comparison with what the judge prefers.

    And the exit code of a signal that ended the asking, 3 where a verdict is missing, None where all are known.
    Raises InputError for a judge that does not compare, and for cases that are not those of the runs any more.
    """
    asked = questioned(wanted.judge, wanted.directory)
    if scale_of(asked.judge).kind != "pairwise":
        hint = "it takes one with `scale: pairwise`, such as 'promptctl judge add preference'"
        raise InputError(Problem(f"the judge {asked.judge.name} does not compare answers", hint=hint))
    labels = {
        (one.prompt, pair.case): _label(asked, one.prompt, pair)
        for one in comparison.prompts
        for pair in one.pairs
        if _text(pair, "base") != _text(pair, "head")
    }
    config = asked.workspace.project.config
    if wanted.max_cost is not None:
        config = replace(config, eval=replace(config.eval, max_cost_usd=wanted.max_cost))
    plan = asking(_once(labels.values()), asked.judge, asked.bench, path="the compared runs")
    if plan.refused:
        raise InputError(*(Problem(message) for message in dict.fromkeys(plan.refused.values())))
    how = Asked(offline=wanted.offline, explicit_budget=wanted.max_cost is not None, given=plan.given)
    outcome = ask_about(asked, config, plan, how, output)
    said = heard(plan, outcome.results)
    found = []
    for one in comparison.prompts:
        rows = []
        for pair in one.pairs:
            label = labels.get((one.prompt, pair.case))
            verdict = None if label is None else said.verdicts.get(label.item)
            rows.append(_compared(pair, verdict, same=label is None))
        found.append(preference(one.prompt, rows))
    made = _with(report, asked.judge.name, found, _why(labels, said))
    missing = any(one.unjudged for one in found)
    if outcome.signal_code or missing:
        return replace(made, outcome="error"), outcome.signal_code or ExitCode.UNAVAILABLE
    return made, None


def _why(labels: Mapping[CaseKey, Label], said: Heard) -> str:
    """Of the first case without a verdict, the reason; empty where there is none."""
    for (prompt, case), label in labels.items():
        verdict = said.verdicts.get(label.item)
        if verdict is None or verdict.outcome == "error":
            return f"{prompt} {case}: {said.unheard.get(label.item, 'its reply is no verdict')}"
    return ""


def _once(labels: Iterable[Label]) -> tuple[Item, ...]:
    """Each pair of answers once, however many cases have it."""
    return tuple(Item(label, None, None) for label in {one.item: one for one in labels}.values())


def _text(pair: Pair, side: str) -> str:
    completion = (pair.base if side == "base" else pair.head).speaking.completion
    return completion.output if completion is not None else ""


def _label(asked: Questioned, prompt: str, pair: Pair) -> Label:
    """The head's answer as A, held against the base's as B."""
    case = _case(asked, prompt, pair)
    context = pair.head.speaking.completion.context if pair.head.speaking.completion else None
    material = Material(
        rubric=asked.judge.rubric,
        own_rubric=True,
        output=_text(pair, "head"),
        input=case.input,
        context=case.context if context is None else context,
        assertion="pairwise",
        options={"value": _text(pair, "base")},
    )
    return Label(item_of(material), prompt, pair.case, 0, material, "tie", "nobody", "1970-01-01T00:00:00+00:00")


def _case(asked: Questioned, prompt: str, pair: Pair) -> Case:
    """The case as both runs asked it: runs keep its digest, and the golden set its question."""
    project = asked.workspace.project
    known = find(project, prompt)
    golden = golden_of(project, known)
    found = next((one for one in golden.cases if one.id == pair.case), None)
    if found is None or found.digest != pair.head.samples[0].case_digest:
        what = f"has no case {pair.case!r} now" if found is None else f"has another case {pair.case!r} now"
        hint = f"restore it in {golden.source.path}, or evaluate both sides again: what was answered is in the cache"
        raise InputError(Problem(f"{prompt}: the golden set {what}, and its question is not known", hint=hint))
    return with_plain_input(known, found)


def _compared(pair: Pair, verdict: Judged | None, *, same: bool) -> Compared:
    base, head = len(_text(pair, "base")), len(_text(pair, "head"))
    longer = None if base == head else "A" if head > base else "B"
    if same:
        return Compared(pair.case, "tie")
    if verdict is None:
        return Compared(pair.case, None, longer=longer)
    outcome = None if verdict.outcome == "error" else verdict.outcome
    return Compared(pair.case, outcome, verdict.first, verdict.second, longer)


def _with(report: Report, judge: str, found: Sequence[Preference], why: str) -> Report:
    columns = (
        "Prompt",
        "n",
        "Head wins",
        "Base wins",
        "Ties",
        "Difference",
        "Interval",
        "p",
        "Orders agree",
        "Longer wins",
    )
    table = Table(f"Whose answers {judge} prefers", columns, tuple(map(_row, found)), ("left", *["right"] * 9))
    notes = [_leaning(judge, one) for one in found if one.order is not None and one.order.p < 0.05]
    unjudged = sum(one.unjudged for one in found)
    if unjudged:
        notes.append(f"{judge} gave no verdict on {figures.count(unjudged, 'case')}, counted for nobody; {why}")
    data = {**report.data, "preferences": {"judge": judge, "prompts": [_document(one) for one in found]}}
    return replace(report, data=data, tables=(*report.tables, table), notes=(*report.notes, *notes))


def _leaning(judge: str, one: Preference) -> str:
    assert one.order is not None
    place = "first" if one.order.to_first > one.order.to_second else "second"
    return (
        f"{one.prompt}: {judge} leans to what stands {place}: of {figures.count(one.order.pairs, 'pair')} the order decided "
        f"{one.order.to_first + one.order.to_second} ({one.order.to_first} to {one.order.to_second}); these are ties"
    )


def _row(one: Preference) -> tuple[str, ...]:
    moved = figures.UNKNOWN if one.difference is None else f"{one.difference * 100:+.1f}"
    interval = (
        figures.UNKNOWN if one.interval is None else f"{one.interval[0] * 100:+.1f} to {one.interval[1] * 100:+.1f}"
    )
    agree = figures.UNKNOWN if one.order is None else f"{one.order.agreement * 100:.0f} %"
    longer = figures.UNKNOWN if one.longer is None else f"{one.longer * 100:.0f} %"
    ties = f"{one.ties:,} ({one.same:,} the same)" if one.same else f"{one.ties:,}"
    return (
        one.prompt,
        f"{one.cases:,}",
        f"{one.head:,}",
        f"{one.base:,}",
        ties,
        moved,
        interval,
        f"{one.p:.4f}",
        agree,
        longer,
    )


def _document(one: Preference) -> dict[str, Json]:
    order = one.order
    return {
        "prompt": one.prompt,
        "n": one.cases,
        "head_wins": one.head,
        "base_wins": one.base,
        "ties": one.ties,
        "same": one.same,
        "unjudged": one.unjudged,
        "difference": one.difference,
        "interval": None if one.interval is None else list(one.interval),
        "p_value": one.p,
        "order_agreement": None if order is None else order.agreement,
        "to_first": None if order is None else order.to_first,
        "to_second": None if order is None else order.to_second,
        "position_bias_p": None if order is None else order.p,
        "prefers_longer": one.longer,
    }
