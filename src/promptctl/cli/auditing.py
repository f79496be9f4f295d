"""The steps of an audit: the labels, a judge asked about what it has not judged yet, the figures, the verdicts kept."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from promptctl.adapters import access
from promptctl.assertions.reading.judging import scale_of
from promptctl.cli import boundary
from promptctl.cli.engine import Asked, Outcome
from promptctl.cli.judge_question import Questioned, ask_about, questioned
from promptctl.cli.label_pool import cases_of
from promptctl.cli.output import Output
from promptctl.evals.audit import Asking, Heard, asking, heard
from promptctl.evals.audit_figures import audited
from promptctl.model.config import Config
from promptctl.model.errors import InputError, NothingSelectedError, Problem
from promptctl.model.label import Judged, Label
from promptctl.model.run import CallRecord, Source
from promptctl.reports.audit_document import Audited
from promptctl.reports.build_audit import of_audit
from promptctl.stats.labelled import Item, items_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line of `judge audit` asks for. min_tnr: None for the configuration's gate.min_tnr."""

    judge: str
    repeats: int = 1
    confidence: float = 0.95
    offline: bool = False
    max_cost: float | None = None
    min_tnr: float | None = None
    write: bool = True
    allow_hosts: tuple[str, ...] = ()
    directory: Path | None = None


def audit(wanted: Wanted, output: Output) -> int:
    """Ask, measure, keep, report; returns the exit code. Raises PromptctlError."""
    _refuse_impossible(wanted)
    asked = questioned(wanted.judge, wanted.directory)
    labels = asked.file.read()
    if not labels:
        hint = f"'promptctl judge label {asked.judge.name}' shows you answers it judged, and writes {asked.file.path}"
        raise NothingSelectedError(Problem(f"{asked.judge.name} has no labels", hint=hint))
    config = _effective(asked.workspace.project.config, wanted)
    access.check_hosts(config, os.environ, wanted.allow_hosts)
    items = items_of(labels, asked.digest)
    to_ask = [item for item in items if item.judged is None or wanted.repeats > 1]
    plan = asking(to_ask, asked.judge, asked.bench, path=asked.file.path, repeats=wanted.repeats)
    if plan.refused and len(plan.refused) == len(items):
        raise InputError(*(Problem(message, asked.file.path) for message in dict.fromkeys(plan.refused.values())))
    how = Asked(
        offline=wanted.offline,
        explicit_budget=wanted.max_cost is not None,
        allow_hosts=wanted.allow_hosts,
        given=plan.given,
    )
    outcome = ask_about(asked, config, plan, how, output)
    answers = heard(plan, outcome.results)
    known = _with_verdicts(labels, answers.verdicts)
    if wanted.write:
        asked.file.change(lambda kept: _with_verdicts(kept, answers.verdicts))
    found = _audited(asked, labels, known, plan, answers, outcome, wanted, config)
    report = of_audit(found, verbose=output.verbose)
    output.write(report)
    return outcome.signal_code or boundary.OUTCOMES[report.outcome]


def _refuse_impossible(wanted: Wanted) -> None:
    problems = []
    if not 0.5 <= wanted.confidence < 1:
        problems.append(Problem(f"--confidence {wanted.confidence:g}: it lies between 0.5 and 1, as 0.95"))
    if wanted.min_tnr is not None and not 0 <= wanted.min_tnr <= 1:
        problems.append(Problem(f"--min-tnr {wanted.min_tnr:g}: it lies between 0 and 1"))
    if problems:
        raise InputError(*problems)


def _effective(config: Config, wanted: Wanted) -> Config:
    if wanted.max_cost is None:
        return config
    return replace(config, eval=replace(config.eval, max_cost_usd=wanted.max_cost))


def _with_verdicts(labels: Sequence[Label], verdicts: Mapping[str, Judged]) -> tuple[Label, ...]:
    """Every label of an item with what the judge said of it."""
    return tuple(replace(one, judge=verdicts.get(one.item, one.judge)) for one in labels)


def _audited(
    asked: Questioned,
    before: Sequence[Label],
    labels: Sequence[Label],
    plan: Asking,
    answers: Heard,
    outcome: Outcome,
    wanted: Wanted,
    config: Config,
) -> Audited:
    floor = config.gate.min_tnr if wanted.min_tnr is None else wanted.min_tnr
    repeats = answers.repeats if wanted.repeats > 1 else None
    return Audited(
        judge=asked.judge.name,
        model=asked.judge.model,
        scale=str(scale_of(asked.judge)),
        digest=asked.digest,
        file=asked.file.path,
        audit=audited(labels, asked.digest, repeats=repeats, min_tnr=floor, confidence=wanted.confidence),
        asked=len(plan.plan.cases),
        unheard=answers.unheard,
        others=sum(one.judge is not None and one.judge.digest != asked.digest for one in before),
        gone=_gone(asked, items_of(labels, asked.digest)),
        cost_usd=_cost(answers.calls),
        ended=outcome.signal_code is not None,
        notes=(*_other_rubric(asked, labels), *outcome.notes),
    )


def _gone(asked: Questioned, items: Sequence[Item]) -> tuple[str, ...]:
    """The items whose case is in no golden set any more. A line stands on its own, so that they still count."""
    prompts = {item.label.prompt for item in items}
    cases = {prompt: frozenset(cases_of(asked.workspace.project, prompt)) for prompt in prompts}
    return tuple(item.label.item for item in items if item.label.case not in cases[item.label.prompt])


def _other_rubric(asked: Questioned, labels: Sequence[Label]) -> tuple[str, ...]:
    now = (asked.judge.rubric or "").strip() or None
    old = sum(one.material.own_rubric and (one.material.rubric or None) != now for one in labels if _plain(one))
    if not old:
        return ()
    return (
        f"{old:,} labels were given by another rubric of {asked.judge.name}: label again if it asks for something else",
    )


def _plain(label: Label) -> bool:
    return label.material.assertion in ("judge", "pairwise")


def _cost(calls: Sequence[CallRecord]) -> float | None:
    """What was paid now: what came from the cache or a recording was paid before."""
    costs = [call.cost_usd if call.source is Source.LIVE else 0.0 for call in calls]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if calls and len(known) == len(costs) else None
