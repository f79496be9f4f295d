"""Two runs, case by case: what can be paired, and what cannot and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.gate.pairs import Pair, side_of
from promptctl.model.run import Run, SampleResult

Samples = Mapping[str, Sequence[SampleResult]]


@dataclass(frozen=True, slots=True)
class PromptComparison:
    """One prompt's cases. pairs: measured on both sides; errored: an ERROR on a side, so no pair.

    base_only, head_only: ids that one side lacks. edited: ids whose case or assertions differ between the sides, so
    that their outcomes do not mean the same. uneven: ids of which only the samples both sides have were taken.
    """

    prompt: str
    pairs: tuple[Pair, ...]
    errored: tuple[Pair, ...] = ()
    base_only: tuple[str, ...] = ()
    head_only: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    uneven: tuple[str, ...] = ()
    path: str | None = None

    @property
    def regressions(self) -> tuple[Pair, ...]:
        """Pairs that pass at the base and fail at the head."""
        return tuple(pair for pair in self.pairs if pair.change < 0)

    @property
    def improvements(self) -> tuple[Pair, ...]:
        """Pairs that fail at the base and pass at the head."""
        return tuple(pair for pair in self.pairs if pair.change > 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """All prompts that both runs have, in the head's order; base_only and head_only are names of prompts."""

    prompts: tuple[PromptComparison, ...]
    base_only: tuple[str, ...] = ()
    head_only: tuple[str, ...] = ()


def compare(base: Run, head: Run) -> Comparison:
    """The comparison of two runs, paired by the case's id within a prompt. Nothing is dropped without being listed."""
    before, after = _by_prompt(base), _by_prompt(head)
    paths = {one.name: one.path for one in (*base.prompts, *head.prompts)}
    return Comparison(
        prompts=tuple(
            _prompt(name, before[name], cases, paths.get(name)) for name, cases in after.items() if name in before
        ),
        base_only=tuple(name for name in before if name not in after),
        head_only=tuple(name for name in after if name not in before),
    )


def _by_prompt(run: Run) -> Mapping[str, dict[str, list[SampleResult]]]:
    """The samples of every case of every prompt; a prompt of the run without a result has no cases."""
    found: dict[str, dict[str, list[SampleResult]]] = {one.name: {} for one in run.prompts}
    for result in run.results:
        cases = found.setdefault(result.prompt, {})
        samples = cases.get(result.case)
        if samples is None:
            cases[result.case] = [result]
        else:
            samples.append(result)
    return found


def _prompt(name: str, base: Samples, head: Samples, path: str | None) -> PromptComparison:
    pairs: list[Pair] = []
    errored: list[Pair] = []
    edited: list[str] = []
    uneven: list[str] = []
    for case, before in base.items():
        after = head.get(case)
        if after is None:
            continue
        if _differs(before[0], after[0]):
            edited.append(case)
            continue
        if len(before) != len(after):
            uneven.append(case)
            before, after = _common(before, after)
        pair = Pair(case, side_of(before), side_of(after), tags=before[0].tags, cluster=before[0].cluster)
        (pairs if pair.measured else errored).append(pair)
    return PromptComparison(
        prompt=name,
        pairs=tuple(pairs),
        errored=tuple(errored),
        base_only=tuple(case for case in base if case not in head),
        head_only=tuple(case for case in head if case not in base),
        edited=tuple(edited),
        uneven=tuple(uneven),
        path=path,
    )


def _differs(before: SampleResult, after: SampleResult) -> bool:
    """Whether the case, or what judged it, is not the same on both sides. An ERROR may have no assertions to compare."""
    if before.case_digest != after.case_digest:
        return True
    if not before.assertions or not after.assertions:
        return False
    return [one.digest for one in before.assertions] != [one.digest for one in after.assertions]


def _common(
    before: Sequence[SampleResult], after: Sequence[SampleResult]
) -> tuple[Sequence[SampleResult], Sequence[SampleResult]]:
    """As many samples on both sides, the first of each: `pass_if: all` of four is harder than of one."""
    count = min(len(before), len(after))

    def first(samples: Sequence[SampleResult]) -> Sequence[SampleResult]:
        return sorted(samples, key=lambda one: one.sample)[:count]

    return first(before), first(after)
