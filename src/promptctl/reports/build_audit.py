"""A judge's audit as the one Report every format renders."""

from __future__ import annotations

from promptctl.model.finding import Finding, Report, RuleInfo, Severity, TestCase
from promptctl.reports.audit_document import Audited, audit_document, place_of
from promptctl.reports.audit_parts import audit_notes, audit_summary, audit_tables, disagreements, percent_of
from promptctl.reports.figures import count, percent

RULES = {
    "PJ001": RuleInfo("PJ001", "judge-unproven", Severity.ERROR, "The judge is not shown to catch enough failures."),
    "PJ002": RuleInfo("PJ002", "judge-not-asked", Severity.ERROR, "Labelled answers could not be put to the judge."),
}
_SHOWN = 5


def of_audit(found: Audited, *, verbose: bool = False) -> Report:
    """The report of an audit. verbose: show every answer on which people and judge differ, not only the first few.

    outcome: "error" where no labelled answer could be compared; "fail" where a floor is set and the TNR's lower bound
    does not reach it; "error" where an answer could not be put to the judge; else "pass".
    """
    outcome = _outcome(found)
    return Report(
        kind="audit",
        title=f"promptctl judge audit {found.judge}",
        outcome=outcome,
        conclusion=_conclusion(found, outcome),
        data=audit_document(found),
        findings=_findings(found),
        sections=disagreements(found.audit, most=None if verbose else _SHOWN),
        tables=audit_tables(found.audit),
        summary=audit_summary(found),
        tests=_tests(found),
        notes=(*audit_notes(found), *_not_shown(found, verbose=verbose), *found.notes),
        rules=tuple(RULES.values()),
    )


def _not_shown(found: Audited, *, verbose: bool) -> tuple[str, ...]:
    more = len(disagreements(found.audit, most=None)) - _SHOWN
    return () if verbose or more <= 0 else (f"{count(more, 'more disagreement')} not shown here (--verbose shows all)",)


def _outcome(found: Audited) -> str:
    if not found.audit.labelled.compared:
        return "error"
    if not found.audit.proven:
        return "fail"
    return "error" if found.unheard or found.ended else "pass"


def _conclusion(found: Audited, outcome: str) -> str:
    audit = found.audit
    if not audit.labelled.compared:
        return f"ERROR: no labelled answer could be compared: {_why_nothing(found)}"
    if outcome == "fail":
        return f"FAIL: {_unproven(found)}"
    measured = f"{found.judge} measured on {count(len(audit.labelled.compared), 'labelled answer')}"
    if outcome == "error":
        left = f"{len(found.unheard or ()):,} more could not be put to it" if found.unheard else "the audit was ended"
        return f"ERROR: {measured}; {left}"
    if audit.min_tnr is None:
        return f"PASS: {measured}; no floor is set (gate.min_tnr, --min-tnr)"
    return f"PASS: {measured}; it catches at least {percent_of(audit.rates.tnr_lower)} of what people fail"


def _why_nothing(found: Audited) -> str:
    labelled = found.audit.labelled
    reasons = [
        (len(labelled.disputed), "disputed between labellers"),
        (len(labelled.errors), "without a verdict of the judge"),
        (len(labelled.unjudged), "not put to the judge"),
    ]
    return ", ".join(f"{number:,} {why}" for number, why in reasons if number)


def _unproven(found: Audited) -> str:
    audit = found.audit
    floor = percent(audit.min_tnr or 0.0)
    if audit.rates.tnr is None:
        return f"nothing shows that {found.judge} catches failures: no compared answer has the label fail, {floor} is demanded"
    sample = "" if audit.by_verdict is None else " of the sample, weighed"
    return (
        f"{found.judge} catches {percent(audit.rates.tnr)} of what people fail ({audit.table.both_fail:,} of "
        f"{audit.table.fails:,}{sample}), shown to be at least {percent_of(audit.rates.tnr_lower)}; {floor} is demanded"
    )


def _findings(found: Audited) -> tuple[Finding, ...]:
    out = []
    if found.audit.labelled.compared and not found.audit.proven:
        out.append(_finding("PJ001", _unproven(found), found))
    if found.unheard:
        item, reason = next(iter(sorted(found.unheard.items())))
        message = f"{count(len(found.unheard), 'labelled answer')} could not be put to {found.judge}; {_name(found, item)}: {reason}"
        out.append(_finding("PJ002", message, found))
    return tuple(out)


def _finding(code: str, message: str, found: Audited) -> Finding:
    rule = RULES[code]
    return Finding(code, rule.name, rule.severity, message, path=found.file, fingerprint=f"{code}:{found.judge}")


def _name(found: Audited, item: str) -> str:
    return next((place_of(one.label) for one in found.audit.labelled.items if one.label.item == item), item[:12])


def _tests(found: Audited) -> tuple[TestCase, ...]:
    audit, suite = found.audit, f"judge {found.judge}"
    floor = "skip" if audit.min_tnr is None else "pass" if audit.proven and audit.labelled.compared else "fail"
    message = "no floor is set" if audit.min_tnr is None else "" if floor == "pass" else _unproven(found)
    unheard = found.unheard or {}
    tests = [TestCase(suite=suite, name="min_tnr", outcome=floor, message=message)]
    for item in audit.labelled.items:
        name = f"{place_of(item.label)} {item.label.item[:12]}"
        reason = unheard.get(item.label.item)
        if reason is not None:
            tests.append(TestCase(suite=suite, name=name, outcome="error", message=reason))
        elif item.human is None or item.verdict is None:
            why = "labellers are tied" if item.human is None else "no verdict of the judge"
            tests.append(TestCase(suite=suite, name=name, outcome="skip", message=why))
        else:
            said = "" if item.human == item.verdict else f"people say {item.human}, the judge {item.verdict}"
            tests.append(TestCase(suite=suite, name=name, outcome="pass", message=said))
    return tuple(tests)
