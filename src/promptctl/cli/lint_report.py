"""What lint found, as the one Report: the JSON document, the lines findings point into, the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress

from promptctl.model.errors import InputError
from promptctl.model.finding import Finding, Report, Severity, Table
from promptctl.model.prompt import Json
from promptctl.model.source import Tree
from promptctl.reports.build import of_findings
from promptctl.rules.engine.lint import Linted
from promptctl.rules.engine.pages import info_of
from promptctl.rules.engine.shelf import rules
from promptctl.text.decode import decode


def nothing_staged(threshold: Severity) -> Report:
    """The report where git has nothing staged: a pass."""
    return of_findings(
        (), data=_document(()), checked=(), fail_on=threshold, outcome="pass", conclusion="PASS: nothing is staged"
    )


def report_of(
    linted: Linted, tree: Tree, threshold: Severity, *, staged: bool, statistics: bool, fixed: int | None
) -> Report:
    """The report of a lint run. tree: where the lines of findings are read. threshold: the severity that fails.

    staged: only what is staged was asked for. statistics: also count findings by rule. fixed: how many were corrected,
    None where that was not asked.
    """
    found = linted.findings
    codes = {one.rule for one in found}
    quiet_pass = staged and not linted.checked and not found
    return of_findings(
        found,
        data=_document(found, files=len(linted.checked), fixed=fixed),
        checked=linted.checked,
        fail_on=threshold,
        sources=_sources(tree, found),
        rules=[info_of(rule) for rule in rules() if rule.code in codes],
        tables=[_statistics(found)] if statistics and found else [],
        notes=[f"{fixed} fixed"] if fixed else [],
        outcome="pass" if quiet_pass else None,
        conclusion="PASS: nothing is staged that lint looks at" if quiet_pass else None,
    )


def _document(found: Sequence[Finding], *, files: int = 0, fixed: int | None = None) -> Mapping[str, Json]:
    """The JSON document of lint, version 1."""
    counts = Counter(one.severity for one in found)
    rows = [
        {
            "rule": one.rule,
            "name": one.name,
            "severity": one.severity.value,
            "message": one.message,
            "path": one.path,
            "line": one.line,
            "column": one.column,
            "hint": one.hint,
            "fingerprint": one.fingerprint,
        }
        for one in found
    ]
    summary = {
        "files": files,
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "infos": counts[Severity.INFO],
    }
    return {
        "version": 1,
        "kind": "lint",
        "findings": rows,
        "summary": summary | ({} if fixed is None else {"fixed": fixed}),
    }


def _statistics(found: Sequence[Finding]) -> Table:
    counts = Counter((one.rule, one.name, one.severity.value) for one in found)
    rows = tuple((str(count), code, name, severity) for (code, name, severity), count in counts.most_common())
    return Table("Findings by rule", ("count", "rule", "name", "severity"), rows, ("right", "left", "left", "left"))


SECRETS = "PL6"
"""The family of rules about secrets and personal data: what they point at is never shown, in no format."""


def _sources(tree: Tree, found: Sequence[Finding]) -> Mapping[str, str]:
    """The text of the files in which a line is to be shown. What cannot be read has no lines to show."""
    texts: dict[str, str] = {}
    for path in dict.fromkeys(one.path for one in found if one.line is not None):
        with suppress(InputError):
            texts |= {path: decode(tree.read(path))} if path is not None else {}
    for path in texts:
        hidden = [one for one in found if one.path == path and one.rule.startswith(SECRETS)]
        if hidden:
            texts[path] = _masked(texts[path], hidden)
    return texts


def _masked(text: str, hidden: Sequence[Finding]) -> str:
    """`text` with what the findings point at made of asterisks; where the end is not known, to the end of the line."""
    lines = text.splitlines(keepends=True)
    for one in hidden:
        if one.line is not None and one.line <= len(lines):
            line = lines[one.line - 1]
            start, end = (one.column or 1) - 1, (one.end_column or len(line.rstrip("\r\n")) + 1) - 1
            lines[one.line - 1] = line[:start] + "*" * max(0, end - start) + line[end:]
    return "".join(lines)
