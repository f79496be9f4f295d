"""The parts of a run's report: sections, tables, summary, tests, findings."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence

from promptctl.model.finding import Finding, Section, Severity, Table, TestCase
from promptctl.model.run import AssertionResult, CallRecord, Completion, Outcome, Run, SampleResult, Source
from promptctl.model.target import PROVIDER
from promptctl.reports import figures
from promptctl.reports.cases import CaseView, broken
from promptctl.reports.metric_texts import metric_pairs

_EXCERPT_LINES = 8
_CASES_TO_RERUN = 4
_PASSING_TROUBLE = {"rate_limit", "timeout", "server", "connection", "malformed", "cancelled"}


def failure_section(case: CaseView, *, verbose: bool) -> Section:
    """A failed case: which assertion broke and why, and the answer."""
    worst = case.worst
    return Section(
        title=f"{case.prompt} / {case.case}{_sample_label(case)}",
        text=answer_text(worst.completion),
        style="failure",
        facts=broken(worst),
        lines=None if verbose else _EXCERPT_LINES,
    )


def passed_section(case: CaseView) -> Section:
    """A case that passed: the answer, and what each assertion said of it."""
    shown = case.samples[0]
    facts = tuple((one.name or one.type, f"{one.outcome.value}: {one.reason}") for one in shown.assertions)
    return Section(
        title=f"PASS {case.prompt} / {case.case}",
        text=answer_text(shown.completion),
        facts=facts,
    )


def _sample_label(case: CaseView) -> str:
    total = len(case.samples)
    if total == 1:
        return ""
    alike = sum(one.outcome is case.outcome for one in case.samples)
    what = "failed" if case.outcome is Outcome.FAIL else "broke"
    return f" (sample {case.worst.sample + 1} of {total}; {alike} of {total} {what})"


def error_sections(cases: Sequence[CaseView], *, most: int | None, verbose: bool) -> list[Section]:
    """Cases that could not be judged, those with one and the same reason together."""
    alike: dict[tuple[tuple[str, str], ...], list[CaseView]] = {}
    for case in cases:
        alike.setdefault(broken(case.worst), []).append(case)
    groups = sorted(alike.items(), key=lambda pair: -len(pair[1]))
    shown = groups[:most]
    sections = [_error_section(facts, group, verbose=verbose) for facts, group in shown]
    hidden = [case.case for _, group in groups[len(shown) :] for case in group]
    if hidden:
        title = f"{figures.count(len(hidden), 'more case')} could not be judged: {figures.listed(hidden)}"
        sections.append(Section(title=title, style="error", text="" if verbose else "--verbose shows all of them"))
    return sections


def _error_section(facts: tuple[tuple[str, str], ...], cases: Sequence[CaseView], *, verbose: bool) -> Section:
    first = cases[0]
    if len(cases) == 1:
        return Section(
            title=f"{first.prompt} / {first.case}{_sample_label(first)}",
            text=answer_text(first.worst.completion),
            style="error",
            facts=facts,
            lines=None if verbose else _EXCERPT_LINES,
        )
    names = figures.listed([case.case for case in cases], most=len(cases) if verbose else 5)
    return Section(title=f"{figures.count(len(cases), 'case')}: {names}", style="error", facts=facts)


def answer_text(completion: Completion | None) -> str:
    """An answer as text: what was said, then the tools called; "" where there is none."""
    if completion is None:
        return ""
    calls = [f"tool call: {call.name}({call.arguments})" for call in completion.tool_calls]
    said = completion.output
    return "\n".join([said, *calls] if said or not calls else calls) or "(the answer is empty)"


def prompt_table(run: Run) -> Table:
    """A row for each prompt."""
    rows = tuple(
        (
            f"{one.name} {one.version}" if one.version else one.name,
            str(one.summary.cases),
            str(one.summary.passed),
            str(one.summary.failed),
            str(one.summary.errored),
            figures.UNKNOWN if one.summary.pass_rate is None else figures.percent(one.summary.pass_rate),
            figures.usd(one.summary.cost_usd),
            figures.seconds(one.summary.latency_s.p95),
        )
        for one in run.prompts
    )
    columns = ("Prompt", "Cases", "Passed", "Failed", "Errors", "Pass rate", "Cost", "p95")
    return Table(title="Prompts", columns=columns, rows=rows, align=("left", *["right"] * 7))


def case_table(cases: Sequence[CaseView], *, several: bool) -> Table:
    """A row for each case; `several`: more than one prompt, so that cases need their prompt's name."""
    rows = tuple(
        (
            f"{case.prompt} / {case.case}" if several else case.case,
            case.outcome.value.upper(),
            "" if case.score is None else f"{case.score:.2f}",
            figures.usd(_cost(case.samples)),
            figures.seconds(_latency(case.samples)),
        )
        for case in cases
    )
    columns = ("Case", "Outcome", "Score", "Cost", "Latency")
    return Table(title="Cases", columns=columns, rows=rows, align=("left", "left", "right", "right", "right"))


