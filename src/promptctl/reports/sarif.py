"""SARIF 2.1.0 for GitHub code scanning and other viewers.

Columns count UTF-16 code units and say so; paths are relative to the root; every result has a fingerprint, so that a
viewer recognises it after a push. Limits of code scanning: 25,000 results a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from promptctl import __version__
from promptctl.model.finding import Finding, Report, RuleInfo, Severity
from promptctl.model.prompt import Json
from promptctl.reports.escape import visible
from promptctl.reports.gitlab import fingerprints
from promptctl.reports.json import dumps
from promptctl.reports.snippets import SourceLines

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_MOST_RESULTS = 25_000


def render(report: Report) -> str:
    """The findings as a SARIF log of one run."""
    rules = _rules(report)
    index = {rule.code: number for number, rule in enumerate(rules)}
    sources = SourceLines(report.sources)
    shown = report.findings[:_MOST_RESULTS]
    marks = fingerprints(shown)
    run = {
        "tool": {"driver": {"name": "promptctl", "version": __version__, "rules": [_rule(one) for one in rules]}},
        "automationDetails": {"id": f"promptctl/{report.kind}/"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the project."}}},
        "invocations": [_invocation(report)],
        "results": [_result(one, index[one.rule], mark, sources) for one, mark in zip(shown, marks, strict=True)],
    }
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rules(report: Report) -> Sequence[RuleInfo]:
    """The rules that were found, by code: what the report knows of them, else what the findings say."""
    known = {rule.code: rule for rule in report.rules}
    found = {one.rule: RuleInfo(one.rule, one.name, one.severity) for one in report.findings}
    return [known.get(code, found[code]) for code in sorted(found)]


def _rule(rule: RuleInfo) -> Mapping[str, Json]:
    described: dict[str, Json] = {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": visible(rule.summary or rule.name.replace("-", " "))},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
    }
    if rule.explanation:
        described["help"] = {"text": rule.explanation, "markdown": rule.explanation}
    return described


def _invocation(report: Report) -> Mapping[str, Json]:
    """Whether the verb could do its work; what it then found is no failure of it."""
    described: dict[str, Json] = {"executionSuccessful": report.outcome not in {"error", "none"}}
    left_out = len(report.findings) - _MOST_RESULTS
    messages = [(report.conclusion, "error")] if not described["executionSuccessful"] else []
    if left_out > 0:
        messages.append((f"{left_out:,} more findings are not in this file", "warning"))
    if messages:
        described["toolExecutionNotifications"] = [
            {"level": level, "message": {"text": visible(text)}} for text, level in messages
        ]
    return described


def _result(finding: Finding, rule_index: int, fingerprint: str, sources: SourceLines) -> Mapping[str, Json]:
    message = finding.message if not finding.hint else f"{finding.message}\nHint: {finding.hint}"
    result: dict[str, Json] = {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVEL[finding.severity],
        "message": {"text": _plain(message)},
        "partialFingerprints": {"primaryLocationLineHash": f"{fingerprint}:1"},
    }
    if finding.path is not None:
        location: dict[str, Json] = {"artifactLocation": {"uri": _uri(finding.path), "uriBaseId": "%SRCROOT%"}}
        if finding.line is not None:
            location["region"] = _region(finding, sources)
        result["locations"] = [{"physicalLocation": location}]
    return result


def _uri(path: str) -> str:
    """A root-relative path as a relative URI reference; a colon in it must not read as a scheme."""
    return quote(path.removeprefix("./").encode("utf-8", "surrogatepass"), safe="/")


def _plain(text: str) -> str:
    """Message text without SARIF's embedded links, which viewers render: `[a](b)` is shown apart."""
    return visible(text).replace("](", "] (")


def _region(finding: Finding, sources: SourceLines) -> Mapping[str, Json]:
    region: dict[str, Json] = {"startLine": finding.line}
    if finding.column is None:
        return region
    text = sources.line(finding.path, finding.line)
    region["startColumn"] = utf16_column(text, finding.column)
    if finding.end_column is not None and finding.end_column > finding.column:
        region["endColumn"] = utf16_column(text, finding.end_column)
    if text is not None:
        region["snippet"] = {"text": visible(text)}
    return region


def utf16_column(text: str | None, column: int) -> int:
    """A column that counts code points as one that counts UTF-16 code units; unchanged where the line is unknown."""
    return column if text is None else column + sum(ord(one) > 0xFFFF for one in text[: column - 1])
