"""Cases in a finding: which, and where."""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.changes.golden import GoldenChange
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.source import NodePath
from promptctl.rules.diff.reading.words import said, several


def in_cases(cases: Sequence[Case]) -> str:
    """`reset:` for one case, `12 cases (a, b, c and 9 more):` for several."""
    if len(cases) == 1:
        return f"{cases[0].id}:"
    return f"{len(cases)} cases ({several([case.id for case in cases])}):"


def assertions_at(golden: GoldenChange, cases: Sequence[Case]) -> NodePath:
    """The assertions of the first of the cases, or the set's defaults where they are many."""
    return ("cases", golden.index(cases[0]) or 0, "assertions") if len(cases) == 1 else ("defaults", "assertions")


def spelled(spec: AssertionSpec) -> str:
    """`contains Settings`."""
    name = f" ({spec.name})" if spec.name else ""
    return f"{spec.spelling} {said(spec.value)}{name}" if spec.has_value else f"{spec.spelling}{name}"
