"""The judge against people, side by side: does it err alike on the base's answers and on the head's?"""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.gate.review_cases import Labels, ReviewCase, Side
from promptctl.model.review import JudgeArm, SameForPeople
from promptctl.model.run import Outcome
from promptctl.model.verdict import Interval
from promptctl.stats.exact import clopper_pearson
from promptctl.stats.paired import change_p

Weighted = tuple[ReviewCase, float]


def arm_of(cases: Sequence[Weighted], labels: Labels, *, head: bool, confidence: float) -> JudgeArm:
    """The judge on one side of labelled cases, each with the number of cases it stands for."""
    seen = []
    for case, weight in cases:
        side = case.head if head else case.base
        human = side.outcome(labels)
        if _mattered(side) and human in (Outcome.PASS, Outcome.FAIL) and side.judged is not Outcome.ERROR:
            seen.append((human is Outcome.PASS, side.judged is human, weight))
    passes = [(right, weight) for human, right, weight in seen if human]
    fails = [(right, weight) for human, right, weight in seen if not human]
    tpr, tpr_interval = _share(passes, confidence)
    tnr, tnr_interval = _share(fails, confidence)
    return JudgeArm(len(passes), len(fails), tpr, tpr_interval, tnr, tnr_interval)


def _mattered(side: Side) -> bool:
    """Whether the judge had a say: what other assertions decided is no achievement of it."""
    return side.outcome({}) is None


def _share(found: Sequence[tuple[bool, float]], confidence: float) -> tuple[float | None, Interval | None]:
    """The weighted share that is right, and its interval at Kish's effective number of labels.

    Kish (1965), Survey sampling: (sum w)^2 / sum w^2 labels of one weight say as much as these; Korn and Graubard
    (1998), Confidence intervals for proportions with small expected number of positive counts estimated from survey
    data, Survey Methodology 24, put such a number into Clopper and Pearson's interval.
    """
    if not found:
        return None, None
    total = sum(weight for _, weight in found)
    share = sum(weight for right, weight in found if right) / total
    effective = total * total / sum(weight * weight for _, weight in found)
    return share, clopper_pearson(min(share * effective, effective), effective, confidence=confidence)


def same_for_people(flipped: Sequence[ReviewCase], labels: Labels, outcome: Outcome) -> SameForPeople:
    """The judge's flips on cases that people give `outcome` on both sides, by the side it preferred.

    Where people see the same on both sides, a judge that errs alike on both prefers either as often: McNemar's exact
    test of equal TPR (of passes) or equal TNR (of fails). Every flip is labelled, so nothing has to be weighed.
    """
    alike = [case for case in flipped if case.base.outcome(labels) is outcome and case.head.outcome(labels) is outcome]
    base = sum((case.judged_change or 0) < 0 for case in alike)
    head = len(alike) - base
    return SameForPeople(base, head, change_p(base, head, midp=False) if alike else None)
