"""The JSON document of `diff`, version 1."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.changes.cost import CostChange
from promptctl.changes.golden import GoldenChange
from promptctl.changes.messages import PartChange
from promptctl.changes.values import ValueChange, dotted
from promptctl.model.finding import Severity
from promptctl.model.prompt import Json, Prompt
from promptctl.rules.diff.engine.accepted import Acceptance
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.findings import Judged
from promptctl.rules.diff.engine.outcome import Outcome
from promptctl.rules.diff.engine.rule import level_word


@dataclass(frozen=True, slots=True)
class Version:
    """The declared version of a prompt after a change, and the least that fits it; None: nothing has to be raised."""

    before: str | None
    after: str | None
    least: str | None
    enough: bool | None


@dataclass(frozen=True, slots=True)
class Detail:
    """What is said of one prompt. share: the cached prefix's part of a call before and after; None: unknown."""

    pair: PromptPair
    version: Version
    level: str
    costs: tuple[CostChange, ...] = ()
    share: tuple[float | None, float | None] = (None, None)


def document(outcome: Outcome, details: Sequence[Detail], sides: tuple[str, str]) -> Mapping[str, Json]:
    """Everything `diff` knows, as JSON values."""
    rows = [_finding(one, None) for one in outcome.found]
    rows += [_finding(one, approval) for one, approval in outcome.accepted]
    counts = Counter(one.finding.severity for one in outcome.found)
    comparison = outcome.comparison
    summary = {
        "base": sides[0],
        "head": sides[1],
        "prompts": len(comparison.prompts),
        "errors": counts[Severity.ERROR],
        "warnings": counts[Severity.WARNING],
        "infos": counts[Severity.INFO],
        "accepted": len(outcome.accepted),
        "level": level_word(max((one.level for one in outcome.found if one.level is not None), default=None)),
    }
    return {
        "version": 1,
        "kind": "diff",
        "findings": rows,
        "summary": summary,
        "prompts": [_prompt(one) for one in details],
        "golden": [{"name": one.name, **(_golden(one.golden) or {})} for one in comparison.lonely],
        "judges": [_ends(one.change.before, one.change.after) for one in comparison.judges],
        "policy": _values(comparison.policy.changes),
        "submodules": [
            {"path": one.path, "before": one.before, "after": one.after, "holds_prompts": one.holds}
            for one in comparison.submodules
        ],
    }


def _finding(one: Judged, approval: Acceptance | None) -> Json:
    found = one.finding
    return {
        "rule": found.rule,
        "name": found.name,
        "severity": found.severity.value,
        "message": found.message,
        "path": found.path,
        "line": found.line,
        "column": found.column,
        "hint": found.hint,
        "fingerprint": found.fingerprint,
        "category": one.category.value,
        "level": level_word(one.level),
        "prompt": one.subject or None,
        "accepted": None
        if approval is None
        else {"reason": approval.reason, "expires": approval.expires.isoformat() if approval.expires else None},
    }


def _prompt(one: Detail) -> Json:
    change = one.pair.change
    ends = _ends(change.before, change.after)
    return {
        **ends,
        "status": "added" if change.before is None else "removed" if change.after is None else "changed",
        "cosmetic": change.cosmetic,
        "renamed_from": change.replaced,
        "version": {
            "before": one.version.before,
            "after": one.version.after,
            "level": one.level,
            "least": one.version.least,
            "enough": one.version.enough,
        },
        "settings": _values((*change.settings, *change.limits)),
        "inputs": _values(change.inputs),
        "output": _values(change.output),
        "tools": _values(change.tools),
        "about": _values(change.about),
        "messages": [_message(part) for part in change.messages],
        "includes": {path: [[piece.kind, piece.text] for piece in pieces] for path, pieces in change.includes.items()},
        "golden": _golden(one.pair.golden),
        "check_files": list(one.pair.checks),
        "code_files": list(one.pair.code),
        "cached_prefix": {"before": one.share[0], "after": one.share[1]},
        "cost": [_cost(cost) for cost in one.costs],
    }


def _ends(before: Prompt | None, after: Prompt | None) -> dict[str, Json]:
    found = after or before
    return {
        "name": found.name if found else None,
        "before": _end(before),
        "after": _end(after),
    }


def _end(prompt: Prompt | None) -> Json:
    if prompt is None:
        return None
    return {"path": prompt.source.path, "version": prompt.version, "model": prompt.model, "digest": prompt.digest}


def _values(changes: Sequence[ValueChange]) -> Json:
    return [{"path": dotted(one.path), "kind": one.kind, "before": one.before, "after": one.after} for one in changes]


def _message(part: PartChange) -> Json:
    return {
        "kind": part.kind,
        "what": part.part.kind,
        "role": part.part.role,
        "number": part.number,
        "before": None if part.before is None else [list(text) for text in part.before.texts],
        "after": None if part.after is None else [list(text) for text in part.after.texts],
        "words": {role: [[piece.kind, piece.text] for piece in pieces] for role, pieces in part.words},
    }


def _golden(golden: GoldenChange | None) -> Json:
    if golden is None:
        return None
    return {
        "path": golden.path,
        "cases": [len(one.cases) if one is not None else None for one in (golden.before, golden.after)],
        "added": [case.id for case in golden.added],
        "removed": [case.id for case in golden.removed],
        "renamed": [[old.id, new.id] for old, new in golden.renamed],
        "edited": [
            {
                "id": case.after.id,
                "fields": _values(case.fields),
                "assertions": [
                    {"kind": one.kind, "type": one.spec.spelling, "changes": _values(one.parts)}
                    for one in case.assertions
                ],
            }
            for case in golden.edited
        ],
    }


def _cost(one: CostChange) -> Json:
    return {
        "at": one.which,
        "case": one.case,
        "tokens": [one.before.tokens, one.after.tokens],
        "input_usd": [one.before.input_usd, one.after.input_usd],
        "longest_answer_usd": [one.before.output_usd, one.after.output_usd],
    }
