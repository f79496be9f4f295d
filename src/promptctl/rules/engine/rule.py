"""What a rule is: a function over one subject that yields hits, with a code, a severity and a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from promptctl.model.finding import Severity
from promptctl.model.golden import GoldenSet
from promptctl.model.prompt import Prompt
from promptctl.model.source import NodePath, Span
from promptctl.rules.engine.fixes import Fix


class Subject(StrEnum):
    """What a rule looks at, and so what its function is given as its first argument.

    FILE: a `File`, also where it could not be read as a prompt or golden set. PROMPT, JUDGE: a `Prompt`.
    GOLDEN: a `Tested`. PROJECT: an `Outline` of all files. CHANGE: a `Change`. IGNORE: an `Ignore`.
    """

    FILE = "file"
    PROMPT = "prompt"
    JUDGE = "judge"
    GOLDEN = "golden"
    PROJECT = "project"
    CHANGE = "change"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class Tested:
    """A golden set and the prompt it tests; None where no prompt claims it, or where that could not be read."""

    golden: GoldenSet
    prompt: Prompt | None


@dataclass(frozen=True, slots=True)
class Change:
    """A prompt before and after: at the base revision, and now. None: not there yet, or not any more.

    renumbered: `before` is another version of the same prompt in its own file, not this file before an edit.
    """

    before: Prompt | None
    after: Prompt | None
    renumbered: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found. `at` is the path of the node it is about, in the subject's own file.

    key: point at the node's key, not at its value. span: the very place, where it is known better than a node.
    path: another file than the subject's. severity: another than the rule's own. fix: what --fix does.
    """

    message: str
    at: NodePath = ()
    hint: str | None = None
    key: bool = False
    span: Span | None = None
    path: str | None = None
    severity: Severity | None = None
    fix: Fix | None = None


Visit = Callable[[Any, Any], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its stable code, its readable name, its severity, what it looks at, and the function that looks."""

    code: str
    name: str
    severity: Severity
    subjects: tuple[Subject, ...]
    visit: Visit
    doc: str


def rule(code: str, severity: Severity, *subjects: Subject) -> Callable[[Visit], Rule]:
    """Make a Rule of a function `visit(subject, context) -> Iterable[Hit]`; its docstring becomes the rule's page."""

    def make(visit: Visit) -> Rule:
        name = visit.__name__.replace("_", "-")
        return Rule(code=code, name=name, severity=severity, subjects=subjects, visit=visit, doc=visit.__doc__ or "")

    return make
