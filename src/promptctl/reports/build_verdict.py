"""A verdict, or a comparison without one, as the one Report every format renders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptctl.model.finding import Finding, Report, RuleInfo, Section, Severity, Table, TestCase
from promptctl.model.verdict import PromptVerdict, Ruling, Verdict
from promptctl.reports import figures
from promptctl.reports.verdict_parts import (
    case_list,
    judge_table,
    measure_table,
    metric_table,
    prompt_table,
    summary_pairs,
    tag_table,
    witness_section,
    witness_text,
)
from promptctl.text.verdict_record import encode

RULES = {
    "PG001": RuleInfo("PG001", "regression", Severity.ERROR, "The change makes the prompt worse than its baseline."),
    "PG002": RuleInfo("PG002", "inconclusive", Severity.WARNING, "Neither a regression nor its absence is shown."),
    "PG003": RuleInfo("PG003", "regressed-within-margin", Severity.WARNING, "A real loss, smaller than `max_drop`."),
    "PG004": RuleInfo("PG004", "incomplete", Severity.ERROR, "What was not measured could change the verdict."),
}
_WORD = {Ruling.PASS: "PASS", Ruling.FAIL: "FAIL", Ruling.INCONCLUSIVE: "INCONCLUSIVE"}
_TABLE_ROWS = 12


def of_verdict(
    verdict: Verdict, *, on_inconclusive: str = "warn", witnesses_shown: int = 10, verbose: bool = False
) -> Report:
    """The report of a gate.

    outcome: "pass" or "fail"; "error" where what was not measured could change the verdict; where it is inconclusive
    "warning", or by `on_inconclusive` "none" (fail) or "pass". A warning line begins the conclusion of an inconclusive one.
    """
    return Report(
        kind="verdict",
        title="promptctl gate",
        outcome=_outcome(verdict, on_inconclusive),
        conclusion=_conclusion(verdict, on_inconclusive),
        data=encode(verdict),
        findings=tuple(_finding(one, on_inconclusive) for one in verdict.prompts if _speaks(one)),
        sections=_sections(verdict, witnesses_shown, verbose=verbose),
        tables=_tables(verdict, verbose=verbose),
        summary=summary_pairs(verdict),
        tests=tuple(_test(one, on_inconclusive) for one in verdict.prompts)
        + tuple(
            TestCase(suite="gate", name=name, outcome="skip", message="carried over: nothing of it changed")
            for name in verdict.carried_over
        ),
        notes=_notes(verdict, witnesses_shown, verbose=verbose),
        rules=tuple(RULES.values()),
    )


def of_comparison(verdict: Verdict, *, witnesses_shown: int = 10, verbose: bool = False) -> Report:
    """The same analysis without a gate: nothing in it is a failure; what a gate would say is a note."""
    compared = sum(one.n for one in verdict.prompts)
    would = f"a gate with this policy would say {_WORD[verdict.verdict]} ({verdict.rule})"
    return Report(
        kind="comparison",
        title="promptctl compare",
        outcome="pass" if compared else "none",
        conclusion=_compared(verdict),
        data=encode(verdict, kind="comparison"),
        sections=_sections(verdict, witnesses_shown, verbose=verbose),
        tables=_tables(verdict, verbose=verbose),
        summary=summary_pairs(verdict),
        tests=tuple(
            TestCase(suite="compare", name=one.prompt, outcome="pass" if one.n else "skip", message=_said(one))
            for one in verdict.prompts
        ),
        notes=(*_notes(verdict, witnesses_shown, verbose=verbose), *((would,) if compared else ())),
    )


def _outcome(verdict: Verdict, on_inconclusive: str) -> str:
    if verdict.verdict is not Ruling.INCONCLUSIVE:
        return verdict.verdict.value
    if verdict.incomplete:
        return "error"
    if not verdict.prompts:
        return "none"
    return {"warn": "warning", "fail": "none", "pass": "pass"}[on_inconclusive]


def _conclusion(verdict: Verdict, on_inconclusive: str) -> str:
    """One sentence: the verdict, the prompt that decides, why, and how many others there are."""
    if not verdict.prompts:
        names = figures.count(len(verdict.carried_over), "prompt")
        if verdict.rule == "unaffected":
            return f"PASS: nothing is affected; {names} carried over"
        return "NOTHING COMPARED: base and head have no prompt in common"
    deciding = [one for one in verdict.prompts if one.verdict is verdict.verdict]
    word = _WORD[verdict.verdict]
    if verdict.verdict is Ruling.PASS:
        cases = figures.count(sum(one.n for one in deciding), "case")
        return (
            f"{word}: {figures.count(len(deciding), 'prompt')} compared on {cases} ({verdict.rule}){_carried(verdict)}"
        )
    first = deciding[0]
    more = "" if len(deciding) == 1 else f"; {len(deciding) - 1:,} more of {len(verdict.prompts):,} prompts likewise"
    warning = "WARNING: " if word == "INCONCLUSIVE" and on_inconclusive == "warn" and not verdict.incomplete else ""
    reason = first.reasons[0] if first.reasons else first.rule
    return f"{warning}{word}: {first.prompt}: {reason} ({first.rule}){more}{_carried(verdict)}"


def _carried(verdict: Verdict) -> str:
    return f"; {len(verdict.carried_over):,} carried over" if verdict.carried_over else ""


def _compared(verdict: Verdict) -> str:
    compared = [one for one in verdict.prompts if one.n]
    if not compared:
        return "NOTHING COMPARED: no case was measured on both sides"
    said = "; ".join(f"{one.prompt} {_said(one)}" for one in compared[:3])
    return f"COMPARED: {said}{f'; and {len(compared) - 3:,} more prompts' if len(compared) > 3 else ''}"


def _said(one: PromptVerdict) -> str:
    rate = one.metrics[0] if one.metrics else None
    moved = "" if rate is None or rate.difference is None else f"{rate.difference * 100:+.2f} points, "
    flips = f"{figures.count(one.regressions, 'regression')}, {figures.count(one.improvements, 'improvement')}"
    return f"{moved}{flips} of {figures.count(one.n, 'case')}"


def _speaks(one: PromptVerdict) -> bool:
    return one.verdict is not Ruling.PASS or one.rule == "regressed-within-margin"


def _finding(one: PromptVerdict, on_inconclusive: str) -> Finding:
    """A finding a prompt, at the first line of its file."""
    code, severity = _code(one, on_inconclusive)
    witnesses = [witness.case for witness in one.witnesses]
    named = f"; cases: {case_list(witnesses)}" if witnesses and one.verdict is Ruling.FAIL else ""
    return Finding(
        rule=code,
        name=RULES[code].name,
        severity=severity,
        message=f"{one.prompt}: {'; '.join(one.reasons)}{named}",
        path=one.path,
        line=None if one.path is None else 1,
        fingerprint=f"{code}:{one.prompt}",
    )


def _code(one: PromptVerdict, on_inconclusive: str) -> tuple[str, Severity]:
    if one.verdict is Ruling.FAIL:
        return "PG001", Severity.ERROR
    if one.verdict is Ruling.PASS:
        return "PG003", Severity.WARNING
    if one.incomplete:
        return "PG004", Severity.ERROR
    return "PG002", {"warn": Severity.WARNING, "fail": Severity.ERROR, "pass": Severity.INFO}[on_inconclusive]


def _test(one: PromptVerdict, on_inconclusive: str) -> TestCase:
    inconclusive = "error" if one.incomplete or on_inconclusive == "fail" else "skip"
    outcome = {Ruling.PASS: "pass", Ruling.FAIL: "fail", Ruling.INCONCLUSIVE: inconclusive}[one.verdict]
    told = one.verdict is not Ruling.PASS
    return TestCase(
        suite="gate",
        name=one.prompt,
        outcome=outcome,
        message=f"{_WORD[one.verdict]}: {'; '.join(one.reasons)}" if told else "",
        detail="\n\n".join([_said(one), *(witness_text(witness) for witness in one.witnesses)]) if told else "",
        properties=_properties(one),
    )


def _properties(one: PromptVerdict) -> Mapping[str, str]:
    metric = one.deciding
    values = {
        "rule": one.rule,
        "n": str(one.n),
        "regressions": str(one.regressions),
        "improvements": str(one.improvements),
        "difference": None if metric is None or metric.difference is None else f"{metric.difference:.6f}",
        "p_value": None if metric is None or metric.p_value is None else f"{metric.p_value:.6f}",
        "e_value": None if one.e_value is None else f"{one.e_value:.2f}",
    }
    return {name: value for name, value in values.items() if value is not None}


def _sections(verdict: Verdict, most: int, *, verbose: bool) -> tuple[Section, ...]:
    pairs = [(one, witness) for one in _loudest(verdict) for witness in one.witnesses]
    shown = pairs if verbose else pairs[:most]
    return tuple(witness_section(one, witness, verbose=verbose) for one, witness in shown)


def _loudest(verdict: Verdict) -> Sequence[PromptVerdict]:
    rank = {Ruling.FAIL: 0, Ruling.INCONCLUSIVE: 1, Ruling.PASS: 2}
    return sorted(verdict.prompts, key=lambda one: rank[one.verdict])


def _tables(verdict: Verdict, *, verbose: bool) -> tuple[Table, ...]:
    """Every prompt; then, of few prompts or all with verbose, every metric, measure and tag."""
    loud = [one for one in _loudest(verdict) if verbose or one.verdict is not Ruling.PASS or len(verdict.prompts) <= 3]
    shown = loud if verbose else loud[:3]
    tables = [
        prompt_table(verdict, None if verbose else 4 * _TABLE_ROWS),
        metric_table(shown),
        measure_table(shown),
        judge_table(verdict),
    ]
    tags = tag_table(shown)
    if verbose or len(tags.rows) <= _TABLE_ROWS:
        tables.append(tags)
    return tuple(table for table in tables if table.rows)


def _notes(verdict: Verdict, most: int, *, verbose: bool) -> tuple[str, ...]:
    several = len(verdict.prompts) > 1
    loud = [one for one in verdict.prompts if verbose or one.verdict is not Ruling.PASS or not several]
    notes = [f"{one.prompt}: {note}" if several else note for one in loud for note in one.notes]
    hidden = sum(len(one.witnesses) for one in verdict.prompts) - most
    if hidden > 0 and not verbose:
        notes.append(
            f"{figures.count(hidden, 'more case')} not shown here (--verbose shows all, the JSON document has them)"
        )
    if verdict.carried_over:
        notes.append(f"carried over, nothing of them changed: {case_list(verdict.carried_over)}")
    return (*verdict.notes, *notes)
