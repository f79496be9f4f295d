"""Everything an audit says of a judge, worked out from the labels."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.model.label import Label
from promptctl.stats.agreement import (
    Confusion,
    Count,
    Pair,
    Reliability,
    cohen_kappa,
    fails_for_bound,
    gwet_ac1,
    labels_needed,
    observed_agreement,
)
from promptctl.stats.exact import clopper_pearson
from promptctl.stats.judge_bias import (
    Differential,
    LengthBias,
    OrderAgreement,
    differential_error,
    length_bias_of_answers,
    length_bias_of_pairs,
    order_agreement,
)
from promptctl.stats.krippendorff import krippendorff_alpha
from promptctl.stats.label_plan import Verdicts, labelled_verdicts, verdicts_for_floor, verdicts_for_width
from promptctl.stats.labelled import Item, Labelled, LabellerPair, categories, confusion_of, labeller_pairs
from promptctl.stats.stratified import Stratum, is_plain, parts_of, stratified, weighted
from promptctl.text.canonical import canonical

HALF_WIDTH = 0.10
_PLANNED = (0.05, 0.95)  # a share of nothing or of all would plan no labels at all


@dataclass(frozen=True, slots=True)
class Needed:
    """Labels of one class: those there are, and those that pin its rate to +- HALF_WIDTH."""

    have: int
    need: int


@dataclass(frozen=True, slots=True)
class ByVerdict:
    """Labels by the judge's verdicts: those there are, those that pin its TNR to +- HALF_WIDTH, those for the floor.

    pool: how many items the sample stands for. None where no number of labels does, or no floor is set.
    """

    pool: int
    have: Verdicts
    for_width: Verdicts | None
    for_floor: Verdicts | None


@dataclass(frozen=True, slots=True)
class Consistency:
    """A judge asked several times about the same items. items: those every repeat gave a verdict on.

    same: those all repeats agree on. alpha: Krippendorff's, of the repeats as raters. without: items with a repeat
    that gave no verdict.
    """

    repeats: int
    items: int
    same: int
    interval: tuple[float, float] | None
    alpha: float | None
    without: int


@dataclass(frozen=True, slots=True)
class Audit:
    """A judge against people.

    agreement, kappa and ac1 are over the words of the labels (of a pairwise judge three); rates: its TPR and TNR, of
    pass and fail; all are of the pool that was drawn from. fails_needed: human fails at which the bound of the TNR
    reaches min_tnr, None where it never does or no floor is set. by_verdict: the labels needed of a sample that was
    drawn by verdict, where what people will say is nothing to plan by. labellers: labels by person.
    """

    labelled: Labelled
    labels: int
    labellers: Mapping[str, int]
    agreement: float | None
    kappa: float | None
    ac1: float | None
    rates: Reliability
    people: tuple[LabellerPair, ...]
    order: OrderAgreement | None
    length: LengthBias | None
    prompts: tuple[Differential, ...]
    consistency: Consistency | None
    passes: Needed
    fails: Needed
    min_tnr: float | None
    fails_needed: int | None
    by_verdict: ByVerdict | None
    confidence: float

    @property
    def table(self) -> Confusion:
        """Passes and fails."""
        return self.labelled.table

    @property
    def pairwise(self) -> bool:
        """Whether two answers were compared."""
        return bool(self.labelled.items) and self.labelled.items[0].label.pairwise

    @property
    def proven(self) -> bool:
        """Whether the judge is shown to catch the share of failures that is demanded; True where none is."""
        lower = self.rates.tnr_lower
        return self.min_tnr is None or (lower is not None and lower >= self.min_tnr)


def audited(
    labels: Sequence[Label],
    judge_digest: str,
    *,
    repeats: Mapping[str, tuple[str | None, ...]] | None = None,
    min_tnr: float | None = None,
    confidence: float = 0.95,
) -> Audit:
    """The audit of the judge of that digest. repeats: by item, the outcomes of asking several times."""
    labelled = confusion_of(labels, judge_digest)
    table, strata = labelled.table, labelled.strata
    plain = is_plain(strata)
    counts: Mapping[Pair, Count] = labelled.counts if plain else weighted(labelled.weights)
    rates = stratified(strata, confidence=confidence)
    by_person: dict[str, int] = {}
    for label in labels:
        by_person[label.labeller] = by_person.get(label.labeller, 0) + 1
    words = len(categories(labelled.items))
    return Audit(
        labelled=labelled,
        labels=len(labels),
        labellers=dict(sorted(by_person.items())),
        agreement=observed_agreement(counts),
        kappa=cohen_kappa(counts),
        ac1=gwet_ac1(counts, categories=words),
        rates=rates,
        people=labeller_pairs(labels),
        order=order_agreement(_both_orders(labelled.items), confidence=confidence),
        length=_length(labelled.compared, confidence),
        prompts=differential_error(_by_prompt(labelled.compared)),
        consistency=_consistency(repeats, confidence),
        passes=Needed(table.passes, _needed(rates.tpr, confidence)),
        fails=Needed(table.fails, _needed(rates.tnr, confidence)),
        min_tnr=min_tnr,
        fails_needed=_fails_needed(rates, table, min_tnr, confidence) if plain else None,
        by_verdict=None if plain else _by_verdict(strata, min_tnr, confidence),
        confidence=confidence,
    )


def _both_orders(items: Iterable[Item]) -> list[tuple[str, str]]:
    judged = [item.judged for item in items if item.judged is not None]
    return [(one.first, one.second) for one in judged if one.first is not None and one.second is not None]


def _length(items: Sequence[Item], confidence: float) -> LengthBias | None:
    if not items or not items[0].label.pairwise:
        rows = [(len(item.label.material.output), item.human_passes, item.judge_passes) for item in items]
        return length_bias_of_answers(rows, confidence=confidence)
    return length_bias_of_pairs([_pair(item) for item in items if _consistent(item)], confidence=confidence)


def _consistent(item: Item) -> bool:
    return item.judged is not None and item.judged.first == item.judged.second


def _pair(item: Item) -> tuple[int, int, str, str]:
    material = item.label.material
    other = material.other if isinstance(material.other, str) else canonical(material.other)
    return len(material.output), len(other), item.human or "", item.verdict or ""


def _by_prompt(items: Iterable[Item]) -> Mapping[str, Confusion]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.label.prompt, []).append(item)
    return {prompt: Labelled((), tuple(group), (), (), ()).table for prompt, group in groups.items()}


def _consistency(repeats: Mapping[str, tuple[str | None, ...]] | None, confidence: float) -> Consistency | None:
    times = max((len(said) for said in (repeats or {}).values()), default=0)
    if repeats is None or times < 2:
        return None
    whole = [said for said in repeats.values() if len(said) == times and None not in said]
    same = sum(len(set(said)) == 1 for said in whole)
    units: list[Sequence[Hashable]] = list(repeats.values())
    interval = clopper_pearson(same, len(whole), confidence=confidence)
    return Consistency(times, len(whole), same, interval, krippendorff_alpha(units), len(repeats) - len(whole))


def _needed(rate: float | None, confidence: float) -> int:
    """Labels of a class at its rate as measured, or, where nothing is, at one half: the most that can be needed."""
    low, high = _PLANNED
    planned = 0.5 if rate is None else min(high, max(low, rate))
    return labels_needed(planned, HALF_WIDTH, confidence=confidence)


def _by_verdict(strata: Sequence[Stratum], floor: float | None, confidence: float) -> ByVerdict:
    parts = parts_of(strata, fails=True)
    return ByVerdict(
        pool=sum(one.size for one in strata),
        have=labelled_verdicts(parts),
        for_width=verdicts_for_width(parts, HALF_WIDTH, confidence=confidence),
        for_floor=verdicts_for_floor(parts, floor, confidence=confidence) if floor else None,
    )


def _fails_needed(rates: Reliability, table: Confusion, floor: float | None, confidence: float) -> int | None:
    if floor is None or floor <= 0:
        return None
    return fails_for_bound(1.0 if rates.tnr is None else rates.tnr, floor, labelled=table.fails, confidence=confidence)
