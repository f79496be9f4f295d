"""Whose answers a judge of pairs prefers, the base's or the head's: wins, ties, how sure, and what else moved the judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from promptctl.stats.judge_bias import OrderAgreement, order_agreement
from promptctl.stats.paired import change_p, difference_interval


@dataclass(frozen=True, slots=True)
class Compared:
    """One case's two answers. verdict: "A" the head's, "B" the base's, "tie", or None where the judge gave none.

    first, second: whom the judge named with the head's answer first and second; None where it was not asked, because
    the answers are the same. longer: "A", "B" or None, whose answer has more characters.
    """

    case: str
    verdict: str | None
    first: str | None = None
    second: str | None = None
    longer: str | None = None


@dataclass(frozen=True, slots=True)
class Preference:
    """One prompt's cases. same: ties because both answers are the same; unjudged: cases without a verdict.

    difference: (head wins - base wins) / cases, with its interval; p: two-sided, of "neither is preferred". order: how
    far the place decided; None where nobody was asked. longer: the share of preferences for the longer answer.
    """

    prompt: str
    cases: int
    head: int
    base: int
    ties: int
    same: int
    unjudged: int
    difference: float | None
    interval: tuple[float, float] | None
    p: float
    order: OrderAgreement | None
    longer: float | None


def preference(prompt: str, compared: Sequence[Compared], *, confidence: float = 0.95) -> Preference:
    """The figures of one prompt. A tie counts for neither; where both orders disagree it is one.

    The difference of paired wins has Tango's (1998) interval; p is the mid-p sign test over the cases that somebody wins.
    """
    known = [one for one in compared if one.verdict is not None]
    counts = Counter(one.verdict for one in known)
    head, base, n = counts["A"], counts["B"], len(known)
    orders = [(one.first, one.second) for one in known if one.first is not None and one.second is not None]
    lengths = [one.longer == one.verdict for one in known if one.verdict in ("A", "B") and one.longer is not None]
    return Preference(
        prompt=prompt,
        cases=n,
        head=head,
        base=base,
        ties=counts["tie"],
        same=sum(one.verdict == "tie" and one.first is None for one in known),
        unjudged=len(compared) - n,
        difference=(head - base) / n if n else None,
        interval=difference_interval(base, head, n, confidence=confidence) if n else None,
        p=change_p(base, head),
        order=order_agreement(orders, confidence=confidence),
        longer=sum(lengths) / len(lengths) if lengths else None,
    )
