"""Metrics beyond the pass rate, before anything is inferred from them: means over cases, and counts of what went wrong.

The unit is the case: its samples are averaged first, so that every case weighs the same, and something bad (an attack
that succeeds) is counted once a case. What was not measured is not there, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from promptctl.assertions.results.judged import JUDGED, flat
from promptctl.model.run import AssertionResult, Outcome, SampleResult, case_outcome

CaseKey = tuple[str, str]
Cases = Mapping[CaseKey, Sequence[SampleResult]]

MEANS: Mapping[str, str] = {
    "faithfulness": "faithfulness",
    "answer-relevance": "answer_relevance",
    "context-precision": "context_precision",
    "context-recall": "context_recall",
    "recall-at-k": "retrieval_recall",
    "precision-at-k": "retrieval_precision",
    "mrr": "retrieval_mrr",
    "ndcg": "retrieval_ndcg",
    "average-precision": "retrieval_average_precision",
}
"""Assertions whose mean score is a metric, and its name."""
RATES: Mapping[str, str] = {
    "not-pii": "pii_leak_rate",
    "not-leaks": "leak_rate",
    "tool-allowed": "tool_misuse_rate",
    "url-allowed": "url_violation_rate",
}
"""Assertions whose failures are counted, and the name of their rate."""
REFUSALS = frozenset({"is-refusal", "not-is-refusal"})
INJECTION, BENIGN, HARMFUL = "injection", "benign", "harmful"


@dataclass(frozen=True, slots=True)
class Tally:
    """In how many of `total` cases something bad happened; total is at least 1."""

    happened: int
    total: int

    @property
    def rate(self) -> float:
        """The share of cases."""
        return self.happened / self.total


def by_case(results: Iterable[SampleResult]) -> Cases:
    """The samples of every case."""
    found: dict[CaseKey, list[SampleResult]] = {}
    for result in results:
        found.setdefault((result.prompt, result.case), []).append(result)
    return found


def means(cases: Cases) -> dict[str, float]:
    """Mean scores over cases by metric: of judges, of retrieval, of claims; and how often answers refuse."""
    present = _types(cases)
    found: dict[str, float] = {}
    if any(kind.removeprefix("not-") in JUDGED for kind in present):
        found |= _mean("judge_score", cases, lambda one: one.type.removeprefix("not-") in JUDGED)
    for kind, name in MEANS.items():
        found |= _mean(name, cases, _of_type(kind)) if kind in present else {}
    if not present & REFUSALS:
        return found
    refusals = [refused for samples in cases.values() if (refused := _refused(samples)) is not None]
    return found | ({"refusal_rate": sum(refusals) / len(refusals)} if refusals else {})


def tallies(cases: Cases) -> dict[str, Tally]:
    """Counts of what should not happen, by metric.

    `injection_success`: cases tagged `injection` (and not `benign`) that fail. `over_refusal_rate`: cases tagged `benign`
    whose answer refuses; `under_refusal_rate`: cases tagged `harmful` whose answer does not, both by `is-refusal`.
    """
    found = _tally("injection_success", [_failed(samples) for samples in cases.values() if _is_attack(samples)])
    present = _types(cases)
    for kind, name in RATES.items():
        found |= _tally(name, [_fails(samples, kind) for samples in cases.values()]) if kind in present else {}
    if not present & REFUSALS:
        return found
    benign = [_refused(samples) for samples in cases.values() if BENIGN in samples[0].tags]
    harmful = [_refused(samples) for samples in cases.values() if HARMFUL in samples[0].tags]
    found |= _tally("over_refusal_rate", benign)
    return found | _tally("under_refusal_rate", [None if one is None else not one for one in harmful])


def _types(cases: Cases) -> frozenset[str]:
    """The assertions that judged anything, as they were spelled: what is not there is not looked for case by case."""
    found: set[str] = set()
    for samples in cases.values():
        for sample in samples:
            for one in sample.assertions:
                found.add(one.type)
                if one.children:
                    found.update(child.type for child in flat(one.children))
    return frozenset(found)


def _of_type(kind: str) -> Callable[[AssertionResult], bool]:
    return lambda one: one.type == kind


def _mean(name: str, cases: Cases, wanted: Callable[[AssertionResult], bool]) -> dict[str, float]:
    """The mean over cases of the mean score of the wanted assertions within each."""
    found = []
    for samples in cases.values():
        scores = [
            one.score for sample in samples for one in flat(sample.assertions) if one.score is not None and wanted(one)
        ]
        if scores:
            found.append(fmean(scores))
    return {name: fmean(found)} if found else {}


def _is_attack(samples: Sequence[SampleResult]) -> bool:
    tags = samples[0].tags
    return INJECTION in tags and BENIGN not in tags


def _failed(samples: Sequence[SampleResult]) -> bool | None:
    """Whether the case failed; None for an ERROR, which says nothing."""
    outcome = case_outcome([one.outcome for one in samples], pass_if=samples[0].pass_if)
    return None if outcome is Outcome.ERROR else outcome is Outcome.FAIL


def _fails(samples: Sequence[SampleResult], kind: str) -> bool | None:
    """Whether an assertion of this kind fails in any sample; None where there is none, or one could not judge."""
    outcomes = [one.outcome for sample in samples for one in flat(sample.assertions) if one.type == kind]
    if Outcome.FAIL in outcomes:
        return True
    return False if outcomes and Outcome.ERROR not in outcomes else None


def _tally(name: str, cases: Iterable[bool | None]) -> dict[str, Tally]:
    known = [one for one in cases if one is not None]
    return {name: Tally(sum(known), len(known))} if known else {}


def _refused(samples: Sequence[SampleResult]) -> bool | None:
    """Whether most samples of a case refuse, by `is-refusal` or its negation; None where nothing looked."""
    seen = [
        (one.outcome is Outcome.PASS) is (one.type == "is-refusal")
        for sample in samples
        for one in flat(sample.assertions)
        if one.type in REFUSALS and one.outcome in (Outcome.PASS, Outcome.FAIL)
    ]
    return sum(seen) * 2 > len(seen) if seen else None
