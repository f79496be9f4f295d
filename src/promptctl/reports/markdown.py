"""Markdown for a pull request's comment or a job's summary.

A comment holds 65,536 characters; what does not fit is left out block by block, never inside one, and the last line
says so. The first line is a marker by which a bot finds its own comment again; no foreign text can repeat it.
"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.model.finding import Finding, Report, Section, Severity, Table
from promptctl.reports.cells import excerpt
from promptctl.reports.escape import fence, html, log, markdown
from promptctl.reports.snippets import SourceLines, snippet

COMMENT_LIMIT = 65_536
_ROOM_FOR_NOTE = 400
_EXCERPT_LINES = 40
_OPEN_SECTIONS = 3
_WORD = {"failure": "FAIL ", "error": "ERROR "}
_ALIGN = {"right": "---:", "left": "---"}


def marker(report: Report) -> str:
    """The comment's first line, one and the same for every report of this kind."""
    return f"<!-- promptctl:v1 key={report.kind} -->"


def render(report: Report) -> str:
    """The report as GitHub-flavoured Markdown of at most 65,536 characters (UTF-16 code units)."""
    head = [marker(report), f"## {markdown(report.title)}", f"**{markdown(report.conclusion)}**"]
    if report.summary:
        head.append(_grid(("", ""), report.summary, ("left", "left")))
    head += ["\n".join(f"- note: {markdown(note)}" for note in report.notes)] if report.notes else []
    blocks = [_section(one, open_=number < _OPEN_SECTIONS) for number, one in enumerate(report.sections)]
    if report.kind != "run":
        blocks = [*_findings(report), *blocks]
    blocks += [f"**{markdown(table.title)}**\n\n{_table(table)}" for table in report.tables]
    return _bounded([log(block) for block in head], [log(block) for block in blocks])


def _bounded(head: Sequence[str], blocks: Sequence[str]) -> str:
    kept = list(head)
    used = sum(_units(block) + 2 for block in kept)
    left_out = 0
    for block in blocks:
        if used + _units(block) + 2 > COMMENT_LIMIT - _ROOM_FOR_NOTE:
            left_out += 1
            continue
        kept.append(block)
        used += _units(block) + 2
    text = "\n\n".join(kept)
    if _units(text) > COMMENT_LIMIT - _ROOM_FOR_NOTE:  # only where the head alone is too long
        text = _cut(text, COMMENT_LIMIT - _ROOM_FOR_NOTE)
        left_out += 1
    if left_out:
        blocks_left = "1 block was" if left_out == 1 else f"{left_out:,} blocks were"
        text += f"\n\n_{blocks_left} left out to fit into a comment; the html and json reports hold everything._"
    return text + "\n"


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str, units: int) -> str:
    """Whole lines of `text` of at most `units` code units."""
    kept, used = [], 0
    for one in text.split("\n"):
        used += _units(one) + 1
        if used > units:
            break
        kept.append(one)
    return "\n".join(kept)


def _section(section: Section, *, open_: bool) -> str:
    title = f"{_WORD.get(section.style, '')}{section.title}"
    facts = "\n".join(f"- **{markdown(label.strip())}**: {markdown(value)}" for label, value in section.facts)
    parts = [facts] if facts else []
    if section.text:
        lines = excerpt(section.text, width=None, lines=_EXCERPT_LINES if section.lines is not None else None)
        parts.append(fence("\n".join(lines), "diff" if section.style == "diff" else "text"))
    if not parts:
        return f"**{markdown(title)}**"
    inside = "\n\n".join(parts)
    state = " open" if open_ else ""
    return f"<details{state}><summary>{html(_one_line(title))}</summary>\n\n{inside}\n\n</details>"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _findings(report: Report) -> Sequence[str]:
    sources = SourceLines(report.sources)
    return [_finding(one, sources) for one in report.findings]


def _finding(finding: Finding, sources: SourceLines) -> str:
    place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part is not None)
    severity = "note" if finding.severity is Severity.INFO else finding.severity.value
    head = f"- **{severity} {markdown(finding.rule)}** {markdown(finding.name)}: {markdown(finding.message)}"
    lines = [head, f"  {markdown(place)}"] if place else [head]
    shown = snippet(finding, sources, 160)
    if shown is not None:
        text, blanks, carets = shown
        block = fence(f"{text}\n{blanks}{carets}" if carets else text)
        lines += ["", *(f"  {one}" for one in block.split("\n")), ""]
    if finding.hint:
        lines.append(f"  hint: {markdown(finding.hint)}")
    return "\n".join(one.rstrip() for one in lines)  # blanks at a line's end would be a line break


def _table(table: Table) -> str:
    return _grid(table.columns, table.rows, table.align or ("left",) * len(table.columns))


def _grid(columns: Sequence[str], rows: Sequence[Sequence[str]], align: Sequence[str]) -> str:
    lines = [_row(columns), "|" + "|".join(f" {_ALIGN.get(side, '---')} " for side in align) + "|"]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(markdown(cell) or " " for cell in cells) + " |"
