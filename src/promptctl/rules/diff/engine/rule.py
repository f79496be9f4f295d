"""What a rule about changes is: a rule with a category and the level of version it requires."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any

from promptctl.model.finding import Severity
from promptctl.model.prompt import Json
from promptctl.model.source import NodePath
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.engine.rule import Hit, Rule, Subject
from promptctl.rules.engine.rule import rule as plain_rule


class Category(StrEnum):
    """What a change touches: callers, consumers, the model, the text, the tests, nothing; or what could not be compared."""

    CONTRACT_IN = "CONTRACT_IN"
    CONTRACT_OUT = "CONTRACT_OUT"
    MODEL = "MODEL"
    TEXT = "TEXT"
    TESTS = "TESTS"
    COSMETIC = "COSMETIC"
    PROJECT = "PROJECT"


class Looks(StrEnum):
    """What a rule is given: a `PromptPair`, the `Tests` of a prompt, a `JudgePair`, the `Comparison`, or `Approvals`."""

    PROMPT = "prompt"
    TESTS = "tests"
    JUDGE = "judge"
    PROJECT = "project"
    APPROVALS = "approvals"


@dataclass(frozen=True, slots=True)
class Difference:
    """What a rule found. change: JSON values that say which change it is, whatever file, line or commit it stands in;
    an approval is for exactly these.

    at: the node it is about, in the file as it is now; path: another file than the subject's own. key: point at the
    key. severity: another than the rule's own.
    """

    message: str
    change: tuple[Json, ...]
    at: NodePath = ()
    hint: str | None = None
    path: str | None = None
    key: bool = False
    severity: Severity | None = None


DiffVisit = Callable[[Any], Iterable[Difference]]


@dataclass(frozen=True, slots=True)
class DiffRule:
    """A rule about changes. rule: its code, name, severity and page, as lint has them; it finds nothing in one state.

    level: what of the version it requires to be raised, None for nothing.
    """

    rule: Rule
    category: Category
    level: Level | None
    looks: Looks
    visit: DiffVisit


def diff_rule(
    code: str, severity: Severity, category: Category, level: Level | None, looks: Looks = Looks.PROMPT
) -> Callable[[DiffVisit], DiffRule]:
    """Make a DiffRule of a function `visit(subject) -> Iterable[Difference]`; its docstring becomes the rule's page."""

    def make(visit: DiffVisit) -> DiffRule:
        @wraps(visit)
        def silent(_subject: object, _context: object) -> Iterable[Hit]:
            return ()

        return DiffRule(plain_rule(code, severity, Subject.CHANGE)(silent), category, level, looks, visit)

    return make


def level_word(level: Level | None) -> str:
    """`major`, `minor`, `patch` or `none`."""
    return "none" if level is None else level.name.lower()
