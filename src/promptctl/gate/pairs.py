"""The two sides of a case: samples averaged within it, because the case is the unit of everything that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from promptctl.assertions.results.judged import is_judged, judge_scores
from promptctl.model.run import AssertionResult, Outcome, SampleResult, case_outcome


@dataclass(frozen=True, slots=True)
class CaseSide:
    """One side of a case. outcome follows the case's `pass_if`; passed: samples that passed.

    score: the mean score of its samples; judge_score: the mean score of its judges; None where there is none.
    graded: whether an assertion other than a judge gave something between 0 and 1.
    """

    outcome: Outcome
    passed: int
    samples: tuple[SampleResult, ...]
    score: float | None = None
    judge_score: float | None = None
    graded: bool = False

    @property
    def speaking(self) -> SampleResult:
        """The sample that speaks for the outcome: of the case's own outcome where there is one, the lowest score first."""
        alike = [one for one in self.samples if one.outcome is self.outcome]
        return min(alike or self.samples, key=lambda one: (one.score is None, one.score or 0.0, one.sample))


@dataclass(frozen=True, slots=True)
class Pair:
    """A case on both sides. tags and cluster are the base's, so that a change cannot take a case out of its tag."""

    case: str
    base: CaseSide
    head: CaseSide
    tags: tuple[str, ...] = ()
    cluster: str | None = None

    @property
    def measured(self) -> bool:
        """Whether both sides have an outcome. An ERROR is neither a pass nor a fail."""
        return self.base.outcome is not Outcome.ERROR and self.head.outcome is not Outcome.ERROR

    @property
    def change(self) -> int:
        """Head minus base: -1 a regression, 1 an improvement, 0 neither. Only of measured pairs."""
        return (self.head.outcome is Outcome.PASS) - (self.base.outcome is Outcome.PASS)


def side_of(samples: Sequence[SampleResult]) -> CaseSide:
    """The side that `samples`, all of one case and at least one, add up to."""
    outcomes = [one.outcome for one in samples]
    scores = [one.score for one in samples if one.score is not None]
    judged = [score for one in samples for score in judge_scores(one.assertions)]
    return CaseSide(
        outcome=case_outcome(outcomes, pass_if=samples[0].pass_if),
        passed=outcomes.count(Outcome.PASS),
        samples=tuple(samples),
        score=sum(scores) / len(scores) if scores else None,
        judge_score=sum(judged) / len(judged) if judged else None,
        graded=any(_graded(assertion) for one in samples for assertion in one.assertions),
    )


def has_judge(assertions: Sequence[AssertionResult]) -> bool:
    """Whether a judge is among `assertions` or the members of their groups, whatever it came to."""
    return any(is_judged(one) for one in assertions)


def _graded(one: AssertionResult) -> bool:
    if one.children:
        return any(_graded(child) for child in one.children)
    return not is_judged(one) and one.score is not None and 0 < one.score < 1
