"""The rules about changes, asked: findings with a place, a fingerprint, a category and the version they require."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from promptctl.changes.golden import GoldenChange
from promptctl.changes.prompts import PromptChange
from promptctl.model.finding import Finding, Severity
from promptctl.model.source import NodePath, Source, Span
from promptctl.rules.contract.reading.levels import Level, raised_enough
from promptctl.rules.diff.engine.comparison import Approvals, Comparison, PromptPair, Tests
from promptctl.rules.diff.engine.rule import Category, Difference, DiffRule, Looks
from promptctl.rules.diff.engine.shelf import rules_for
from promptctl.rules.engine.settings import Settings
from promptctl.text.canonical import canonical

DIGITS = 12
Places = Callable[[str, NodePath], Span | None]
"""A path of a file as it is now and a node in it to where that stands."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding with what only those about changes have. subject: the name of the prompt or judge, "" for the project."""

    finding: Finding
    category: Category
    level: Level | None
    subject: str


def judge(comparison: Comparison, settings: Settings, places: Places) -> tuple[Judged, ...]:
    """Every finding of a comparison that the settings count, by place; fingerprints hold across pushes."""
    return _judged([*_of_prompts(comparison), *_of_judges(comparison), *_of_project(comparison)], settings, places)


def judge_approvals(approvals: Approvals, path: str, settings: Settings, places: Places) -> tuple[Judged, ...]:
    """What is wrong with the approvals in the file `path`."""
    asked = _Asked("", path)
    rules = rules_for(Looks.APPROVALS)
    found = [(asked, rule, difference) for rule in rules for difference in rule.visit(approvals)]
    return _judged(found, settings, places)


def _judged(found: Iterable[_OneFound], settings: Settings, places: Places) -> tuple[Judged, ...]:
    seen: Counter[str] = Counter()
    out = []
    for asked, rule, difference in found:
        base = fingerprint(rule, asked.subject, difference)
        seen[base] += 1
        mark = base if seen[base] == 1 else _digits(f"{base} {seen[base]}")
        made = _finding(asked, rule, difference, mark, places)
        severity = settings.verdict(made.rule, made.severity, made.path)
        if severity is not None:
            out.append(Judged(replace(made, severity=severity), rule.category, rule.level, asked.subject))
    return tuple(sorted(out, key=lambda one: _order(one.finding)))


def fingerprint(rule: DiffRule, subject: str, difference: Difference) -> str:
    """Twelve hexadecimal digits of what changed: rule, name, and the change itself; no lines, files or commits."""
    return _digits(canonical([rule.rule.code, subject, *difference.change]))


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom a rule was asked about: the name, the file hits are placed in, and its positions."""

    subject: str
    path: str | None
    source: Source | None = None


_OneFound = tuple[_Asked, DiffRule, Difference]
_Found = Iterator[_OneFound]


def _of_prompts(comparison: Comparison) -> _Found:
    must_pass = comparison.policy.before.gate.must_pass
    for pair in comparison.prompts:
        asked = _about(pair.change)
        for rule in rules_for(Looks.PROMPT):
            for difference in rule.visit(pair):
                yield asked, rule, _announced(rule, pair, difference)
        if pair.golden is not None or pair.checks:
            golden = pair.golden or GoldenChange(None, None)
            yield from _of_tests(Tests(pair.name, golden, must_pass, pair.checks), asked)
    for one in comparison.lonely:
        yield from _of_tests(Tests(one.name, one.golden, must_pass, one.checks), _Asked(one.name, None))


def _of_tests(tests: Tests, around: _Asked) -> _Found:
    golden = tests.golden.after
    asked = _Asked(tests.name, golden.source.path, golden.source) if golden is not None else around
    for rule in rules_for(Looks.TESTS):
        yield from ((asked, rule, difference) for difference in rule.visit(tests))


def _of_judges(comparison: Comparison) -> _Found:
    for pair in comparison.judges:
        asked = _about(pair.change)
        for rule in rules_for(Looks.JUDGE):
            yield from ((asked, rule, difference) for difference in rule.visit(pair))


def _of_project(comparison: Comparison) -> _Found:
    asked = _Asked("", comparison.policy.after.path or comparison.policy.before.path)
    for rule in rules_for(Looks.PROJECT):
        yield from ((asked, rule, difference) for difference in rule.visit(comparison))


def _about(change: PromptChange) -> _Asked:
    source = change.prompt.source
    return _Asked(change.name, source.path, source if change.after is not None else None)


def _announced(rule: DiffRule, pair: PromptPair, difference: Difference) -> Difference:
    """A break that a new version announces, while the old one stays for those who use it, is worth a note."""
    before, after = pair.change.before, pair.change.after
    if not pair.change.kept or rule.level is None or before is None or after is None:
        return difference
    if before.version is None or after.version is None or not raised_enough(before.version, after.version, rule.level):
        return difference
    hint = f"{before.name}@{before.version} is still there, and {after.version} announces the change"
    return replace(difference, severity=Severity.INFO, hint=hint)


def _finding(asked: _Asked, rule: DiffRule, difference: Difference, mark: str, places: Places) -> Finding:
    path = difference.path or asked.path
    span = _span(asked, difference, path, places)
    one_line = span is not None and span.end_line == span.line
    return Finding(
        rule=rule.rule.code,
        name=rule.rule.name,
        severity=difference.severity or rule.rule.severity,
        message=difference.message,
        path=path,
        line=span.line if span else None,
        column=span.column if span else None,
        hint=difference.hint,
        fingerprint=mark,
        end_column=span.end_column if span and one_line else None,
    )


def _span(asked: _Asked, difference: Difference, path: str | None, places: Places) -> Span | None:
    """The place of the node a difference is about, or of the nearest node around it; None where the file is gone."""
    if path is None:
        return None
    for depth in range(len(difference.at), 0, -1):
        at = difference.at[:depth]
        known = asked.source is not None and asked.source.path == path
        found = asked.source.where(at) if known and asked.source is not None else places(path, at)
        if found is not None:
            return found
    return None


def _order(one: Finding) -> tuple[str, int, int, str, str]:
    return one.path or "", one.line or 0, one.column or 0, one.rule, one.message


def least(levels: Iterable[Level | None]) -> Level | None:
    """The farthest reaching level; None where nothing requires a version."""
    return max((one for one in levels if one is not None), default=None)


def counted(found: Sequence[Judged], accepted: Iterable[str]) -> tuple[Judged, ...]:
    """The findings that are not approved."""
    approved = set(accepted)
    return tuple(one for one in found if one.finding.fingerprint not in approved)
