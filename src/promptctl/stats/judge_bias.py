"""What moves a judge beside an answer's quality: the place it is shown in, its length, the prompt it came from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median

from promptctl.stats.agreement import Confusion
from promptctl.stats.exact import clopper_pearson
from promptctl.stats.fisher import fisher_p
from promptctl.stats.multiple import holm
from promptctl.stats.orders import lean
from promptctl.stats.paired import change_p, difference_interval


@dataclass(frozen=True, slots=True)
class OrderAgreement:
    """A pairwise judge asked in both orders: how often the order did not matter, and to which place it leans.

    to_first, to_second: pairs whose verdict moved towards whatever stood in that place. p: two-sided, of "it leans to
    neither place".
    """

    pairs: int
    consistent: int
    agreement: float
    interval: tuple[float, float] | None
    to_first: int
    to_second: int
    p: float


def order_agreement(verdicts: Sequence[tuple[str, str]], *, confidence: float = 0.95) -> OrderAgreement | None:
    """From the verdicts ("A", "B", "tie") with A shown first and with B shown first; None of no pairs.

    A verdict better for A when A stood first leans to the first place. Without a position bias either direction is
    equally likely: the mid-p binomial test of the two. Zheng and others (2023), arXiv 2306.05685; Wang and others
    (2023), arXiv 2305.17926.
    """
    if not verdicts:
        return None
    leans = Counter(lean(first, second) for first, second in verdicts)
    pairs, consistent = len(verdicts), leans[0]
    interval = clopper_pearson(consistent, pairs, confidence=confidence)
    return OrderAgreement(
        pairs, consistent, consistent / pairs, interval, leans[1], leans[-1], change_p(leans[1], leans[-1])
    )


@dataclass(frozen=True, slots=True)
class LengthBias:
    """How much more a judge favours length than people do on the same items; shares and differences of 0..1.

    judge, human: of a pairwise judge the share of preferences for the longer answer; else the pass rate of the longer
    half less that of the shorter. excess: judge less human, with its interval. items: how many it is measured on.
    """

    items: int
    judge: float
    human: float
    excess: float
    interval: tuple[float, float]


def length_bias_of_pairs(pairs: Sequence[tuple[int, int, str, str]], *, confidence: float = 0.95) -> LengthBias | None:
    """From (length of A, length of B, human, judge), the judge's verdicts being those that both orders gave.

    Counted where the lengths differ and both prefer one; None where nobody does. The judge is held against the people,
    not against one half: better answers may well be longer. The interval is Tango's (1998) for paired proportions.
    """
    rows = [
        (("A" if one > other else "B"), human, judge)
        for one, other, human, judge in pairs
        if one != other and human != "tie" and judge != "tie"
    ]
    if not rows:
        return None
    by_both = Counter((human == longer, judge == longer) for longer, human, judge in rows)
    only_human, only_judge, count = by_both[True, False], by_both[False, True], len(rows)
    interval = difference_interval(only_human, only_judge, count, confidence=confidence)
    assert interval is not None
    both = by_both[True, True]
    return LengthBias(
        count, (both + only_judge) / count, (both + only_human) / count, (only_judge - only_human) / count, interval
    )


def length_bias_of_answers(answers: Sequence[tuple[int, bool, bool]], *, confidence: float = 0.95) -> LengthBias | None:
    """From (length, human passes, judge passes): how much more of the longer half the judge lets pass than people do.

    The halves are those above the median length and the rest; None where one is empty. In each half judge less human
    is a paired difference with Tango's (1998) interval; their difference has the interval of Zou and Donner (2008),
    Construction of confidence limits about effect measures: a general approach, Statistics in Medicine 27, which keeps
    the width of both where there is no disagreement at all.
    """
    if not answers:
        return None
    middle = median(length for length, _, _ in answers)
    long = [(human, judge) for length, human, judge in answers if length > middle]
    short = [(human, judge) for length, human, judge in answers if length <= middle]
    if not long or not short:
        return None
    above, below = _leniency(long, confidence), _leniency(short, confidence)
    excess = above[0] - below[0]
    low = excess - sqrt((above[0] - above[1]) ** 2 + (below[2] - below[0]) ** 2)
    high = excess + sqrt((above[2] - above[0]) ** 2 + (below[0] - below[1]) ** 2)
    human, judge = (_share(long, who) - _share(short, who) for who in (0, 1))
    return LengthBias(len(answers), judge, human, excess, (low, high))


def _leniency(rows: Sequence[tuple[bool, bool]], confidence: float) -> tuple[float, float, float]:
    """The judge's pass rate less the human one, with its interval."""
    only_human = sum(human and not judge for human, judge in rows)
    only_judge = sum(judge and not human for human, judge in rows)
    interval = difference_interval(only_human, only_judge, len(rows), confidence=confidence)
    assert interval is not None
    return (only_judge - only_human) / len(rows), *interval


def _share(rows: Sequence[tuple[bool, bool]], who: int) -> float:
    return sum(row[who] for row in rows) / len(rows)


@dataclass(frozen=True, slots=True)
class Differential:
    """How a judge errs on one prompt's answers and on all others'.

    tpr, tnr: (hits, trials) on this prompt; the p-values, of "it errs alike on the rest", are Holm-adjusted over all
    prompts and both rates, and None where one side has no item of that class.
    """

    prompt: str
    tpr: tuple[int, int]
    tnr: tuple[int, int]
    tpr_p: float | None
    tnr_p: float | None


def differential_error(tables: Mapping[str, Confusion]) -> tuple[Differential, ...]:
    """Whether a judge errs differently on the answers of different prompts; nothing for fewer than two prompts.

    Each prompt against the rest by Fisher's exact test, adjusted by Holm. An error that is alike on two sides only
    shrinks a difference between them; one that is not makes up a difference or hides it.
    """
    if len(tables) < 2:
        return ()
    names = sorted(tables)
    if len(names) == 2:
        names = names[:1]  # the other is its rest
    found = []
    for name in names:
        rest = [table for other, table in tables.items() if other != name]
        mine = tables[name]
        tpr = fisher_p((mine.both_pass, mine.passes), (sum(t.both_pass for t in rest), sum(t.passes for t in rest)))
        tnr = fisher_p((mine.both_fail, mine.fails), (sum(t.both_fail for t in rest), sum(t.fails for t in rest)))
        found.append((tpr, tnr))
    known = [p for pair in found for p in pair if p is not None]
    adjusted = iter(holm(known))
    by_name = {
        name: tuple(None if p is None else next(adjusted) for p in pair)
        for name, pair in zip(names, found, strict=True)
    }
    return tuple(_differential(name, tables[name], by_name.get(name, by_name[names[0]])) for name in sorted(tables))


def _differential(name: str, table: Confusion, p: Sequence[float | None]) -> Differential:
    return Differential(name, (table.both_pass, table.passes), (table.both_fail, table.fails), p[0], p[1])