def _cost(samples: Sequence[SampleResult]) -> float | None:
    known = [one.completion.cost_usd for one in samples if one.completion is not None]
    parts = [cost for cost in known if cost is not None]
    return sum(parts) if parts and len(parts) == len(samples) else None


def _latency(samples: Sequence[SampleResult]) -> float | None:
    """The slowest sample's, in seconds."""
    known = [one.completion.latency_s for one in samples if one.completion is not None]
    return max((latency for latency in known if latency is not None), default=None)


def summary_pairs(run: Run, *, verbose: bool) -> tuple[tuple[str, str], ...]:
    """The summary as (label, value) pairs."""
    summary = run.summary
    pairs = []
    if summary.cases:
        rate = figures.rate(summary.pass_rate, summary.pass_rate_interval)
        pairs.append(("cases", f"{summary.passed:,} of {figures.count(summary.cases, 'case')} passed ({rate})"))
    if summary.failed or summary.errored:
        errors = figures.count(summary.errored, "error")
        pairs.append(("outcomes", f"{summary.passed:,} passed, {summary.failed:,} failed, {errors}"))
    if summary.samples != summary.cases:
        pairs.append(("samples", f"{summary.samples:,}"))
    pairs += metric_pairs(summary.metrics, verbose=verbose)
    if summary.samples:
        pairs.append(("cost", _cost_text(run)))
        pairs.append(
            ("tokens", f"{figures.tokens(summary.input_tokens)} in, {figures.tokens(summary.output_tokens)} out")
        )
    if summary.latency_s.p50 is not None:
        quantiles = f"p50 {figures.seconds(summary.latency_s.p50)}, p95 {figures.seconds(summary.latency_s.p95)}"
        pairs.append(("latency", quantiles))
    sources = [f"{summary.completions[source]:,} {source}" for source in Source if summary.completions.get(source)]
    if sources:
        pairs.append(("answers", ", ".join(sources)))
    pairs.append(("run", _run_text(run)))
    return tuple(pairs)


def _cost_text(run: Run) -> str:
    """What the answers cost, what the judges cost, and what of it was spent now rather than when it was recorded."""
    summary = run.summary
    answers = [one.completion for one in run.results if one.completion is not None]
    calls = [call for one in run.results for call in _calls(one.assertions)]
    if not answers:
        return "nothing was answered"
    text = f"{figures.usd(summary.cost_usd)} answers"
    if calls:
        text += f", {figures.usd(summary.judge_cost_usd)} judges"
    paid: list[Completion | CallRecord] = [*answers, *calls]
    if any(one.source is not Source.LIVE for one in paid) and not all(one.source is Source.GIVEN for one in paid):
        text += f"; spent now {_spent_now(paid)}"
    if all(one.source is Source.GIVEN for one in answers):
        return text + (" (the given answers do not say)" if summary.cost_usd is None else " (as given)")
    systems = [one for one in summary.unpriced if one.startswith(f"{PROVIDER}/")]
    models = [one for one in summary.unpriced if one not in systems]
    if models:
        text += f" (no price for {figures.listed(models, most=3)}; set it under `prices:` in promptctl.yaml)"
    if systems:
        text += f" ({figures.listed(systems, most=3)} did not report what every answer cost)"
    return text


