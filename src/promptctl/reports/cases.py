"""The results of a run, case by case: what each case came to, and what broke it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from promptctl.model.run import AssertionResult, Outcome, Run, SampleResult, case_outcome


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case and its samples, in their order. outcome follows the case's `pass_if`."""

    prompt: str
    case: str
    outcome: Outcome
    samples: tuple[SampleResult, ...]

    @property
    def worst(self) -> SampleResult:
        """The sample to show: of the case's own outcome where there is one, the lowest score first."""
        alike = [one for one in self.samples if one.outcome is self.outcome]
        return min(alike or self.samples, key=lambda one: (one.score is None, one.score or 0.0, one.sample))

    @property
    def score(self) -> float | None:
        """The mean of the scores there are, or None."""
        known = [one.score for one in self.samples if one.score is not None]
        return sum(known) / len(known) if known else None


def by_case(run: Run) -> tuple[CaseView, ...]:
    """Every case of `run` in the order in which its first sample is listed."""
    grouped: dict[tuple[str, str], list[SampleResult]] = {}
    for result in run.results:
        grouped.setdefault((result.prompt, result.case), []).append(result)
    return tuple(
        CaseView(prompt=prompt, case=case, outcome=_outcome(samples), samples=tuple(samples))
        for (prompt, case), samples in grouped.items()
    )


def _outcome(samples: list[SampleResult]) -> Outcome:
    samples.sort(key=lambda one: one.sample)
    return case_outcome([one.outcome for one in samples], pass_if=samples[0].pass_if)


def worst_first(cases: Sequence[CaseView], must_pass: Sequence[str]) -> list[CaseView]:
    """Cases in the order in which they deserve to be read: those that must pass, then the lowest scores."""
    return sorted(cases, key=lambda one: (not is_required(one, must_pass), one.score if one.score is not None else 2.0))


def is_required(case: CaseView, must_pass: Sequence[str]) -> bool:
    """Whether the case carries a tag whose cases must all pass."""
    return any(tag in must_pass for tag in case.samples[0].tags)


def broken(sample: SampleResult) -> tuple[tuple[str, str], ...]:
    """What kept a sample from passing, as (what, reason) pairs: its error, then the assertions that broke.

    Of a group (`any`, `all`, `weighted`) the members that broke are shown below it, indented.
    """
    pairs: list[tuple[str, str]] = []
    if sample.error is not None:
        pairs.append((sample.error_kind or "error", sample.error))
    pairs.extend(_broken_assertions(sample.assertions, indent=""))
    if not pairs and sample.outcome is Outcome.FAIL:
        pairs.append(("threshold", f"the case's score is {_score(sample.score)}, below its threshold"))
    return tuple(pairs)


def _score(score: float | None) -> str:
    return "unknown" if score is None else f"{score:.2f}"


def _broken_assertions(assertions: Sequence[AssertionResult], indent: str) -> Iterator[tuple[str, str]]:
    order = {Outcome.FAIL: 0, Outcome.ERROR: 1}
    for result in sorted((one for one in assertions if one.outcome in order), key=lambda one: order[one.outcome]):
        label = result.name or result.type
        reason = f"ERROR: {result.reason}" if result.outcome is Outcome.ERROR else result.reason
        yield indent + label, reason
        yield from _broken_assertions(result.children, indent + "  ")
