"""Whom to ask about what: every case the judge saw flip, a random share of the rest, in an order that hides which is which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

from promptctl.gate.compare import PromptComparison
from promptctl.gate.review_cases import Labels, ReviewCase, Shown, review_case
from promptctl.model.config import GateConfig
from promptctl.model.review import Remaining
from promptctl.text.canonical import digest

FEWEST = 30  # of the rest: fewer labels say little about flips the judge did not see
FIRST_MOST = 100  # of the rest, at first; where that does not settle it, the verdict says how many more
EXPECTED_SPREAD = 0.1  # the variance of a concordant case that is planned with: people see a flip in one of ten


@dataclass(frozen=True, slots=True)
class Strata:
    """A prompt's cases. known: their human difference needs no label. flipped: by the judge, all of them asked.

    rest: the others, a judge's ERROR among them, in the random order in which they are asked. lost: an ERROR on a side
    that no label takes away.
    """

    known: tuple[ReviewCase, ...]
    flipped: tuple[ReviewCase, ...]
    rest: tuple[ReviewCase, ...]
    lost: tuple[ReviewCase, ...]

    @property
    def cases(self) -> int:
        """The cases that count."""
        return len(self.known) + len(self.flipped) + len(self.rest)

    @property
    def judged(self) -> bool:
        """Whether people could change anything."""
        return bool(self.flipped or self.rest)


def seed_of(*runs: str) -> str:
    """The seed of a review: the same for the same runs, so that it asks for the same cases in the same order."""
    return digest(["promptctl review", *runs])[:16]


def strata_of(one: PromptComparison, seed: str) -> Strata:
    """The cases of a prompt, ERRORs included, by what a label can add to them."""
    known, flipped, rest, lost = [], [], [], []
    for pair in (*one.pairs, *one.errored):
        case = review_case(one.prompt, pair, seed)
        if case.lost({}):
            lost.append(case)
        elif case.change({}) is not None:
            known.append(case)
        elif case.judged_change:
            flipped.append(case)
        else:
            rest.append(case)
    return Strata(tuple(known), tuple(flipped), in_sample_order(rest, seed), tuple(lost))


def in_sample_order(cases: Sequence[ReviewCase], seed: str) -> tuple[ReviewCase, ...]:
    """The cases in the random order of the seed: any beginning of it is a random sample."""
    return tuple(sorted(cases, key=lambda case: (_draw(seed, "sample", case), case.case)))


def _draw(seed: str, purpose: str, case: ReviewCase) -> str:
    """A number drawn for the case, as text; hashing gives the same draw on every machine and version."""
    return digest([seed, purpose, case.prompt, case.case])


def sample_size(strata: Strata, policy: GateConfig, *, share: float | None = None, number: int | None = None) -> int:
    """How many of the rest are asked: a share, a number, or as many as are expected to settle the verdict."""
    rest = len(strata.rest)
    if number is not None or share is not None:
        wanted = number if number is not None else ceil((share or 0.0) * rest - 1e-9)
        return min(rest, max(2, wanted))
    expected = _expected(strata, policy)
    return min(rest, max(FEWEST, min(FIRST_MOST, FIRST_MOST if expected is None else expected)))


def _expected(strata: Strata, policy: GateConfig) -> int | None:
    """The labels that bring the error down to the distance of the further boundary, were the judge right.

    None where even all of them would not, and where there is no case to label. The error of having drawn the cases leaves the less room for the sample's.
    """
    cases, rest = strata.cases, len(strata.rest)
    if not cases:
        return None
    changes = [case.judged_change or 0 for case in (*strata.known, *strata.flipped)]
    value = sum(changes) / cases
    ways = [-value] if value < 0 else []
    ways += [value + policy.max_drop] if value > -policy.max_drop else []
    distance = max(ways, default=0.0) / NormalDist().inv_cdf(policy.confidence)
    drawn = max(0.0, sum(one * one for one in changes) / cases - value * value) / cases
    left = distance * distance - (0.0 if policy.rule == "threshold" else drawn)
    if left <= 0:
        return None
    scaled = (sqrt(left) * cases / rest) ** 2 if rest else 1.0
    return ceil(1 / (scaled / EXPECTED_SPREAD + 1 / rest) - 1e-9) if rest else 0


def to_ask(strata: Strata, size: int, seed: str) -> tuple[ReviewCase, ...]:
    """The cases whose answers people label, flipped ones and the random sample shuffled together."""
    return tuple(
        sorted((*strata.flipped, *strata.rest[:size]), key=lambda case: (_draw(seed, "order", case), case.case))
    )


def sampled(strata: Strata, size: int, labels: Labels) -> tuple[ReviewCase, ...]:
    """The random sample that may be used: the longest beginning of the rest that is labelled, if it is `size` at least.

    A beginning, because leaving out what somebody skipped would make the sample a choice. Otherwise nothing.
    """
    done = 0
    while done < len(strata.rest) and strata.rest[done].settled(labels):
        done += 1
    return strata.rest[:done] if done >= size else ()


def remaining(strata: Strata, size: int, labels: Labels) -> Remaining | None:
    """What is still to be labelled; None where nothing is."""
    flipped = [case for case in strata.flipped if not case.settled(labels)]
    rest = [case for case in strata.rest[:size] if not case.settled(labels)]
    if not flipped and not rest:
        return None
    return Remaining(len(flipped), len(rest), sum(len(case.open_answers(labels)) for case in (*flipped, *rest)))


def open_items(cases: Sequence[ReviewCase], labels: Labels) -> tuple[tuple[ReviewCase, Shown], ...]:
    """The answers that still need a label, case by case."""
    return tuple((case, one) for case in cases for one in case.open_answers(labels))