def _spent_now(paid: Iterable[Completion | CallRecord]) -> str:
    costs = [one.cost_usd for one in paid if one.source is Source.LIVE]
    known = [cost for cost in costs if cost is not None]
    return figures.usd(sum(known) if len(known) == len(costs) else None)


def _calls(assertions: Sequence[AssertionResult]) -> Iterable[CallRecord]:
    for one in assertions:
        yield from one.calls
        yield from _calls(one.children)


def _run_text(run: Run) -> str:
    made = run.provenance
    parts = [run.id]
    if made.commit:
        parts.append(f"commit {made.commit[:10]}{' with uncommitted changes' if made.dirty else ''}")
    parts.append(figures.seconds(made.duration_s))
    return ", ".join(parts)


def next_steps(run: Run, cases: Sequence[CaseView]) -> tuple[str, ...]:
    """What to do about `cases`, which did not pass: the command that shows them whole, and whether asking again helps.

    Nothing where there are none, or where the answers were given rather than asked for.
    """
    if not cases or run.summary.completions.get(Source.GIVEN.value, 0):
        return ()
    few = cases if len(cases) <= _CASES_TO_RERUN else cases[:1]
    prompts = list(dict.fromkeys(case.prompt for case in few))
    command = shlex.join([*prompts, *(part for case in few for part in ("--case", case.case)), "--verbose"])
    which = "these cases" if len(cases) > 1 else "this case"
    alone = f"{which if few is cases else 'the first of these cases'} alone, whole: promptctl eval {command}"
    passing = any(one.error_kind in _PASSING_TROUBLE for case in cases for one in case.samples)
    return (alone, "run the same command again: only what was not answered is asked") if passing else (alone,)


def tests_of(case: CaseView) -> Iterable[TestCase]:
    """A test for each sample. A sample that failed inside a case that passed is no failure: it is skipped, and says so."""
    several = len(case.samples) > 1
    for one in case.samples:
        facts = broken(one)
        outcome = one.outcome.value
        message = "; ".join(f"{label.strip()}: {reason}" for label, reason in facts)
        if outcome in {"fail", "error"} and case.outcome is Outcome.PASS:
            outcome, message = "skip", f"this sample did not pass, the case did (pass_if: {one.pass_if}): {message}"
        yield TestCase(
            suite=case.prompt,
            name=f"{case.case}[{one.sample + 1}]" if several else case.case,
            outcome=outcome,
            time_s=one.completion.latency_s if one.completion else None,
            message=message,
            detail=_detail(one, facts) if outcome != "pass" else "",
            properties=_properties(one),
        )


def _detail(sample: SampleResult, facts: Sequence[tuple[str, str]]) -> str:
    reasons = "\n".join(f"{label}: {reason}" for label, reason in facts)
    answer = answer_text(sample.completion)
    return f"{reasons}\n\nanswer:\n{answer}" if answer else reasons


def _properties(sample: SampleResult) -> Mapping[str, str]:
    found = sample.completion
    values = {
        "score": None if sample.score is None else json.dumps(sample.score),
        "model": found.model if found else None,
        "source": found.source.value if found else None,
        "cost_usd": json.dumps(found.cost_usd) if found and found.cost_usd is not None else None,
        "request_digest": sample.request_digest,
        "tags": ", ".join(sample.tags) or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def findings_of(run: Run, failed: Sequence[CaseView], errored: Sequence[CaseView]) -> tuple[Finding, ...]:
    """At most two findings a prompt, for formats that speak of lines in files: its failed and its errored cases."""
    findings = []
    for prompt in run.prompts:
        for rule, name, cases, what in (
            ("PE001", "cases-failed", failed, "failed"),
            ("PE002", "cases-errored", errored, "could not be judged"),
        ):
            mine = [case for case in cases if case.prompt == prompt.name]
            if mine:
                names = figures.listed([case.case for case in mine], most=10)
                message = (
                    f"{len(mine):,} of {figures.count(prompt.summary.cases, 'case')} of {prompt.name} {what}: {names}"
                )
                findings.append(
                    Finding(
                        rule,
                        name,
                        Severity.ERROR,
                        message,
                        path=prompt.path,
                        line=1,
                        fingerprint=f"{rule}:{prompt.name}",
                    )
                )
    return tuple(findings)
