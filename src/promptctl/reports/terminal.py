"""The text report, and the one door to rich: failures first, then the summary, one conclusion last.

rich draws the tables and turns styles into colour; wrapping and widths are ours (`cells`), so that output that goes
to a pipe is never wrapped to a terminal that is not there.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from promptctl.model.finding import Finding, Report, Section, Severity, Table
from promptctl.reports.cells import clip, excerpt, pad, width, wrap
from promptctl.reports.escape import line, log
from promptctl.reports.snippets import SourceLines, snippet

_LABEL_CELLS = 20
_PIPE_EXCERPT_CELLS = 100
_PIPE_SOURCE_CELLS = 160
_NARROWEST = 20
_WIDEST = 100_000
_SEVERITY_STYLE = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}
_OUTCOME_STYLE = {"pass": "bold green", "fail": "bold red", "error": "bold magenta", "warning": "bold yellow"}
_SECTION_HEAD = {"failure": ("FAIL ", "bold red"), "error": ("ERROR ", "bold magenta")}
_DIFF_STYLE = {"+": "green", "-": "red", "@": "cyan"}
_CELL_STYLE = {"PASS": "green", "FAIL": "bold red", "ERROR": "bold magenta"}


def render(report: Report, *, width: int | None = None, color: bool = False) -> str:
    """The report as text for people.

    width: the terminal's, in cells; None for a pipe or a file, where sentences stay on one line and tables take the
    room they need. color: whether to write colour; without it there is no escape code in the output.
    """
    page = _Page(None if width is None else max(width, _NARROWEST), color=color)
    if report.kind != "run":  # a run's findings repeat its sections, for formats that have no sections
        _findings(page, report)
    for section in report.sections:
        _section(page, section)
    for table in report.tables:
        _table(page, table)
    if report.summary:
        page.gap()
        _pairs(page, [(line(label), line(value)) for label, value in report.summary], indent="", style="bold")
    for number, note in enumerate(report.notes):
        if number == 0:
            page.gap()
        page.prose(line(note), first="note: ", style="yellow")
    page.gap()
    page.prose(line(report.conclusion), style=_OUTCOME_STYLE.get(report.outcome, "bold yellow"))
    return page.text()


class _Page:
    """Lines of styled text, printed to a string by rich, which is told not to touch their layout."""

    def __init__(self, cells: int | None, *, color: bool) -> None:
        self.cells = cells
        self._started = False
        self._out = io.StringIO()
        self._console = Console(
            file=self._out,
            force_terminal=color,
            force_interactive=False,
            force_jupyter=False,
            color_system="standard" if color else None,
            no_color=not color,
            legacy_windows=False,
            width=_WIDEST if cells is None else cells,
            highlight=False,
            markup=False,
            emoji=False,
        )

    def text(self) -> str:
        return log(self._out.getvalue())

    def gap(self) -> None:
        """An empty line, but not before anything was written."""
        if self._started:
            self._out.write("\n")

    def put(self, *spans: tuple[str, str]) -> None:
        """One line of (text, style) spans, as wide as it is."""
        self._started = True
        assembled = Text.assemble(*spans)
        assembled.rstrip()
        self._console.print(assembled, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)

    def prose(self, text: str, *, first: str = "", rest: str | None = None, style: str = "") -> None:
        """A sentence wrapped to the page: `first` begins its first line, `rest` (or blanks as wide) the others."""
        hang = " " * width(first) if rest is None else rest
        room = None if self.cells is None else max(self.cells - width(first), 8)
        head, *tail = wrap(text, room)
        self.put((first, style), (head, "" if first else style))
        for one in tail:
            self.put((hang, "dim"), (one, "" if first else style))

    def grid(self, grid: Grid) -> None:
        self._started = True
        with self._console.capture() as captured:
            self._console.print(grid)
        for one in captured.get().splitlines():
            self._out.write(one.rstrip() + "\n")


def _findings(page: _Page, report: Report) -> None:
    sources = SourceLines(report.sources)
    for finding in report.findings:
        page.gap()
        _finding(page, finding, sources)


def _finding(page: _Page, finding: Finding, sources: SourceLines) -> None:
    """rustc's and ruff's layout: what, where, the line with a caret, what to do."""
    style = _SEVERITY_STYLE[finding.severity]
    head = f"{finding.severity.value}[{line(finding.rule)}] {line(finding.name)}: "
    if page.cells is None or width(head) + width(line(finding.message)) <= page.cells:
        page.put((head, style), (line(finding.message), ""))
    else:
        page.put((head.rstrip(), style))
        page.prose(line(finding.message), first="  ")
    number = "" if finding.line is None else str(finding.line)
    gutter = " " * len(number)
    if finding.path is not None:
        place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part is not None)
        page.put((f"{gutter}--> ", "cyan"), (line(place), ""))
    room = _PIPE_SOURCE_CELLS if page.cells is None else max(page.cells - len(number) - 3, 8)
    shown = snippet(finding, sources, room)
    if shown is not None:
        text, blanks, carets = shown
        page.put((f"{gutter} |", "cyan"))
        page.put((f"{number} | ", "cyan"), (text, ""))
        page.put((f"{gutter} | ", "cyan"), (blanks + carets, style))
    if finding.hint:
        page.prose(line(finding.hint), first=f"{gutter} = hint: ", style="cyan")


def _section(page: _Page, section: Section) -> None:
    page.gap()
    word, style = _SECTION_HEAD.get(section.style, ("", "bold"))
    title = line(section.title)
    if page.cells is not None and width(word) + width(title) > page.cells:
        page.prose(title, first=word, style=style)
    else:
        page.put((word, style), (title, "bold"))
    _pairs(page, [(line(label), line(value)) for label, value in section.facts], indent="  ", style="")
    if not section.text:
        return
    if section.style == "diff":
        for one in excerpt(section.text, width=None, lines=section.lines):
            page.put(("  " + one, _DIFF_STYLE.get(one[:1], "")))
        return
    room = _PIPE_EXCERPT_CELLS if page.cells is None else max(page.cells - 4, 8)
    for one in excerpt(section.text, width=room, lines=section.lines):
        page.put(("  │ ", "dim"), (one, ""))


def _pairs(page: _Page, pairs: Sequence[tuple[str, str]], *, indent: str, style: str) -> None:
    """Labels in a column and their values beside them; where the room is short, below them."""
    column = min(max((width(label) for label, _ in pairs), default=0), _LABEL_CELLS)
    for label, value in pairs:
        start = indent + pad(label, column) + "  "
        if page.cells is not None and page.cells - width(start) < min(24, width(value)):
            page.prose(label, first=indent, style=style)
            page.prose(value, first=indent + "  ")
        else:
            page.prose(value, first=start, style=style)


def _table(page: _Page, table: Table) -> None:
    columns = [line(column) for column in table.columns]
    rows = [[line(cell) for cell in row] for row in table.rows]
    widths = [max(map(width, column)) for column in zip(columns, *rows, strict=True)]
    spare = None if page.cells is None else page.cells - sum(widths) - 2 * (len(widths) - 1)
    page.gap()
    page.put((line(table.title), "bold"))
    if spare is not None and widths[0] + min(spare, 0) < min(widths[0], 12):
        _records(page, columns, rows)
        return
    if spare is not None and spare < 0:
        rows = [[clip(first, widths[0] + spare), *rest] for first, *rest in rows]
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for index, column in enumerate(columns):
        right = index < len(table.align) and table.align[index] == "right"
        grid.add_column(column, justify="right" if right else "left", no_wrap=True)
    for row in rows:
        grid.add_row(*(Text(cell, style=_CELL_STYLE.get(cell, "")) for cell in row))
    page.grid(grid)


def _records(page: _Page, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table too wide for the page, a row below the other: its first cell, then `column value` pairs."""
    for first, *rest in rows:
        page.prose(first, style="bold")
        filled = [f"{column} {cell}" for column, cell in zip(columns[1:], rest, strict=True) if cell]
        page.prose(", ".join(filled), first="  ")
