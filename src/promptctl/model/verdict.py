"""The gate's answer: base and head compared case by case, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from promptctl.model.prompt import Json
from promptctl.model.run import Outcome, ToolCall

Interval = tuple[float, float]


class Ruling(StrEnum):
    """FAIL: worse, shown. PASS: not worse than tolerated, shown. INCONCLUSIVE: neither."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Shown:
    """One side's answer to a case, as a witness shows it: the sample that speaks for the outcome.

    passed of samples: how many of the case's samples passed. error: why there is no answer, or None.
    """

    outcome: Outcome
    output: str
    passed: int
    samples: int
    score: float | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """An assertion that broke on the head: its reason, and in how many of the case's samples it failed."""

    type: str
    name: str | None
    reason: str
    failed: int
    samples: int


@dataclass(frozen=True, slots=True)
class Witness:
    """A case that speaks for the verdict.

    kind: "regression" (passed at the base, fails at the head), "score" (among the largest losses of score), "floor"
    (fails at the head where a floor is broken), "cost" (among the largest increases). must_pass: carries a tag whose
    cases may never newly fail. confirmed: what fresh samples said ("regression", "refuted", "open"), None without any.
    format_only: nothing but the format of the answer is wrong.
    """

    case: str
    kind: str
    base: Shown
    head: Shown
    broken: tuple[Broken, ...] = ()
    tags: tuple[str, ...] = ()
    must_pass: bool = False
    confirmed: str | None = None
    format_only: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """A gating metric over the paired cases; rates and scores in 0..1, difference head minus base.

    name: "pass_rate", "judge_score" or "score". interval: two-sided at the policy's confidence; lower, upper: its
    one-sided bounds. p_value: one-sided, of "the head is worse"; adjusted_p: after Holm over all gating metrics.
    units: independent units, that is cases, or clusters where cases stand or fall together. detectable_drop: the
    smallest true drop these cases show with 80 % power. settled_by: cases in all that are expected to settle it, and
    settles_as the verdict they would give. What cannot be said is None.
    """

    name: str
    verdict: Ruling
    rule: str
    n: int
    base: float | None
    head: float | None
    difference: float | None
    interval: Interval | None = None
    lower: float | None = None
    upper: float | None = None
    p_value: float | None = None
    adjusted_p: float | None = None
    units: int | None = None
    detectable_drop: float | None = None
    settled_by: int | None = None
    settles_as: str | None = None
    gating: bool = True


@dataclass(frozen=True, slots=True)
class Measure:
    """Something else that is compared: cost, latency, refusals, format failures, and as `metrics.NAME` what is bounded.

    base, head: the figures, None where unknown; calls: how many answers they are of. limit: what the head may not
    exceed under the policy, None where nothing gates. verdict: None where nothing gates. note: why a figure or its
    gate is missing.
    """

    name: str
    unit: str
    base: float | None
    head: float | None
    base_calls: int
    head_calls: int
    base_interval: tuple[float | None, float | None] | None = None
    head_interval: tuple[float | None, float | None] | None = None
    limit: float | None = None
    verdict: Ruling | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TagResult:
    """The paired outcomes of the cases with one tag; reported, never gating on their own."""

    tag: str
    n: int
    regressions: int
    improvements: int
    difference: float | None
    interval: Interval | None
    p_value: float | None


@dataclass(frozen=True, slots=True)
class CaseError:
    """A case that could not be compared: which side ("base", "head", "both") is an ERROR, and why."""

    case: str
    side: str
    reason: str


@dataclass(frozen=True, slots=True)
class JudgeInForce:
    """A judge that stands behind a verdict, and how far people's labels show it to be right.

    digest: its identity; labels given to a judge of another one count nothing. labels: items with one human verdict and
    one of this judge, passes and fails of them by the human. tnr: the share of human fails that it fails, tnr_lower the
    exact one-sided bound that `min_tnr` is held against. Figures are None where no label stands behind them. note: what
    is wrong with its labels, or None.
    """

    name: str
    digest: str
    prompts: tuple[str, ...]
    labels: int = 0
    passes: int = 0
    fails: int = 0
    disputed: int = 0
    tpr: float | None = None
    tnr: float | None = None
    tnr_lower: float | None = None
    kappa: float | None = None
    ac1: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class PromptVerdict:
    """What a change does to one prompt.

    n: cases measured on both sides. rule: the rule that fired. metric: the metric whose figures speak for the prompt.
    e_value: the evidence at which the comparison was stopped early, None where it was not. incomplete: something
    that could change the verdict was not measured. improved: ids of cases that fail at the base and pass at the head.
    base_only, head_only, edited: cases not compared, because one side lacks them or their content differs.
    confirmed_regressions, confirmed_improvements: None where no fresh samples were at hand.
    """

    prompt: str
    verdict: Ruling
    rule: str
    n: int
    regressions: int
    improvements: int
    metrics: tuple[Metric, ...]
    metric: str = "pass_rate"
    path: str | None = None
    base_passed: int = 0
    head_passed: int = 0
    e_value: float | None = None
    stopped_after: int | None = None
    incomplete: bool = False
    confirmed_regressions: int | None = None
    confirmed_improvements: int | None = None
    witnesses: tuple[Witness, ...] = ()
    improved: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = ()
    tags: tuple[TagResult, ...] = ()
    errors: tuple[CaseError, ...] = ()
    base_only: tuple[str, ...] = ()
    head_only: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def deciding(self) -> Metric | None:
        """The metric that speaks for the prompt, None where nothing was measured."""
        return next((one for one in self.metrics if one.name == self.metric), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict over all compared prompts: FAIL if one fails, else INCONCLUSIVE if one is, else PASS.

    baseline, head: what was taken, as plain JSON (spec, commit, description, run id, file). policy: the gate's keys in
    force. carried_over: prompts that nothing affected. rule: "unaffected" where no prompt was affected, else that of the
    prompt that decides, None where nothing was compared. judges: those in force, each with its reliability. command:
    what reproduces it.
    """

    verdict: Ruling
    prompts: tuple[PromptVerdict, ...]
    baseline: Mapping[str, Json] = field(default_factory=dict)
    head: Mapping[str, Json] = field(default_factory=dict)
    policy: Mapping[str, Json] = field(default_factory=dict)
    rule: str | None = None
    reasons: tuple[str, ...] = ()
    carried_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    command: str | None = None
    judges: tuple[JudgeInForce, ...] = ()

    @property
    def incomplete(self) -> bool:
        """Whether something that could change the verdict was not measured."""
        return any(one.incomplete for one in self.prompts)
