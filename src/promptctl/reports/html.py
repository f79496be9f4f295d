"""One self-contained HTML page: no scripts, nothing fetched, and a policy that forbids both.

The style sheet is allowed by its hash alone, so that not even a style attribute that slipped through would apply.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence

from promptctl.model.finding import Finding, Report, Section, Table
from promptctl.reports.cells import excerpt
from promptctl.reports.escape import html
from promptctl.reports.snippets import SourceLines, snippet

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8881; --bad: #c62828; --odd: #8e24aa; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --odd: #ea80fc; --good: #a5d6a7; } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.conclusion { font-weight: 600; border-left: 4px solid var(--line); padding: .5rem 1rem; background: var(--soft); }
.fail, .failure { border-color: var(--bad); } .error, .none { border-color: var(--odd); } .pass { border-color: var(--good); }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top; }
.right { text-align: right; font-variant-numeric: tabular-nums; }
details { border: 1px solid var(--line); border-left-width: 4px; margin: .75rem 0; padding: .5rem 1rem; }
details.failure { border-left-color: var(--bad); } details.error { border-left-color: var(--odd); }
summary { font-weight: 600; cursor: pointer; overflow-wrap: anywhere; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
pre.exact { white-space: pre; overflow-wrap: normal; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
_WORD = {"failure": "FAIL ", "error": "ERROR "}


def render(report: Report) -> str:
    """The report as one HTML document."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{html(report.title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{html(report.title)}</h1>",
        f'<p class="conclusion {html(report.outcome)}">{html(report.conclusion)}</p>',
        *_summary(report.summary),
        *(f"<p>note: {html(note)}</p>" for note in report.notes),
        *_findings(report),
        *(part for section in report.sections for part in _section(section)),
        *(part for table in report.tables for part in _table(table)),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _summary(pairs: Sequence[tuple[str, str]]) -> Iterable[str]:
    if not pairs:
        return []
    rows = [f'<tr><th scope="row">{html(label)}</th><td>{html(value)}</td></tr>' for label, value in pairs]
    return ["<table>", *rows, "</table>"]


def _findings(report: Report) -> Iterable[str]:
    if report.kind == "run" or not report.findings:
        return []
    sources = SourceLines(report.sources)
    return ["<h2>Findings</h2>", *(part for one in report.findings for part in _finding(one, sources))]


def _finding(finding: Finding, sources: SourceLines) -> Iterable[str]:
    place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part is not None)
    head = f"{finding.severity.value} {finding.rule} {finding.name}: {finding.message}"
    style = "failure" if finding.severity.value == "error" else "plain"
    yield f'<details class="{style}" open><summary>{html(head)}</summary>'
    if place:
        yield f"<p>{html(place)}</p>"
    shown = snippet(finding, sources, 200)
    if shown is not None:
        text, blanks, carets = shown
        yield f'<pre class="exact">\n{html(text)}\n{blanks}{carets}</pre>'
    if finding.hint:
        yield f"<p>hint: {html(finding.hint)}</p>"
    yield "</details>"


def _section(section: Section) -> Iterable[str]:
    style = section.style if section.style in {"failure", "error", "note", "diff"} else "plain"
    yield f'<details class="{style}" open><summary>{html(_WORD.get(section.style, "") + section.title)}</summary>'
    if section.facts:
        pairs = [f"<dt>{html(label)}</dt><dd>{html(value)}</dd>" for label, value in section.facts]
        yield f"<dl>{''.join(pairs)}</dl>"
    if section.text:
        # The newline after <pre> is the one HTML drops, so that a first line that is empty stays.
        yield "<pre>\n" + html("\n".join(excerpt(section.text, width=None, lines=None))) + "</pre>"
    yield "</details>"


def _table(table: Table) -> Iterable[str]:
    sides = [' class="right"' if side == "right" else "" for side in table.align] or [""] * len(table.columns)
    head = "".join(f'<th scope="col"{side}>{html(one)}</th>' for one, side in zip(table.columns, sides, strict=True))
    yield f"<h2>{html(table.title)}</h2>"
    yield f"<table><thead><tr>{head}</tr></thead><tbody>"
    for row in table.rows:
        yield "<tr>" + "".join(f"<td{side}>{html(one)}</td>" for one, side in zip(row, sides, strict=True)) + "</tr>"
    yield "</tbody></table>"
