"""Hits with their place: what rules found, where it stands, and the fingerprint that survives a move."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from promptctl.model.finding import Finding, Severity
from promptctl.model.prompt import Json
from promptctl.model.source import Span
from promptctl.rules.engine.file import File
from promptctl.rules.engine.fixes import Edit, Fix, edit_of
from promptctl.rules.engine.rule import Hit, Rule

_FIELDS = 10


@dataclass(frozen=True, slots=True)
class Found:
    """A hit of a rule at its place. anchor: the text of its line, or of the message where it has no line.

    edit: the fix as an edit of the file's text; never cached.
    """

    rule: str
    name: str
    severity: Severity
    message: str
    path: str | None
    line: int | None
    column: int | None
    end_column: int | None
    hint: str | None
    anchor: str
    edit: Edit | None = field(default=None, compare=False)


def placed(rule: Rule, hit: Hit, *, file: File | None) -> Found:
    """`hit` with line and column; `file` is the file it is in, None where that cannot be read."""
    span = hit.span or (_span(hit, file) if file is not None else None)
    path = hit.path or (file.path if file is not None else None)
    one_line = span is not None and span.end_line == span.line
    line = span.line if span else None
    return Found(
        rule=rule.code,
        name=rule.name,
        severity=hit.severity or rule.severity,
        message=hit.message,
        path=path,
        line=line,
        column=span.column if span else None,
        end_column=span.end_column if span and one_line else None,
        hint=hit.hint,
        anchor=(_anchor(file, line) if file is not None and file.path == path else "") or hit.message,
        edit=_edit(hit.fix, file) if hit.fix is not None and file is not None else None,
    )


def _span(hit: Hit, file: File) -> Span | None:
    """The place of the node, or of the nearest node around it."""
    if hit.key and (found := file.where_key(hit.at)) is not None:
        return found
    if not hit.at and hit.path is not None:
        return None
    for depth in range(len(hit.at), -1, -1):
        if (found := file.where(hit.at[:depth])) is not None:
            return found if depth else Span(found.line, found.column)
    return None


def _anchor(file: File, line: int | None) -> str:
    return file.lines[line - 1].strip() if line is not None and line <= len(file.lines) else ""


def _edit(fix: Fix, file: File) -> Edit | None:
    target = (*fix.at, fix.after) if fix.after is not None else fix.at
    return edit_of(fix, file.text, file.where(target))


def findings(found: Iterable[tuple[Found, Severity]]) -> tuple[Finding, ...]:
    """Findings in the order of their places, each with a fingerprint of its own.

    The fingerprint is made of rule, file and the text of the line, and counts those that are alike, so that a
    finding keeps it when lines above it come and go.
    """
    ordered = sorted(found, key=lambda pair: _order(pair[0]))
    seen: Counter[str] = Counter()
    out = []
    for one, severity in ordered:
        about = "\0".join((one.rule, one.path or "", one.anchor))
        seen[about] += 1
        mark = hashlib.sha256(f"{about}\0{seen[about]}".encode()).hexdigest()
        out.append(
            Finding(
                rule=one.rule,
                name=one.name,
                severity=severity,
                message=one.message,
                path=one.path,
                line=one.line,
                column=one.column,
                hint=one.hint,
                fingerprint=mark,
                end_column=one.end_column,
            )
        )
    return tuple(out)


def _order(one: Found) -> tuple[str, int, int, str, str]:
    return one.path or "", one.line or 0, one.column or 0, one.rule, one.message


def encode(found: Sequence[Found]) -> Json:
    """What was found as a JSON value, for the cache."""
    return [
        [
            one.rule,
            one.name,
            one.severity.value,
            one.message,
            one.path,
            one.line,
            one.column,
            one.end_column,
            one.hint,
            one.anchor,
        ]
        for one in found
    ]


def decode(value: Json) -> tuple[Found, ...]:
    """What `encode` wrote."""
    return tuple(Found(row[0], row[1], Severity(row[2]), *row[3:_FIELDS]) for row in value)


def edits_by_path(found: Iterable[Found]) -> Mapping[str, Sequence[Edit]]:
    """The edits of all hits that have one, by file."""
    out: dict[str, list[Edit]] = {}
    for one in found:
        if one.edit is not None and one.path is not None:
            out.setdefault(one.path, []).append(one.edit)
    return out
