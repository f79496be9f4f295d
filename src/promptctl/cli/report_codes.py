"""The codes that `gate`, `eval` and `judge audit` give their findings: what `explain` says of them."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.finding import RuleInfo, Severity
from promptctl.reports import build_audit, build_verdict

_OF_EVAL = {
    "PE001": RuleInfo("PE001", "cases-failed", Severity.ERROR, "Cases of a prompt failed."),
    "PE002": RuleInfo("PE002", "cases-errored", Severity.ERROR, "Cases of a prompt could not be judged."),
}
_GIVEN_BY = {
    "PG": ("promptctl gate`, `promptctl compare` and `promptctl review", "docs/gate.md"),
    "PE": ("promptctl eval", "docs/running.md"),
    "PJ": ("promptctl judge audit", "docs/judges.md"),
}


def report_codes() -> Mapping[str, RuleInfo]:
    """Every such code with its name, severity and summary."""
    return {**build_verdict.RULES, **_OF_EVAL, **build_audit.RULES}


def page(code: str) -> str:
    """The short page of one of them, in Markdown."""
    one = report_codes()[code]
    command, where = _GIVEN_BY[code[:2]]
    return (
        f"# {one.code} {one.name}\n\n{one.summary}\n\nSeverity: {one.severity}. A finding of `{command}`, "
        f"not a rule of lint: it cannot be ignored by its code. More: {where}\n"
    )
