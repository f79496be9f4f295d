"""People's review of what a judge decided: their labels, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.model.prompt import Json
from promptctl.model.verdict import Interval, Ruling


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said of one answer. passes: None where it was taken back. at: ISO 8601, UTC."""

    item: str
    labeller: str
    passes: bool | None
    note: str | None = None
    at: str = ""


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is not labelled yet: cases that flipped, cases of the random sample, and answers of both."""

    flipped: int
    sampled: int
    answers: int


@dataclass(frozen=True, slots=True)
class JudgeArm:
    """A judge against people on one side's cases. tpr: the share of human passes it passes; tnr: of human fails it fails.

    passes, fails: labelled cases by what people said. A flipped case counts once, one of the random sample for all it
    stands for. Intervals are Clopper and Pearson's at the effective number of labels. None where there is no label.
    """

    passes: int
    fails: int
    tpr: float | None
    tpr_interval: Interval | None
    tnr: float | None
    tnr_interval: Interval | None


@dataclass(frozen=True, slots=True)
class SameForPeople:
    """Flips of the judge on cases that people pass (or fail) on both sides.

    A judge that errs alike on both sides prefers either as often. p_value: exact, two-sided; None without such a flip.
    """

    prefers_base: int
    prefers_head: int
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Correction:
    """A prompt's head-minus-base difference in human eyes, in 0..1.

    error, interval: of having labelled a sample, for these cases. total_error, total_interval: of having drawn the
    cases as well. Intervals are two-sided. lower, upper: one-sided bounds, of the inference the policy's rule makes.
    judged_only: the biased figure that trusts the judge wherever it saw no flip. p_value: one-sided, of "the head is
    worse"; adjusted_p after Holm over the prompts reviewed.
    """

    value: float
    error: float
    total_error: float
    interval: Interval
    total_interval: Interval
    lower: float
    upper: float
    judged_only: float
    p_value: float
    adjusted_p: float | None = None


@dataclass(frozen=True, slots=True)
class PromptReview:
    """One prompt. verdict: None while labels are missing.

    cases: all that count; known: whose human difference needs no label; flipped: all of which are asked; rest: the
    others, of which `wanted` are asked in a random order and `sampled` could be used. more_labels: further cases of
    the rest that are expected to settle it; more_cases: cases in all, where no labels on these do; settles_as: the
    verdict either would give. reviewed: whether a judge had a say at all; where none had, the gate's verdict stands.
    """

    prompt: str
    path: str | None
    verdict: Ruling | None
    rule: str | None
    reasons: tuple[str, ...]
    reviewed: bool = True
    incomplete: bool = False
    judged: Mapping[str, Json] = field(default_factory=dict)
    cases: int = 0
    known: int = 0
    flipped: int = 0
    rest: int = 0
    wanted: int = 0
    sampled: int = 0
    remaining: Remaining | None = None
    corrected: Correction | None = None
    more_labels: int | None = None
    more_cases: int | None = None
    settles_as: str | None = None
    base_judge: JudgeArm | None = None
    head_judge: JudgeArm | None = None
    both_pass: SameForPeople | None = None
    both_fail: SameForPeople | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RatedPrompt:
    """One prompt of a single run: its pass rate in human eyes beside the judge's.

    cases: measured; known: whose outcome needs no label; judged: the others, of which `wanted` are asked. rate,
    error, interval: corrected by prediction-powered inference; None while labels are missing.
    """

    prompt: str
    path: str | None
    cases: int
    known: int
    judged: int
    wanted: int
    sampled: int
    judge_rate: float | None
    judge_interval: Interval | None
    remaining: Remaining | None = None
    rate: float | None = None
    error: float | None = None
    interval: Interval | None = None
    more_labels: int | None = None
    confusion: tuple[int, int, int, int] | None = None
    judge: JudgeArm | None = None
    kappa: float | None = None
    ac1: float | None = None
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two labellers on the answers that both labelled."""

    one: str
    other: str
    answers: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True, slots=True)
class Labelling:
    """The labels behind a review. answers: with a label that counts; by: labels by labeller; disputed: without a majority."""

    answers: int
    by: Mapping[str, int]
    disputed: int
    agreements: tuple[Agreement, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """The verdict issued again. verdict: None while labels are missing, and of a single run, which has no baseline.

    seed: what the order and the random sample were drawn by. gate: the id of the verdict reviewed, None for two runs.
    """

    prompts: tuple[PromptReview, ...]
    baseline: Mapping[str, Json]
    head: Mapping[str, Json]
    policy: Mapping[str, Json]
    seed: str
    labels: Labelling
    verdict: Ruling | None = None
    rule: str | None = None
    incomplete: bool = False
    reasons: tuple[str, ...] = ()
    judged: str | None = None
    gate: str | None = None
    carried_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    command: str | None = None


@dataclass(frozen=True, slots=True)
class RunReview:
    """A single run reviewed: rates, and no verdict."""

    run: Mapping[str, Json]
    prompts: tuple[RatedPrompt, ...]
    confidence: float
    seed: str
    labels: Labelling
    notes: tuple[str, ...] = ()
    command: str | None = None
