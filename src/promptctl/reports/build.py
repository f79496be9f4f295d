"""What a verb found, as the one Report every format renders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from promptctl.model.finding import Finding, Report, RuleInfo, Section, Severity, Table, TestCase
from promptctl.model.prompt import Json
from promptctl.model.run import Outcome, Run
from promptctl.reports import figures
from promptctl.reports.cases import CaseView, by_case, is_required, worst_first
from promptctl.reports.run_parts import (
    case_table,
    error_sections,
    failure_section,
    findings_of,
    next_steps,
    passed_section,
    prompt_table,
    summary_pairs,
    tests_of,
)
from promptctl.text.record import encode

_CASES_IN_A_TABLE = 12
_RANK = {Severity.ERROR: 2, Severity.WARNING: 1, Severity.INFO: 0}


def of_run(
    run: Run,
    *,
    failures_shown: int = 10,
    verbose: bool = False,
    notes: Sequence[str] = (),
    min_pass_rate: float | None = None,
    must_pass: Sequence[str] = (),
) -> Report:
    """The report of an evaluation.

    failures_shown: how many failed cases (and how many kinds of error) get a section of their own; verbose shows all
    of them, whole answers, and a table of every case. min_pass_rate in 0..1: what the run had to reach; None means
    that every case has to pass. must_pass: tags whose cases have to pass even then.

    outcome: "none" where no case was measured; "fail" where a case failed (with min_pass_rate: where one failed and
    the rate is below it, or a must-pass case failed); "error" where a case could not be judged or the run did not
    finish; else "pass". A case that failed is never hidden by one that could not be judged.
    """
    cases = by_case(run)
    failed = worst_first([one for one in cases if one.outcome is Outcome.FAIL], must_pass)
    errored = [one for one in cases if one.outcome is Outcome.ERROR]
    outcome, conclusion = _verdict(run, failed, errored, min_pass_rate, must_pass)
    shown = len(failed) if verbose else failures_shown
    tables = [prompt_table(run)] if len(run.prompts) > 1 else []
    if cases and (verbose or len(cases) <= _CASES_IN_A_TABLE):
        tables.append(case_table(cases, several=len(run.prompts) > 1))
    sections = [failure_section(one, verbose=verbose) for one in failed[:shown]]
    sections += error_sections(errored, most=None if verbose else failures_shown, verbose=verbose)
    if verbose:
        sections += [passed_section(one) for one in cases if one.outcome is Outcome.PASS]
    return Report(
        kind="run",
        title=_title(run),
        outcome=outcome,
        conclusion=conclusion,
        data=encode(run),
        findings=findings_of(run, failed, errored),
        sections=tuple(sections),
        tables=tuple(tables),
        summary=summary_pairs(run, verbose=verbose),
        tests=tuple(test for case in cases for test in tests_of(case)),
        notes=(*run.notes, *notes, *_left_out(failed[shown:]), *next_steps(run, [*failed, *errored])),
    )


def _title(run: Run) -> str:
    names = [f"{one.name} {one.version}" if one.version else one.name for one in run.prompts]
    return f"promptctl eval: {figures.listed(names, most=3)}" if names else "promptctl eval"


def _left_out(cases: Sequence[CaseView]) -> tuple[str, ...]:
    if not cases:
        return ()
    names = figures.listed([one.case for one in cases])
    return (f"{figures.count(len(cases), 'more failed case')} not shown here: {names} (--verbose shows all)",)


def _verdict(
    run: Run,
    failed: Sequence[CaseView],
    errored: Sequence[CaseView],
    min_pass_rate: float | None,
    must_pass: Sequence[str],
) -> tuple[str, str]:
    """The outcome and the one sentence for it."""
    total = run.summary.cases
    if not total:
        return "none", "NOTHING MEASURED: no case was evaluated, so nothing can be said about the prompt"
    reason = _failure(run, failed, min_pass_rate, must_pass)
    unfinished = "" if run.status == "complete" else f"; the run is {run.status}, not every case was evaluated"
    if reason:
        open_cases = f"; {len(errored):,} could not be judged" if errored else ""
        return "fail", f"FAIL: {reason}{open_cases}{unfinished}"
    if errored:
        return "error", f"ERROR: {len(errored):,} of {figures.count(total, 'case')} could not be judged{unfinished}"
    if unfinished:
        return "error", f"ERROR: the run is {run.status}: only {figures.count(total, 'case')} evaluated"
    if failed and min_pass_rate is not None:
        rate = figures.percent(run.summary.passed / total)
        return "pass", f"PASS: the pass rate is {rate}, at least {figures.percent(min_pass_rate)} was required"
    return "pass", f"PASS: {total:,} of {figures.count(total, 'case')} passed"


def _failure(run: Run, failed: Sequence[CaseView], min_pass_rate: float | None, must_pass: Sequence[str]) -> str | None:
    """Why the run is a failure, or None."""
    total = run.summary.cases
    if not failed:
        return None
    if min_pass_rate is None:
        return f"{len(failed):,} of {figures.count(total, 'case')} failed"
    if run.summary.passed / total < min_pass_rate - 1e-12:
        rate = figures.percent(run.summary.passed / total)
        return f"the pass rate is {rate}, at least {figures.percent(min_pass_rate)} was required"
    required = [one.case for one in failed if is_required(one, must_pass)]
    if required:
        tags = ", ".join(must_pass)
        return f"{figures.count(len(required), 'case')} tagged {tags} failed: {figures.listed(required)}"
    return None


def of_findings(
    findings: Sequence[Finding],
    *,
    kind: str = "lint",
    data: Mapping[str, Json],
    title: str | None = None,
    checked: Sequence[str] | None = None,
    fail_on: Severity = Severity.ERROR,
    sources: Mapping[str, str] | None = None,
    rules: Sequence[RuleInfo] = (),
    sections: Sequence[Section] = (),
    tables: Sequence[Table] = (),
    summary: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
    outcome: str | None = None,
    conclusion: str | None = None,
) -> Report:
    """The report of a verb that ends in findings (kind "lint", "diff", ...).

    data: the versioned JSON document, printed as it is. checked: the paths that were looked at; an empty one makes
    the outcome "none", None says that they are not known. fail_on: findings of at least this severity make the
    outcome "fail", lesser ones "warning". sources: text by path, may read lazily, asked only for paths of findings.
    outcome and conclusion replace what would be derived.
    """
    ordered = sorted(findings, key=lambda one: (one.path or "", one.line or 0, one.column or 0, one.rule))
    derived = _findings_outcome(ordered, checked, fail_on)
    return Report(
        kind=kind,
        title=title or f"promptctl {kind}",
        outcome=outcome or derived,
        conclusion=conclusion or _findings_conclusion(ordered, checked, derived),
        data=data,
        findings=tuple(ordered),
        sections=tuple(sections),
        tables=tuple(tables),
        summary=tuple(summary),
        tests=_finding_tests(ordered, checked or (), fail_on),
        notes=tuple(notes),
        sources={} if sources is None else sources,
        rules=tuple(rules),
    )


def _findings_outcome(findings: Sequence[Finding], checked: Sequence[str] | None, fail_on: Severity) -> str:
    if any(_RANK[one.severity] >= _RANK[fail_on] for one in findings):
        return "fail"
    if any(one.severity is not Severity.INFO for one in findings):
        return "warning"
    if findings:
        return "pass"
    return "none" if checked is not None and not checked else "pass"


def _findings_conclusion(findings: Sequence[Finding], checked: Sequence[str] | None, outcome: str) -> str:
    if outcome == "none":
        return "NOTHING CHECKED: no file was looked at"
    looked = "" if checked is None else f" in {figures.count(len(checked), 'file')}"
    if not findings:
        return f"PASS: no findings{looked}"
    counts = Counter(one.severity for one in findings)
    nouns = {Severity.ERROR: ("error", None), Severity.WARNING: ("warning", None), Severity.INFO: ("note", None)}
    parts = [figures.count(counts[severity], *nouns[severity]) for severity in nouns if counts[severity]]
    files = len({one.path for one in findings if one.path})
    where = f" in {figures.count(files, 'file')}" if files else ""
    of_all = f" ({figures.count(len(checked), 'file')} checked)" if checked else ""
    word = {"fail": "FAIL", "warning": "WARNING"}.get(outcome, "PASS")
    return f"{word}: {', '.join(parts)}{where}{of_all}"


def _finding_tests(findings: Sequence[Finding], checked: Sequence[str], fail_on: Severity) -> tuple[TestCase, ...]:
    """A test for every finding, and one that passed for every file without any; names do not hold line numbers."""
    seen: Counter[tuple[str, str]] = Counter()
    tests = []
    for one in findings:
        suite, name = one.path or "project", f"{one.rule} {one.name}"
        seen[suite, name] += 1
        ordinal = f" {seen[suite, name]}" if seen[suite, name] > 1 else ""
        where = ":".join(str(part) for part in (one.path, one.line, one.column) if part is not None)
        detail = "\n".join(part for part in (where, one.message, f"hint: {one.hint}" if one.hint else "") if part)
        outcome = "fail" if _RANK[one.severity] >= _RANK[fail_on] else "skip"
        tests.append(TestCase(suite=suite, name=name + ordinal, outcome=outcome, message=one.message, detail=detail))
    loud = {one.path for one in findings}
    tests += [TestCase(suite=path, name="no findings", outcome="pass") for path in checked if path not in loud]
    return tuple(tests)
