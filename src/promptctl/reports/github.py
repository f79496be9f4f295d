"""GitHub workflow commands: annotations on the lines of a pull request.

GitHub shows ten errors, ten warnings and ten notices a step and drops the rest without a word; so do we, but with a
word: the tenth says how many more there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from promptctl.model.finding import Finding, Report, Severity
from promptctl.reports.escape import line, log, workflow_message, workflow_property

_MOST = 10
_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report) -> str:
    """One workflow command a finding, at most ten of a severity, then the conclusion as a plain line."""
    lines: list[str] = []
    for severity in Severity:
        lines.extend(_annotations([one for one in report.findings if one.severity is severity], severity))
    silent = not any(one.severity is Severity.ERROR for one in report.findings)
    if silent and report.outcome in {"fail", "error", "none"}:
        lines.append(f"::error title={workflow_property(report.title)}::{workflow_message(report.conclusion)}")
    return "\n".join([*lines, log(line(report.conclusion))]) + "\n"


def _annotations(findings: Sequence[Finding], severity: Severity) -> Iterable[str]:
    if len(findings) <= _MOST:
        return [_annotation(one) for one in findings]
    rest = len(findings) - (_MOST - 1)
    more = f"::{_COMMAND[severity]} title=promptctl::and {rest:,} more; the job's log or another format lists them all"
    return [*(_annotation(one) for one in findings[: _MOST - 1]), more]


def _annotation(finding: Finding) -> str:
    properties = {
        "file": finding.path,
        "line": finding.line,
        "col": finding.column,
        "endColumn": finding.end_column,
        "title": f"{finding.rule} {finding.name}",
    }
    written = ",".join(
        f"{name}={workflow_property(str(value))}" for name, value in properties.items() if value is not None
    )
    message = finding.message if not finding.hint else f"{finding.message}\nhint: {finding.hint}"
    return f"::{_COMMAND[finding.severity]} {written}::{workflow_message(message)}"
