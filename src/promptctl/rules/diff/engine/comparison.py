"""What rules about changes look at: one prompt with its tests, a judge, or the project, before and after."""

from __future__ import annotations

from dataclasses import dataclass

from promptctl.changes.golden import GoldenChange
from promptctl.changes.policy import PolicyChange
from promptctl.changes.prompts import PromptChange
from promptctl.model.errors import Problem
from promptctl.rules.diff.engine.accepted import Acceptance


@dataclass(frozen=True, slots=True)
class PromptPair:
    """A prompt before and after. golden: what changed in its golden set, None where that is the same.

    checks: files the golden set's assertions read or run that changed. code: changed files that the answers of its target
    hang on. versions_left: of a version that is gone, the
    versions the project still has. golden_paths: where its golden set was and is, None for none.
    """

    change: PromptChange
    golden: GoldenChange | None = None
    checks: tuple[str, ...] = ()
    versions_left: tuple[str, ...] = ()
    golden_paths: tuple[str | None, str | None] = (None, None)
    code: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The prompt's name."""
        return self.change.name


@dataclass(frozen=True, slots=True)
class LonelyGolden:
    """A golden set that changed and that no prompt uses. name: what it is called in findings."""

    name: str
    golden: GoldenChange
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgePair:
    """A judge before and after; None where it is not there."""

    change: PromptChange


@dataclass(frozen=True, slots=True)
class SubmoduleMove:
    """A submodule at another commit. holds: whether the configuration looks for prompts, golden sets or judges in it."""

    path: str
    before: str | None
    after: str | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A changed file that cannot be read. side: "before" | "after"."""

    side: str
    path: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A project before and after: all that changed, and nothing that did not."""

    prompts: tuple[PromptPair, ...]
    lonely: tuple[LonelyGolden, ...]
    judges: tuple[JudgePair, ...]
    policy: PolicyChange
    submodules: tuple[SubmoduleMove, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing that promptctl looks at changed."""
        lists = (self.prompts, self.lonely, self.judges, self.submodules, self.unreadable, self.policy.changes)
        return not any(lists)


@dataclass(frozen=True, slots=True)
class Tests:
    """The tests of a prompt, for the rules about them. must_pass: the base's tags whose cases have to pass."""

    __test__ = False

    name: str
    golden: GoldenChange
    must_pass: tuple[str, ...]
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approvals a change brings that do not do what they are there for. unknown: nothing found has that fingerprint.

    expired: there is such a finding, and the approval's last day is over.
    """

    unknown: tuple[Acceptance, ...] = ()
    expired: tuple[Acceptance, ...] = ()
