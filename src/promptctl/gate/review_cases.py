"""Cases as people review them: which answers need a label, and what the case's outcome is with it.

A label stands for every judge of an answer: "by these rubrics, does it pass?". What the other assertions found are facts
and stay. So a case's human outcome is what the assertions, `threshold` and `pass_if` make of the same samples with the
judges' outcomes replaced, and an answer that fails `contains` fails whatever people think of its tone. A case whose
outcome, or whose difference, is the same whatever people would say needs no label: nobody is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from promptctl.assertions import all as all_of
from promptctl.assertions import any as any_of
from promptctl.assertions import weighted
from promptctl.assertions.engine import verdict
from promptctl.gate.pairs import CaseSide, Pair, has_judge
from promptctl.model.answer import Score
from promptctl.model.errors import AssertionBroken
from promptctl.model.run import AssertionResult, Completion, Outcome, SampleResult, case_outcome
from promptctl.text.canonical import digest

Labels = Mapping[str, bool]
_KEY_DIGITS = 15  # after a letter: a spreadsheet takes 12e4567 for a number


@dataclass(frozen=True, slots=True)
class Fate:
    """A sample's outcome if people pass its answer, and if they fail it. key: the answer's, None where it is all one."""

    key: str | None
    good: Outcome
    bad: Outcome


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a case. judged: the outcome the judges gave it."""

    fates: tuple[Fate, ...]
    pass_if: str | int
    judged: Outcome

    def outcome(self, labels: Labels) -> Outcome | None:
        """The outcome in human eyes; None where labels that are missing could still change it."""
        best, worst = (self._with(labels, unknown) for unknown in (True, False))
        return best if best is worst else None

    def at_best(self, labels: Labels) -> Outcome:
        """The outcome if people pass whatever they have not labelled; an ERROR then stays one, or hides a FAIL."""
        return self._with(labels, True)

    @property
    def keys(self) -> tuple[str, ...]:
        """The answers whose label matters, each once."""
        return tuple(dict.fromkeys(fate.key for fate in self.fates if fate.key is not None))

    def _with(self, labels: Labels, unknown: bool) -> Outcome:
        outcomes = [fate.good if fate.key is None or labels.get(fate.key, unknown) else fate.bad for fate in self.fates]
        return case_outcome(outcomes, pass_if=self.pass_if)


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer to be labelled, under the key that does not tell its side."""

    key: str
    completion: Completion


@dataclass(frozen=True, slots=True)
class ReviewCase:
    """A case on both sides, or on one (then `base` is the same as `head`). answers: to be labelled, in a hidden order."""

    prompt: str
    case: str
    base: Side
    head: Side
    answers: tuple[Shown, ...]
    pair: Pair

    @property
    def judged_change(self) -> int | None:
        """Head minus base by the judges: -1, 0 or 1; None where a side is an ERROR."""
        return self.pair.change if self.pair.measured else None

    def change(self, labels: Labels) -> int | None:
        """Head minus base in human eyes; None where it is open, or where a side cannot be judged by anybody."""
        if self._same:
            return 0
        before, after = self.base.outcome(labels), self.head.outcome(labels)
        if before in (None, Outcome.ERROR) or after in (None, Outcome.ERROR):
            return None
        return (after is Outcome.PASS) - (before is Outcome.PASS)

    def lost(self, labels: Labels) -> bool:
        """Whether a side is an ERROR that no label can take away."""
        if self._same:
            return False
        return any(Outcome.ERROR in (side.outcome(labels), side.at_best(labels)) for side in (self.base, self.head))

    def settled(self, labels: Labels) -> bool:
        """Whether further labels would change nothing."""
        if self.head is self.base:
            return self.base.outcome(labels) is not None or self.lost(labels)
        return self.change(labels) is not None or self.lost(labels)

    def open_answers(self, labels: Labels) -> tuple[Shown, ...]:
        """The answers that still need a label."""
        if self.settled(labels):
            return ()
        wanted = {
            key for side in (self.base, self.head) if side.outcome(labels) is None for key in side.keys
        } - labels.keys()
        return tuple(one for one in self.answers if one.key in wanted)

    @property
    def _same(self) -> bool:
        """Whether both sides gave the same answers: then nobody can see a difference."""
        if self.head is self.base or self.base.pass_if != self.head.pass_if:
            return False
        if any(one.key is None or Outcome.ERROR in (one.good, one.bad) for one in self.base.fates):
            return False
        return sorted(map(_order, self.base.fates)) == sorted(map(_order, self.head.fates))


def _order(fate: Fate) -> tuple[str, str, str]:
    return fate.key or "", fate.good.value, fate.bad.value


def review_case(prompt: str, pair: Pair, seed: str) -> ReviewCase:
    """The case of `pair`, whose sides are one and the same for a case of a single run. Its answers' keys and their order are drawn by `seed`."""
    shown: dict[str, Shown] = {}

    def key_of(completion: Completion) -> str:
        key = _key(completion, seed, prompt, pair.case)
        shown.setdefault(key, Shown(key, completion))
        return key

    base = side_of(pair.base, key_of)
    head = base if pair.head is pair.base else side_of(pair.head, key_of)
    needed = {*base.keys, *head.keys}
    return ReviewCase(prompt, pair.case, base, head, tuple(shown[key] for key in sorted(needed)), pair)


