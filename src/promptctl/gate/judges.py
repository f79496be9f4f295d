"""Whether judges may block a merge, and what a comparison says without those that may not.

A judge is measured against people's labels: the exact lower bound of its true negative rate is the share of failures it
surely catches. Below the policy's `min_tnr`, or without labels, it may warn and neither block nor acquit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from promptctl.assertions.results.judged import without_judges
from promptctl.gate.compare import PromptComparison
from promptctl.gate.pairs import CaseSide, Pair, has_judge, side_of
from promptctl.model.config import GateConfig
from promptctl.model.run import SampleResult
from promptctl.model.verdict import JudgeInForce


def may_block(one: PromptComparison, policy: GateConfig, judges: Sequence[JudgeInForce]) -> bool:
    """Whether what judges say of this prompt may decide: all of them are shown to catch `min_tnr` of the failures."""
    if policy.min_tnr is None or not is_judged(one):
        return True
    known = [judge for judge in judges if one.prompt in judge.prompts]
    return bool(known) and all(proven(judge, policy.min_tnr) for judge in known)


def proven(judge: JudgeInForce, min_tnr: float) -> bool:
    """Whether people's labels show that the judge catches at least this share of the failures."""
    return judge.tnr_lower is not None and judge.tnr_lower >= min_tnr


def unproven(policy: GateConfig, judges: Sequence[JudgeInForce]) -> frozenset[str]:
    """The prompts of which judges may not decide anything, because one that stands behind them is not proven."""
    least = policy.min_tnr
    if least is None:
        return frozenset()
    return frozenset(prompt for judge in judges if not proven(judge, least) for prompt in judge.prompts)


def is_judged(one: PromptComparison) -> bool:
    """Whether a judge is among what decides a case of the prompt."""
    pairs = (*one.pairs, *one.errored)
    return any(has_judge(sample.assertions) for pair in pairs for sample in (*pair.base.samples, *pair.head.samples))


def hard(one: PromptComparison) -> PromptComparison:
    """The comparison as everything but judges decides it; a case that only judges decide is in neither list."""
    found = [_hard_pair(pair) for pair in (*one.pairs, *one.errored)]
    known = [pair for pair in found if pair is not None]
    return replace(
        one,
        pairs=tuple(pair for pair in known if pair.measured),
        errored=tuple(pair for pair in known if not pair.measured),
    )


def _hard_pair(pair: Pair) -> Pair | None:
    base, head = _hard_side(pair.base), _hard_side(pair.head)
    return None if base is None or head is None else replace(pair, base=base, head=head)


def _hard_side(side: CaseSide) -> CaseSide | None:
    samples = [without_judges(sample) for sample in side.samples]
    known = [sample for sample in samples if sample is not None]
    return side_of(known) if known and len(known) == len(samples) else None


def hard_sample(sample: SampleResult) -> SampleResult:
    """The sample as everything but judges decides it; itself where nothing else does."""
    return without_judges(sample) or sample
