"""A judge that changes is a change of its own: the same answers by the old judge and by the new one.

Scores of two judges are never compared with each other. Both sides of a gate are judged by one judge; what the head's
own judges say of the head's answers is run beside it, and this is where the two meet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.assertions.results.judged import flat, is_judged
from promptctl.gate import wording
from promptctl.model.run import Outcome, SampleResult
from promptctl.stats.agreement import Pair, cohen_kappa
from promptctl.stats.paired import change_p


@dataclass(frozen=True, slots=True)
class Bridge:
    """The same answers by two judges. stricter: answers that only the new one fails; milder: that only the old one does."""

    prompt: str
    answers: int
    old_passed: int
    new_passed: int
    stricter: int
    milder: int

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa between the two; None where both say one and the same of everything."""
        both = self.new_passed - self.milder
        neither = self.answers - both - self.stricter - self.milder
        counts: dict[Pair, int] = {
            (True, True): both,
            (True, False): self.stricter,
            (False, True): self.milder,
            (False, False): neither,
        }
        return cohen_kappa(counts)

    @property
    def p_value(self) -> float:
        """Two-sided mid-p of "one is stricter than the other". McNemar (1947); Fagerland and others (2013)."""
        return change_p(self.stricter, self.milder)


def bridges(old: Iterable[SampleResult], new: Iterable[SampleResult]) -> tuple[Bridge, ...]:
    """By prompt, the answers that both have, of the same case and the same request, judged by other judges.

    old: judged by the judges in force; new: by those of the change. A sample that is an ERROR on a side says nothing.
    """
    before = {_key(one): one for one in old}
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for one in new:
        other = before.get(_key(one))
        if other is not None and _judges(other) != _judges(one) and _decided(one) and _decided(other):
            pairs.setdefault(one.prompt, []).append((other.outcome is Outcome.PASS, one.outcome is Outcome.PASS))
    return tuple(_bridge(prompt, seen) for prompt, seen in pairs.items())


def sentence(one: Bridge) -> str:
    """What the change of judges does, in one sentence."""
    kappa = "" if one.kappa is None else f", kappa {one.kappa:.2f}"
    return (
        f"{one.prompt}: another judge: of the same {one.answers:,} answers the one in force passes {one.old_passed:,} and "
        f"that of the change {one.new_passed:,} ({one.stricter:,} newly fail, {one.milder:,} newly pass{kappa}, "
        f"{wording.p_value(one.p_value)}); their verdicts are not compared with each other"
    )


def _key(one: SampleResult) -> tuple[object, ...]:
    return one.prompt, one.case, one.case_digest, one.request_digest, one.sample


def _judges(one: SampleResult) -> Sequence[tuple[str, str]]:
    """Who judged it, by name and identity."""
    said: list[Mapping[str, str]] = []
    for result in flat(one.assertions):
        if is_judged(result):
            said += result.detail.get("judges") or ([result.detail] if result.detail else [])
    return sorted((entry.get("judge", ""), entry.get("judge_digest", "")) for entry in said)


def _decided(one: SampleResult) -> bool:
    return one.outcome in (Outcome.PASS, Outcome.FAIL)


def _bridge(prompt: str, seen: Sequence[tuple[bool, bool]]) -> Bridge:
    table = Counter(seen)
    both, stricter, milder = table[True, True], table[True, False], table[False, True]
    return Bridge(prompt, len(seen), both + stricter, both + milder, stricter, milder)
