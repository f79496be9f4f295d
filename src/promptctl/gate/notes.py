"""What a reader of a verdict should know beside it: limits of what was measured, nothing that decides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from promptctl.gate import wording
from promptctl.gate.compare import PromptComparison
from promptctl.gate.confirmed import Confirmations, flip_of, must_pass
from promptctl.gate.measures import format_only
from promptctl.model.config import GateConfig
from promptctl.model.run import Outcome
from promptctl.model.verdict import Metric
from promptctl.stats.confirm import Flip
from promptctl.stats.paired import fewest_flips

_FEW_CLUSTERS = 30


def notes_of(
    one: PromptComparison, metrics: Sequence[Metric], policy: GateConfig, confirmations: Confirmations | None
) -> tuple[str, ...]:
    """The notes on one prompt."""
    return (
        *_unpaired(one),
        *_few(metrics, policy),
        *_flaky(one, policy, confirmations),
        *_format(one),
    )


def _unpaired(one: PromptComparison) -> Iterator[str]:
    if one.base_only:
        yield f"only the base has {wording.cases(len(one.base_only))}: {wording.names(one.base_only)}"
    if one.head_only:
        new = wording.cases(len(one.head_only))
        yield f"only the head has {new}, reported and not gated: {wording.names(one.head_only)}"
    if one.edited:
        yield f"{wording.cases(len(one.edited))} not compared, the case or its assertions differ: {wording.names(one.edited)}"
    if one.uneven:
        yield f"{wording.cases(len(one.uneven))} with more samples on one side: as many as both have were compared"
    if one.errored:
        yield f"{wording.cases(len(one.errored))} with an ERROR, left out of the pairs"


def _few(metrics: Sequence[Metric], policy: GateConfig) -> Iterator[str]:
    if not metrics:
        return
    rate = metrics[0]
    needed = fewest_flips(alpha=1 - policy.confidence)
    if policy.rule == "evidence" and rate.n < needed:
        yield f"with {wording.cases(rate.n)} no test can show a regression: it takes {needed} at least"
    clusters = rate.units
    if clusters is not None and clusters < rate.n and clusters < _FEW_CLUSTERS:
        yield f"{clusters:,} clusters are few: the intervals may be too narrow"


def _flaky(one: PromptComparison, policy: GateConfig, confirmations: Confirmations | None) -> Iterator[str]:
    flips = [pair for pair in one.pairs if pair.change]
    refuted = [pair.case for pair in flips if flip_of(pair, one.prompt, confirmations, policy.confirm) is Flip.REFUTED]
    if refuted:
        yield f"{wording.cases(len(refuted))} flipped and did not do so again: {wording.names(refuted)}"
    if confirmations is None:
        sometimes = [pair.case for pair in one.regressions if must_pass(pair, policy.must_pass) and pair.head.passed]
        if sometimes:
            yield f"{wording.cases(len(sometimes))} that must pass fail in some samples: {wording.names(sometimes)}"


def _format(one: PromptComparison) -> Iterator[str]:
    formal = [
        pair.case
        for pair in one.regressions
        if all(format_only(sample) for sample in pair.head.samples if sample.outcome is Outcome.FAIL)
    ]
    if formal:
        count = len(one.regressions)
        yield f"{len(formal):,} of {count:,} regressions are failures of format alone: {wording.names(formal)}"
