"""A single run in human eyes: its pass rate from a random sample of labels and the judge's word on the rest.

Opens scipy, so opened late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, hypot, sqrt
from statistics import NormalDist

from promptctl.gate.pairs import Pair, side_of
from promptctl.gate.review_cases import Labels, ReviewCase, review_case
from promptctl.gate.review_judge import arm_of
from promptctl.gate.review_plan import FEWEST, FIRST_MOST, Strata, in_sample_order, remaining, sampled
from promptctl.model.review import RatedPrompt
from promptctl.model.run import Outcome, Run, SampleResult
from promptctl.stats.agreement import Confusion, cohen_kappa, gwet_ac1
from promptctl.stats.correction import Estimate, prediction_powered
from promptctl.stats.proportions import wilson, zero_failure_bound

PRECISION = 0.05  # the half-width that more labels are counted for


@dataclass(frozen=True, slots=True)
class RunAsked:
    """A prompt of a run under review: all cases that have an outcome, sorted, and how many of the judged are wanted."""

    prompt: str
    path: str | None
    strata: Strata
    size: int


def run_asked(run: Run, seed: str, *, share: float | None = None, number: int | None = None) -> tuple[RunAsked, ...]:
    """The prompts of a run, each with its judged cases in the random order in which they are asked."""
    paths = {one.name: one.path for one in run.prompts}
    found = []
    for prompt, cases in _by_prompt(run.results).items():
        known: list[ReviewCase] = []
        rest: list[ReviewCase] = []
        lost: list[ReviewCase] = []
        for name, samples in cases.items():
            side = side_of(samples)
            case = review_case(prompt, Pair(name, side, side, tags=samples[0].tags, cluster=samples[0].cluster), seed)
            (lost if case.lost({}) else rest if case.base.outcome({}) is None else known).append(case)
        strata = Strata(tuple(known), (), in_sample_order(rest, seed), tuple(lost))
        wanted = number if number is not None else ceil(len(rest) * share - 1e-9) if share is not None else FIRST_MOST
        least = 2 if number is not None or share is not None else FEWEST
        found.append(RunAsked(prompt, paths.get(prompt), strata, min(len(rest), max(least, wanted))))
    return tuple(found)


def _by_prompt(results: Sequence[SampleResult]) -> Mapping[str, Mapping[str, list[SampleResult]]]:
    found: dict[str, dict[str, list[SampleResult]]] = {}
    for one in results:
        found.setdefault(one.prompt, {}).setdefault(one.case, []).append(one)
    return found


def rated(one: RunAsked, labels: Labels, confidence: float) -> RatedPrompt:
    """The prompt's rate in human eyes: prediction-powered inference, tuned (PPI++), over the cases the judge decided."""
    strata = one.strata
    judged = [_judge(case) for case in strata.rest]
    passed = sum(case.base.outcome({}) is Outcome.PASS for case in strata.known)
    total = strata.cases
    facts = RatedPrompt(
        prompt=one.prompt,
        path=one.path,
        cases=total,
        known=len(strata.known),
        judged=len(strata.rest),
        wanted=one.size,
        sampled=0,
        judge_rate=(passed + sum(judged)) / total if total else None,
        judge_interval=wilson(passed + round(sum(judged)), total, confidence=confidence),
        remaining=remaining(strata, one.size, labels),
        errors=len(strata.lost),
    )
    if facts.remaining is not None or not strata.rest:
        return facts
    picked = sampled(strata, one.size, labels)
    pairs = [(float(case.base.outcome(labels) is Outcome.PASS), _judge(case)) for case in picked]
    estimate = _rate(pairs, judged[len(picked) :], confidence)
    scale = len(strata.rest) / total
    return replace(
        _against_people(facts, picked, pairs, labels, confidence),
        rate=(passed + len(strata.rest) * estimate.value) / total,
        error=scale * estimate.error,
        interval=(
            (passed + len(strata.rest) * estimate.low) / total,
            (passed + len(strata.rest) * estimate.high) / total,
        ),
        more_labels=_more(estimate, scale, len(picked), len(strata.rest), confidence),
    )


def _judge(case: ReviewCase) -> float:
    """The judge's word; an ERROR counts as no pass, which prediction-powered inference corrects like any other."""
    return float(case.base.judged is Outcome.PASS)


def _rate(pairs: Sequence[tuple[float, float]], others: Sequence[float], confidence: float) -> Estimate:
    """The rate of the judged cases. Where people never contradicted the judge, how often they still may is added."""
    found = prediction_powered(pairs, others, tuned=True, confidence=confidence)
    if found is None:  # all are labelled
        passed = sum(human for human, _ in pairs)
        value = passed / len(pairs)
        interval = wilson(round(passed), len(pairs), confidence=confidence) or (0.0, 1.0)
        return Estimate(value, sqrt(value * (1 - value) / len(pairs)), *interval)
    if any(human != judge for human, judge in pairs):
        return found
    hidden = zero_failure_bound(len(pairs), confidence=confidence) or 0.0
    below, above = hypot(found.value - found.low, hidden), hypot(found.high - found.value, hidden)
    return replace(found, low=max(0.0, found.value - below), high=min(1.0, found.value + above))


def _against_people(
    facts: RatedPrompt,
    picked: Sequence[ReviewCase],
    pairs: Sequence[tuple[float, float]],
    labels: Labels,
    confidence: float,
) -> RatedPrompt:
    judged = [pair for pair, case in zip(pairs, picked, strict=True) if case.base.judged is not Outcome.ERROR]
    table = Confusion(*(judged.count(cell) for cell in ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0))))
    return replace(
        facts,
        sampled=len(picked),
        confusion=(table.both_pass, table.missed_passes, table.missed_fails, table.both_fail),
        judge=arm_of([(case, 1.0) for case in picked], labels, head=False, confidence=confidence),
        kappa=cohen_kappa(table.counts),
        ac1=gwet_ac1(table.counts),
    )


def _more(estimate: Estimate, scale: float, labelled: int, judged: int, confidence: float) -> int | None:
    """Further labels after which the rate is expected to be known to +- `PRECISION`; 0 where it is, None where never."""
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * estimate.error * scale
    if reach <= PRECISION:
        return 0
    wanted = ceil(labelled * (reach / PRECISION) ** 2)
    return wanted - labelled if wanted <= judged else None
