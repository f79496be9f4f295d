"""A comparison and a policy to a verdict.

The order of rules, for each prompt. Whatever fails it makes it FAIL, and the first that fired names the rule: a case
that must pass newly fails; a floor is broken; confirmed flips exceed the margin; the evidence stopped the run; a
regression is shown (or, under `rule: threshold`, the counts exceed the margin); cost or latency exceed their limit.
Otherwise whatever is open makes it INCONCLUSIVE: nothing was measured; an ERROR or a case that one side lacks could
change the verdict; a confirmation or a floor is open; a metric shows neither a loss nor its absence. Otherwise PASS.

An ERROR on either side is neither a pass nor a fail: the case is left out of the pairs, counted and named. A PASS
stands only where it would stand were every such case a regression, none of them a case that must pass; any other
verdict but FAIL becomes INCONCLUSIVE by the rule `errors` and is incomplete, which is exit code 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib import import_module

from promptctl.gate import wording
from promptctl.gate.bounds import bound_measures, unmeasured
from promptctl.gate.claims import Claim, fact_claims, limit_claims, must_pass_claims, stop_claims, threshold_claims
from promptctl.gate.compare import Comparison, PromptComparison
from promptctl.gate.confirmed import Confirmations, Facts, facts_of, must_pass
from promptctl.gate.floors import floor_claims, judge_floor_claims
from promptctl.gate.judges import is_judged, may_block
from promptctl.gate.measures import measures_of
from promptctl.gate.metrics import Reading, metric_claims, read, rule_on, scored, weigh
from promptctl.gate.notes import notes_of
from promptctl.gate.outcomes import Counts, counts_of, noninferior, tag_figures
from promptctl.gate.pairs import Pair
from promptctl.gate.witnesses import errors_of, witnesses_of
from promptctl.model.config import GateConfig
from promptctl.model.prompt import Json
from promptctl.model.verdict import JudgeInForce, Measure, Metric, PromptVerdict, Ruling, TagResult, Verdict
from promptctl.stats.margin import within_drop
from promptctl.stats.sequential import Stop

_PASS_RULES = ("threshold", "regressed-within-margin", "non-inferiority", "identical")
_LABEL = "'promptctl judge label NAME' collects labels, and those that are committed count"
_OPEN_FIRST = ("nothing-measured", "errors", "must-pass-unconfirmed", "judge-unproven")


def decide(
    comparison: Comparison,
    policy: GateConfig,
    *,
    confirmations: Confirmations | None = None,
    stops: Mapping[str, Stop] | None = None,
    judges: Sequence[JudgeInForce] = (),
    baseline: Mapping[str, Json] | None = None,
    head: Mapping[str, Json] | None = None,
    carried_over: Sequence[str] = (),
    notes: Sequence[str] = (),
    command: str | None = None,
) -> Verdict:
    """The verdict on `comparison` under `policy`.

    confirmations: fresh samples of flipped cases by (prompt, case), where a flip that is missing is open; None where
    nobody can be asked again and the samples at hand count. stops: by prompt, where evidence ended the run early.
    judges: those in force; with `min_tnr` in the policy, what judges say of a prompt decides only where labels show
    that all of its judges catch that share of the failures. The rest is passed on into the verdict.
    """
    readings = weigh([read(one, policy, judges_gate=may_block(one, policy, judges)) for one in comparison.prompts])
    prompts = tuple(
        _prompt(reading, policy, confirmations, (stops or {}).get(reading.one.prompt)) for reading in readings
    )
    ruling, rule = _overall(prompts, carried_over)
    return Verdict(
        verdict=ruling,
        prompts=prompts,
        baseline=dict(baseline or {}),
        head=dict(head or {}),
        policy=asdict(policy),
        rule=rule,
        reasons=tuple(f"{one.prompt}: {reason}" for one in prompts if one.verdict is ruling for reason in one.reasons),
        carried_over=tuple(carried_over),
        notes=(*notes, *_absent(comparison), *_unmeasured(comparison, policy)),
        command=command,
        judges=tuple(judges),
    )


def _overall(prompts: Sequence[PromptVerdict], carried_over: Sequence[str]) -> tuple[Ruling, str | None]:
    """FAIL if a prompt fails, else INCONCLUSIVE if one is, else PASS; nothing compared is a PASS only if unaffected."""
    for ruling in (Ruling.FAIL, Ruling.INCONCLUSIVE, Ruling.PASS):
        found = [one.rule for one in prompts if one.verdict is ruling]
        if found:
            return ruling, min(found, key=_PASS_RULES.index) if ruling is Ruling.PASS else found[0]
    return (Ruling.PASS, "unaffected") if carried_over else (Ruling.INCONCLUSIVE, "nothing-measured")


def _absent(comparison: Comparison) -> tuple[str, ...]:
    sides = (("base", comparison.base_only), ("head", comparison.head_only))
    return tuple(f"only the {side} has {wording.names(found)}: not compared" for side, found in sides if found)


def _unmeasured(comparison: Comparison, policy: GateConfig) -> tuple[str, ...]:
    """A bound that nothing is held against reads like one that holds."""
    names = [f"gate.metrics.{name}" for name in unmeasured(comparison.prompts, policy)]
    judged = any(is_judged(one) for one in comparison.prompts)
    names += ["gate.min_judge_score"] if policy.min_judge_score is not None and not judged else []
    return (
        (f"no case here measures {', '.join(names)}: nothing was held to it",) if names and comparison.prompts else ()
    )


def _prompt(
    reading: Reading, policy: GateConfig, confirmations: Confirmations | None, stop: Stop | None
) -> PromptVerdict:
    one = reading.one
    counts = counts_of(one.pairs)
    facts = facts_of(one, confirmations, policy.confirm)
    bounded = bound_measures(reading.judged or one, policy)
    measures = (*(measures_of(one.pairs, policy) if one.pairs else ()), *bounded)
    metrics = tuple(rule_on(shape, policy) for shape in reading.shapes)
    claims = _claims(reading, metrics, measures, counts, facts, policy, confirmations, stop)
    ruling, deciding = _settle(claims, one, metrics, counts, policy)
    kinds = [claim.kind for claim in deciding if claim.kind is not None]
    return PromptVerdict(
        prompt=one.prompt,
        verdict=ruling,
        rule=deciding[0].rule,
        n=counts.n,
        regressions=counts.regressions,
        improvements=counts.improvements,
        metrics=_told(metrics, claims, policy),
        metric=deciding[0].metric,
        path=one.path,
        base_passed=counts.base_passed,
        head_passed=counts.head_passed,
        e_value=None if stop is None else float(stop.evidence),
        stopped_after=None if stop is None else stop.cases,
        incomplete=ruling is Ruling.INCONCLUSIVE and any(claim.incomplete for claim in deciding),
        confirmed_regressions=facts.regressions,
        confirmed_improvements=facts.improvements,
        witnesses=witnesses_of(one, kinds, policy, confirmations),
        improved=tuple(pair.case for pair in one.improvements),
        measures=measures,
        tags=_tags(one.pairs, policy.confidence),
        errors=errors_of(one),
        base_only=one.base_only,
        head_only=one.head_only,
        edited=one.edited,
        reasons=tuple(dict.fromkeys(claim.reason for claim in deciding)),
        notes=notes_of(one, metrics, policy, confirmations),
    )


def _claims(
    reading: Reading,
    metrics: Sequence[Metric],
    measures: Sequence[Measure],
    counts: Counts,
    facts: Facts,
    policy: GateConfig,
    confirmations: Confirmations | None,
    stop: Stop | None,
) -> tuple[Claim, ...]:
    """Everything that speaks, in the order in which rules are named."""
    one, unproven = reading.one, _unproven(reading, policy)
    floors = (*floor_claims(one, policy), *judge_floor_claims(reading.judged or one, policy, judges_gate=not unproven))
    if not counts.n and unproven:
        return (*floors, *unproven)
    if not counts.n:
        reason = "no case was measured on both sides"
        nothing = Claim("nothing-measured", Ruling.INCONCLUSIVE, reason, incomplete=bool(one.errored))
        return (*floors, nothing)
    tests = threshold_claims(counts, policy) if policy.rule == "threshold" else metric_claims(metrics, policy)
    return (
        *must_pass_claims(one, policy, confirmations),
        *floors,
        *fact_claims(facts, counts, policy),
        *stop_claims(stop),
        *tests,
        *unproven,
        *limit_claims(measures),
    )


def _unproven(reading: Reading, policy: GateConfig) -> tuple[Claim, ...]:
    """A judge that may not block cannot acquit either."""
    if reading.judged is None:
        return ()
    reason = f"no labels of people show that the judges catch {wording.share(policy.min_tnr or 0.0)} of the failures"
    flipped = [pair.case for pair in reading.judged.regressions]
    alone = [case for case in flipped if case not in {pair.case for pair in reading.one.regressions}]
    if alone:
        reason += f"; by their word alone {wording.cases(len(alone))} would newly fail: {wording.names(alone)}"
    return (Claim("judge-unproven", Ruling.INCONCLUSIVE, f"{reason} (min_tnr); {_LABEL}", "judge_score"),)


def _settle(
    claims: Sequence[Claim],
    one: PromptComparison,
    metrics: Sequence[Metric],
    counts: Counts,
    policy: GateConfig,
) -> tuple[Ruling, Sequence[Claim]]:
    """The verdict and the claims that make it, the one that names the rule first."""
    failing = [claim for claim in claims if claim.verdict is Ruling.FAIL]
    if failing:
        return Ruling.FAIL, failing
    still_open = [claim for claim in claims if claim.verdict is Ruling.INCONCLUSIVE]
    missing = _missing(one)
    if missing and counts.n and (still_open or not _survives(one, metrics, counts, policy)):
        reason = f"{missing} could change the verdict"
        still_open.insert(
            0, Claim("errors" if one.errored else "unpaired", Ruling.INCONCLUSIVE, reason, incomplete=True)
        )
    if still_open:
        order = {rule: place for place, rule in enumerate(_OPEN_FIRST)}
        return Ruling.INCONCLUSIVE, sorted(still_open, key=lambda claim: order.get(claim.rule, len(order)))
    passing = [claim for claim in claims if claim.verdict is Ruling.PASS]
    return Ruling.PASS, sorted(passing, key=lambda claim: _PASS_RULES.index(claim.rule))


def _missing(one: PromptComparison) -> str:
    """The base's cases that are not among the pairs, in words; "" where there are none."""
    parts = [
        (f"{wording.cases(len(one.errored))} with an ERROR", one.errored),
        (f"{wording.cases(len(one.base_only))} that only the base has", one.base_only),
        (f"{wording.cases(len(one.edited))} whose content differs", one.edited),
    ]
    return ", ".join(text for text, found in parts if found)


