"""Something to tell the user, and the one Report every verb hands to every format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from promptctl.model.prompt import Json


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of lint, diff, gate, or a failed case of eval.

    rule: the stable code (PL101); name: its readable name (unpinned-model). path is root-relative.
    fingerprint: stable across moves of the line, so that tools can recognise it after a push.
    end_column: first column after what is meant, on the same line; None where only its start is known.
    """

    rule: str
    name: str
    severity: Severity
    message: str
    path: str | None = None
    line: int | None = None
    column: int | None = None
    hint: str | None = None
    fingerprint: str = ""
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """What a rule says about itself, for formats that carry rules beside findings (SARIF).

    summary is one sentence; explanation is its page in Markdown, written by promptctl, never by a user.
    """

    code: str
    name: str
    severity: Severity
    summary: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A small table. Cells are plain text, never markup; `align` holds "left" or "right" a column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestCase:
    """A line for the formats that speak of tests (JUnit). outcome: pass | fail | error | skip."""

    __test__ = False

    suite: str
    name: str
    outcome: str
    time_s: float | None = None
    message: str = ""
    detail: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A block of prose under a heading; `text` is plain and untrusted, the format escapes it.

    style: "failure" | "error" | "note" | "plain", or "diff" where lines begin with +, - or a space. facts are
    (label, value) pairs shown first. lines: how many lines of `text` suffice where room is short; None means all.
    """

    title: str
    text: str = ""
    style: str = "plain"
    facts: tuple[tuple[str, str], ...] = ()
    lines: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What every verb hands to every format.

    kind: "run" | "lint" | "diff" | "verdict" | ... ; data: the versioned JSON document, printed as it is.
    Line formats read `findings`; JUnit reads `tests`; terminal, Markdown and HTML read sections,
    tables and `summary` (label, value). conclusion is one sentence; outcome: pass|fail|error|warning|none,
    where none means that nothing was measured. sources: the text of the files that findings point into, by
    path; only their lines are shown, and a missing one is no error. rules: what is known of the findings' rules.
    """

    kind: str
    title: str
    outcome: str
    conclusion: str
    data: Mapping[str, Json]
    findings: tuple[Finding, ...] = ()
    sections: tuple[Section, ...] = ()
    tables: tuple[Table, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    tests: tuple[TestCase, ...] = ()
    notes: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict, repr=False)
    rules: tuple[RuleInfo, ...] = ()
