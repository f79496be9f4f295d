"""An assertion ready to judge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from promptctl.assertions.engine.shelf import Kind
from promptctl.model.answer import Answer, Ask, Reply, Score
from promptctl.model.errors import AssertionBroken, CallFailed
from promptctl.model.golden import AssertionSpec
from promptctl.model.run import AssertionResult, CallRecord, Outcome

if TYPE_CHECKING:
    from promptctl.assertions.reading.judging import Judging

Given = Reply | AssertionBroken | CallFailed


@dataclass(frozen=True, slots=True)
class Bound:
    """An assertion with its options checked. digest covers its wording, its options and its code's version.

    threshold: the one in force, the assertion's default included; None where it has none.
    refused: why it may not run here (`--no-exec`), or None; it is then ERROR and asks nothing.
    """

    spec: AssertionSpec
    kind: Kind = field(repr=False)
    options: Mapping[str, Any]
    digest: str
    threshold: float | None = None
    children: tuple[Bound, ...] = ()
    refused: str | None = None

    @property
    def waits(self) -> bool:
        """Whether judging needs a call or an execution."""
        return self.kind.waits or any(child.waits for child in self.children)

    @property
    def judges(self) -> tuple[Judging, ...]:
        """The judges that decide it, and those of its members; empty where none does."""
        own = self.kind.call("judges", options=self.options) if "judges" in self.kind.takes else ()
        return (*own, *(one for child in self.children for one in child.judges))

    @property
    def models(self) -> frozenset[str]:
        """The models that judging asks, known before anything is asked."""
        own = frozenset(self.kind.call("models", options=self.options)) if "models" in self.kind.takes else frozenset()
        return own.union((judge.prompt.model for judge in self.judges), *(child.models for child in self.children))

    def asks(self, answer: Answer) -> tuple[Ask, ...]:
        """What has to be asked before `judge`, members of a group in their order; empty for pure assertions."""
        try:
            return self._asks(answer)
        except AssertionBroken:
            return ()  # `judge` says why

    def _asks(self, answer: Answer) -> tuple[Ask, ...]:
        if self.refused:
            raise AssertionBroken(self.refused)
        if self.kind.is_group:
            return tuple(ask for child in self.children for ask in child.asks(answer))
        if self.kind.waits:
            return tuple(self.kind.call("ask", answer, options=self.options))
        return ()

    def judge(
        self,
        answer: Answer,
        replies: Sequence[Given] = (),
        *,
        calls: Sequence[CallRecord | None] = (),
        asked: int | None = None,
    ) -> AssertionResult:
        """The result for one answer; never raises.

        replies answer `asks(answer)` one by one; an AssertionBroken or CallFailed in place of a reply makes only
        the assertion that asked an ERROR. calls: the record of each, None where nothing came; they are kept. asked: how many asks there were, where the
        caller has just seen them: to make them anew costs a rendering of every judge's prompt.
        """
        records = tuple(one for one in calls if one is not None)
        try:
            if self.kind.is_group:
                return self._group(self._members(answer, replies, calls))
            return self._result(self._score(answer, replies, asked), calls=records)
        except (AssertionBroken, CallFailed) as reason:
            return broken(self, str(reason), calls=records)
        except Exception as bug:  # noqa: BLE001 - a defect in one assertion is ERROR for it, not the end of the run
            return broken(self, f"the assertion itself broke: {type(bug).__name__}: {bug}", calls=records)

    def _score(self, answer: Answer, replies: Sequence[Given], asked: int | None) -> Score:
        if not self.kind.waits:
            if self.refused:
                raise AssertionBroken(self.refused)
            score = self.kind.call("check", answer, options=self.options)
        else:
            wanted = asked or len(self._asks(answer))
            if not getattr(self.kind.module, "READS_BROKEN", False):
                for reply in replies:
                    if isinstance(reply, AssertionBroken | CallFailed):
                        raise reply
            if len(replies) != wanted:
                raise AssertionBroken(f"{len(replies)} of {wanted} replies came")
            score = self.kind.call("read", answer, tuple(replies), options=self.options)
        if not isinstance(score, Score) or not 0 <= score.score <= 1:
            raise AssertionBroken(f"the score is not a number from 0 to 1: {score!r}")
        return score

    def _members(
        self, answer: Answer, replies: Sequence[Given], calls: Sequence[CallRecord | None]
    ) -> tuple[AssertionResult, ...]:
        """Each member judged with its own share of the replies, and the calls that were its own."""
        results: list[AssertionResult] = []
        start = 0
        for child in self.children:
            asked = child.asks(answer)
            share, own = replies[start : start + len(asked)], calls[start : start + len(asked)]
            start += len(asked)
            results.append(child.judge(answer, share, calls=own, asked=len(asked)))
        return tuple(results)

    def _group(self, members: tuple[AssertionResult, ...]) -> AssertionResult:
        try:
            return self._result(self.kind.call("combine", members, options=self.options), children=members)
        except AssertionBroken as reason:
            return broken(self, str(reason), children=members)

    def _result(
        self, score: Score, *, children: tuple[AssertionResult, ...] = (), calls: tuple[CallRecord, ...] = ()
    ) -> AssertionResult:
        passed, value = score.passed, score.score
        if self.threshold is not None and "threshold" not in self.kind.parameters:
            passed = passed and value >= self.threshold
        if self.spec.negated:
            passed, value = not passed, 1 - value
        return AssertionResult(
            type=self.spec.spelling,
            outcome=Outcome.PASS if passed else Outcome.FAIL,
            score=value,
            reason=score.reason,
            digest=self.digest,
            name=self.spec.name,
            threshold=self.threshold,
            weight=self.spec.weight,
            required=self.spec.required,
            children=children,
            calls=calls,
            detail=score.detail,
        )


def broken(
    bound: Bound,
    reason: str,
    *,
    calls: Sequence[CallRecord] = (),
    children: tuple[AssertionResult, ...] = (),
) -> AssertionResult:
    """The result of an assertion that could not decide: ERROR, without a score, never inverted by `not-`."""
    return AssertionResult(
        type=bound.spec.spelling,
        outcome=Outcome.ERROR,
        score=None,
        reason=reason,
        digest=bound.digest,
        name=bound.spec.name,
        threshold=bound.threshold,
        weight=bound.spec.weight,
        required=bound.spec.required,
        children=children,
        calls=tuple(calls),
    )


def unit(value: float) -> float:
    """A ratio pushed into 0..1 where rounding left it a hair outside."""
    return min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