def _key(completion: Completion, seed: str, prompt: str, case: str) -> str:
    """The same for the same answer to the same case, on whichever side; it says nothing to who does not hold the runs."""
    calls = [[call.name, call.arguments] for call in completion.tool_calls]
    context = None if completion.context is None else list(completion.context)
    return "r" + digest([seed, prompt, case, completion.output, calls, context])[:_KEY_DIGITS]


def side_of(side: CaseSide, key_of: Callable[[Completion], str]) -> Side:
    """The side with what each sample becomes under either label."""
    fates = tuple(_fate(sample, key_of) for sample in side.samples)
    return Side(fates, side.samples[0].pass_if, side.outcome)


def _fate(sample: SampleResult, key_of: Callable[[Completion], str]) -> Fate:
    if sample.completion is None or not has_judge(sample.assertions):
        return Fate(None, sample.outcome, sample.outcome)
    good, bad = (_outcome(sample, passes) for passes in (True, False))
    return Fate(None if good is bad else key_of(sample.completion), good, bad)


def _outcome(sample: SampleResult, passes: bool) -> Outcome:
    results = [labelled(one, passes) for one in sample.assertions]
    return verdict(results, sample.threshold)[0]


def labelled(one: AssertionResult, passes: bool) -> AssertionResult:
    """The result with every judge in it replaced by a person who said so; groups are combined anew.

    Of a negated group with a judge in it the label is the group's: nobody should have to think around two corners.
    """
    if not has_judge((one,)):
        return one
    combine = _combiner(one)
    if combine is None or not one.children:
        return replace(one, outcome=Outcome.PASS if passes else Outcome.FAIL, score=1.0 if passes else 0.0)
    children = tuple(labelled(child, passes) for child in one.children)
    try:
        score = combine(children)
    except AssertionBroken:
        return replace(one, outcome=Outcome.ERROR, score=None, children=children)
    outcome = Outcome.PASS if score.passed else Outcome.FAIL
    return replace(one, outcome=outcome, score=score.score, children=children)


def _combiner(one: AssertionResult) -> Callable[[Sequence[AssertionResult]], Score] | None:
    """What makes one result of a group's members; None for an assertion that is no group, or a negated one."""
    if one.type == "weighted":
        return lambda members: weighted.combine(members, threshold=one.threshold or 1.0)
    plain = {"all": all_of.combine, "any": any_of.combine}.get(one.type)
    if plain is None or one.threshold is None:
        return plain
    least = one.threshold

    def combined(members: Sequence[AssertionResult]) -> Score:
        score = plain(members)
        return replace(score, passed=score.passed and score.score >= least)

    return combined
