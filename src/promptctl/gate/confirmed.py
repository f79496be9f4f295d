"""Flips are confirmed, not believed: which cases need fresh samples, and what the fresh samples make of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.gate.compare import Comparison, PromptComparison
from promptctl.gate.pairs import Pair
from promptctl.model.run import Outcome
from promptctl.stats.confirm import Flip, confirm

CaseKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The fresh samples of one flipped case: whether each passed, on both sides, and how many of each are needed.

    The samples that made the case look flipped are not among them, and one that is an ERROR is not either.
    """

    base: tuple[bool, ...]
    head: tuple[bool, ...]
    needed: int

    @property
    def flip(self) -> Flip:
        """What the fresh samples say: confirmed in a direction, refuted, or still open."""
        return confirm(self.base, self.head, needed=self.needed)

    @property
    def newly_fails(self) -> bool | None:
        """Whether a case that must pass newly fails: every fresh head sample fails and a base sample passes.

        None while more samples could still tell. Milder on the base than `flip`: a base that passes most of the time
        and a head that never does is a loss that must not hide behind the base's one bad day.
        """
        if any(self.head):
            return False
        if len(self.head) < self.needed or (len(self.base) < self.needed and not any(self.base)):
            return None
        return any(self.base)

    def wants_more(self, *, must_pass: bool) -> bool:
        """Whether another sample on each side could still change what is concluded."""
        return self.flip is Flip.OPEN or (must_pass and self.newly_fails is None)


Confirmations = Mapping[CaseKey, Confirmation]


def to_confirm(comparison: Comparison) -> tuple[CaseKey, ...]:
    """Every flipped case, both directions, as (prompt, case): the ones that deserve fresh samples."""
    return tuple((one.prompt, pair.case) for one in comparison.prompts for pair in one.pairs if pair.change)


def must_pass(pair: Pair, tags: Sequence[str]) -> bool:
    """Whether the case carries a tag whose cases may never newly fail."""
    return any(tag in tags for tag in pair.tags)


def flip_of(pair: Pair, prompt: str, confirmations: Confirmations | None, needed: int) -> Flip | None:
    """What is known of a flipped case beyond the samples that made it look flipped; None where nothing can be.

    Without confirmations, which is where answers already exist and nobody can be asked again, the case's own samples
    count: the first shows the flip, `needed` further ones on each side confirm it. Fewer confirm nothing.
    """
    if confirmations is not None:
        found = confirmations.get((prompt, pair.case))
        return Flip.OPEN if found is None else found.flip
    given = _given(pair, needed)
    return None if given is None or given.flip is Flip.OPEN else given.flip


def _given(pair: Pair, needed: int) -> Confirmation | None:
    """The samples after the first as fresh ones; None where none are needed or there are too few."""
    base, head = pair.base.samples[1:], pair.head.samples[1:]
    if needed < 1 or min(len(base), len(head)) < needed:
        return None
    if any(one.outcome is Outcome.ERROR for one in (*base, *head)):
        return None
    return Confirmation(
        tuple(one.outcome is Outcome.PASS for one in base), tuple(one.outcome is Outcome.PASS for one in head), needed
    )


def newly_fails(pair: Pair, prompt: str, confirmations: Confirmations | None) -> bool | None:
    """Whether a case that must pass and flipped from pass to fail newly fails; None where that is still open.

    Without confirmations it does where every one of the head's samples fails: there is nothing else to ask.
    """
    if confirmations is None:
        return pair.head.passed == 0
    found = confirmations.get((prompt, pair.case))
    return None if found is None else found.newly_fails


@dataclass(frozen=True, slots=True)
class Facts:
    """Flips confirmed on every fresh sample of both sides; None where no fresh samples were at hand."""

    regressions: int | None
    improvements: int | None


def facts_of(one: PromptComparison, confirmations: Confirmations | None, needed: int) -> Facts:
    """The confirmed flips of a prompt."""
    flips = [flip_of(pair, one.prompt, confirmations, needed) for pair in one.pairs if pair.change]
    if confirmations is None and not any(flips):
        return Facts(None, None)
    return Facts(flips.count(Flip.REGRESSION), flips.count(Flip.IMPROVEMENT))
