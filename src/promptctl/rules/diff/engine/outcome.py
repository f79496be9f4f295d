"""A comparison judged: what is found, what of it is approved, and by which policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from promptctl.model.config import Config
from promptctl.model.prompt import Json
from promptctl.model.source import Tree
from promptctl.rules.diff.engine.accepted import FILE, Acceptance, in_force, parse_accepted
from promptctl.rules.diff.engine.comparison import Approvals, Comparison
from promptctl.rules.diff.engine.findings import Judged, Places, judge, judge_approvals
from promptctl.rules.diff.engine.shelf import diff_rules
from promptctl.rules.engine.settings import Settings, settings_of

FAMILY = "PD"


@dataclass(frozen=True, slots=True)
class Outcome:
    """found: the findings that count. accepted: those that are approved, each with its approval."""

    comparison: Comparison
    found: tuple[Judged, ...]
    accepted: tuple[tuple[Judged, Acceptance], ...]


def outcome(
    comparison: Comparison,
    settings: Settings,
    places: Places,
    *,
    approvals: tuple[Sequence[Acceptance], Sequence[Acceptance]],
    today: date,
) -> Outcome:
    """Every finding, approved or not. approvals: those in the base and those in the head."""
    mine = in_force(*approvals)
    every = judge(comparison, settings, places)
    marks = {one.finding.fingerprint for one in every}
    holding = {mark: one for mark, one in mine.items() if not one.expired(today)}
    wrong = Approvals(
        unknown=tuple(one for mark, one in mine.items() if mark not in marks),
        expired=tuple(one for mark, one in mine.items() if mark in marks and one.expired(today)),
    )
    found = [one for one in every if one.finding.fingerprint not in holding]
    found += judge_approvals(wrong, FILE, settings, places)
    accepted = [(one, holding[one.finding.fingerprint]) for one in every if one.finding.fingerprint in holding]
    return Outcome(comparison, tuple(found), tuple(accepted))


def approvals_in(tree: Tree) -> tuple[Acceptance, ...]:
    """The approvals of one side; none where it has no such file. Raises InputError where that is wrong."""
    return parse_accepted(tree.read(FILE)) if FILE in tree.paths() else ()


def policy_of(config: Config) -> Settings:
    """What a configuration says about rules about changes; what it says about lint's own is left aside.

    `select` counts only where it names a rule of this family: whoever selects some of lint's rules does not switch
    these off. Raises InputError for a code that no rule has.
    """
    lint = config.lint
    select = _mine(lint.select)
    per_path = {glob: _choice(value) for glob, value in lint.per_path.items()}
    severity = {code: word for code, word in lint.severity.items() if _concerns(code)}
    mine = replace(lint, select=select, ignore=_mine(lint.ignore), severity=severity, per_path=per_path)
    return settings_of(replace(config, lint=mine), {one.rule.code: one.rule.name for one in diff_rules()})


def _choice(value: Json) -> Json:
    if isinstance(value, Mapping):
        out: dict[str, Json] = {}
        for key, given in value.items():
            if isinstance(given, Mapping):
                out[key] = {code: word for code, word in given.items() if _concerns(code)}
            else:
                out[key] = [code for code in given or () if _concerns(code)]
        return out
    return [code for code in value or () if _concerns(code)] if isinstance(value, list | tuple) else []


def _mine(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(code for code in codes if _concerns(code))


def _concerns(code: Json) -> bool:
    return isinstance(code, str) and (code.startswith(FAMILY) or (bool(code) and FAMILY.startswith(code)))