def _survives(one: PromptComparison, metrics: Sequence[Metric], counts: Counts, policy: GateConfig) -> bool:
    """Whether a PASS would stand were every case that could not be compared a regression."""
    lost = len(one.errored) + len(one.base_only) + len(one.edited)
    if any(must_pass(pair, policy.must_pass) for pair in one.errored) or one.base_only or one.edited:
        return False  # whether an absent case must pass is not known here
    if policy.rule == "threshold":
        return bool(within_drop(counts.base_passed + lost, counts.head_passed, counts.n + lost, policy.max_drop))
    if any(metric.units != metric.n for metric in metrics):
        return False
    worst = noninferior(
        counts.regressions + lost,
        counts.improvements,
        counts.n + lost,
        max_drop=policy.max_drop,
        confidence=policy.confidence,
    )
    return worst and all(
        _scores_survive(one.pairs, metric, lost, policy) for metric in metrics if metric.name != "pass_rate"
    )


def _scores_survive(pairs: Sequence[Pair], metric: Metric, lost: int, policy: GateConfig) -> bool:
    differences = [after - before for before, after in scored(pairs, metric.name)[1]] + [-1.0] * lost
    module = import_module("promptctl.gate.scores")
    return bool(module.survives(differences, max_drop=policy.max_drop, confidence=policy.confidence))


def _told(metrics: Sequence[Metric], claims: Sequence[Claim], policy: GateConfig) -> tuple[Metric, ...]:
    """The metrics as they are shown: under the threshold rule the pass rate has that rule's verdict."""
    plain = next((claim for claim in claims if claim.rule == "threshold"), None)
    if policy.rule != "threshold" or plain is None:
        return tuple(metrics)
    return tuple(
        replace(one, verdict=plain.verdict, rule="threshold", gating=True) if one.name == "pass_rate" else one
        for one in metrics
    )


def _tags(pairs: Sequence[Pair], confidence: float) -> tuple[TagResult, ...]:
    """The outcomes by tag, in alphabetical order."""
    tagged: dict[str, list[Pair]] = {}
    for pair in pairs:
        for tag in pair.tags:
            tagged.setdefault(tag, []).append(pair)
    found = []
    for tag, members in sorted(tagged.items()):
        counts, difference, interval, p_value = tag_figures(members, confidence)
        found.append(TagResult(tag, counts.n, counts.regressions, counts.improvements, difference, interval, p_value))
    return tuple(found)
