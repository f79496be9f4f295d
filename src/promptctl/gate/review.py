"""The verdict issued again on what people see: the corrected difference, and the gate's three states on it.

The corrected difference is the two-phase estimate (`stats.two_phase`): every case the judge saw flip counts as people saw
it, the random sample of the rest stands for the rest, and cases no label can change count as they are. FAIL where it is
shown to be below 0 and not shown to be inside the margin, PASS where a loss of `max_drop` is ruled out, else
INCONCLUSIVE. `rule: evidence` means cases of this kind, so the doubt of having drawn these cases counts, as it does
in the gate; `rule: threshold` means these cases, so only the sample's doubt does.

What people were not asked stays as the gate has it: floors, cost, latency, other graded scores. A case that must pass
fails the prompt where people see it pass at the base and fail at the head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from promptctl.gate import wording
from promptctl.gate.claims import Claim, limit_claims
from promptctl.gate.confirmed import must_pass
from promptctl.gate.measures import measures_of
from promptctl.gate.outcomes import counts_of
from promptctl.gate.review_bounds import bounds_of
from promptctl.gate.review_cases import Labels
from promptctl.gate.review_claims import corrected_claim, must_pass_claims, other_scores, way_out
from promptctl.gate.review_floors import floor_notes, floors_of, reasons_of
from promptctl.gate.review_judge import arm_of, same_for_people
from promptctl.gate.review_measure import Asked, Measured, correction, measured, p_value
from promptctl.gate.review_plan import Strata, remaining
from promptctl.model.config import GateConfig, MetricBound
from promptctl.model.prompt import Json
from promptctl.model.review import Correction, PromptReview
from promptctl.model.run import Outcome
from promptctl.model.verdict import PromptVerdict, Ruling, Verdict
from promptctl.stats.multiple import holm
from promptctl.stats.paired import difference_interval


def reviewed(asked: Sequence[Asked], labels: Labels, policy: GateConfig) -> tuple[PromptReview, ...]:
    """Every prompt's review. Where any prompt's labels are missing no prompt has a verdict: they are tested together."""
    missing = [remaining(one.strata, one.size, labels) if one.strata.judged else None for one in asked]
    if any(missing):
        return tuple(
            replace(_facts(one), remaining=left, notes=_notes(one, policy))
            for one, left in zip(asked, missing, strict=True)
        )
    found = [measured(one, labels) if one.strata.judged else None for one in asked]
    corrections = iter(_corrections([each for each in found if each is not None], policy))
    return tuple(
        (_broken(one, policy) if one.strata.judged else _kept(one, policy))
        if each is None
        else _ruled(one, each, next(corrections), labels, policy)
        for one, each in zip(asked, found, strict=True)
    )


def with_gate(
    reviews: Sequence[PromptReview], gate: Verdict, lint: Sequence[str] = ()
) -> tuple[tuple[PromptReview, ...], Ruling | None, str | None, tuple[str, ...]]:
    """All prompts of the gate, the overall verdict, its rule and reasons; the verdict is None while labels are missing.

    A prompt that is not reviewed keeps the gate's verdict. lint: what the change brings that lint refuses; it stays FAIL.
    """
    by_name = {one.prompt: one for one in reviews}
    prompts = tuple(by_name.get(one.prompt) or _as_it_was(one) for one in gate.prompts)
    if any(one.remaining for one in prompts):
        return prompts, None, "labels-missing", ()
    ruling = next(word for word in _WORST if word is Ruling.PASS or any(one.verdict is word for one in prompts))
    speaking = [one for one in prompts if one.verdict is ruling]
    reasons = tuple(f"{one.prompt}: {reason}" for one in speaking for reason in one.reasons)
    rule = speaking[0].rule if speaking else gate.rule
    if not lint:
        return prompts, ruling, rule, reasons
    failed = ruling is Ruling.FAIL
    return prompts, Ruling.FAIL, rule if failed else "lint", (*lint, *(reasons if failed else ()))


_WORST = (Ruling.FAIL, Ruling.INCONCLUSIVE, Ruling.PASS)


def _as_it_was(gate: PromptVerdict) -> PromptReview:
    return PromptReview(
        prompt=gate.prompt,
        path=gate.path,
        verdict=gate.verdict,
        rule=gate.rule,
        reasons=gate.reasons,
        reviewed=False,
        incomplete=gate.incomplete,
        judged={"verdict": gate.verdict.value, "rule": gate.rule, "n": gate.n},
        cases=gate.n,
    )


def _corrections(found: Sequence[Measured], policy: GateConfig) -> Iterator[Correction]:
    """The corrected differences, their p-values adjusted for one another."""
    p_values = [p_value(one) for one in found]
    for one, p, adjusted in zip(found, p_values, holm(p_values), strict=True):
        yield correction(one, p, adjusted, policy)


def _facts(one: Asked) -> PromptReview:
    strata, counts = one.strata, counts_of(one.one.pairs)
    judged: dict[str, Json] = {"verdict": one.gate.verdict.value, "rule": one.gate.rule, "n": counts.n}
    judged |= {"regressions": counts.regressions, "improvements": counts.improvements}
    if counts.n:
        interval = difference_interval(counts.regressions, counts.improvements, counts.n)
        judged["difference"] = (counts.improvements - counts.regressions) / counts.n
        judged["interval"] = None if interval is None else list(interval)
    return PromptReview(
        prompt=one.one.prompt,
        path=one.one.path,
        verdict=None,
        rule=None,
        reasons=(),
        reviewed=strata.judged,
        judged=judged,
        cases=strata.cases,
        known=len(strata.known),
        flipped=len(strata.flipped),
        rest=len(strata.rest),
        wanted=one.size,
    )


def _kept(one: Asked, policy: GateConfig) -> PromptReview:
    """No judge had a say that people could take its place in: the gate's verdict stands."""
    return replace(
        _facts(one),
        verdict=one.gate.verdict,
        rule=one.gate.rule,
        reasons=reasons_of(one, policy),
        incomplete=one.gate.incomplete,
        notes=_notes(one, policy),
    )


def _nothing_to_review(strata: Strata) -> tuple[str, ...]:
    if not strata.lost:
        return ()
    ended = f"{wording.cases(len(strata.lost))} with an ERROR that no label can change"
    return (f"nothing of it can be reviewed: {ended}; the gate's verdict stands",)


def _broken(one: Asked, policy: GateConfig) -> PromptReview:
    """People have labelled what there is, and ERRORs leave too little of it."""
    reason = "too few of the cases sampled can be judged at all"
    notes = _notes(one, policy)
    return replace(
        _facts(one), verdict=Ruling.INCONCLUSIVE, rule="errors", reasons=(reason,), incomplete=True, notes=notes
    )


def _ruled(one: Asked, found: Measured, corrected: Correction, labels: Labels, policy: GateConfig) -> PromptReview:
    claim = corrected_claim(found.tally, corrected, policy)
    more_labels, more_cases, settles_as = way_out(found.tally, claim, policy)
    claims = [
        *must_pass_claims(one, labels, policy),
        *floors_of(one, policy),
        claim,
        *other_scores(one.gate),
        *limit_claims(measures_of(one.one.pairs, policy) if one.one.pairs else ()),
    ]
    ruling, deciding = _settle(claims, one, found, policy)
    return replace(
        _facts(one),
        verdict=ruling,
        rule=deciding[0].rule,
        reasons=tuple(dict.fromkeys(claim.reason for claim in deciding)),
        incomplete=ruling is Ruling.INCONCLUSIVE and any(claim.incomplete for claim in deciding),
        sampled=found.tally.sampled,
        corrected=corrected,
        more_labels=more_labels,
        more_cases=more_cases,
        settles_as=settles_as,
        base_judge=arm_of(found.weighted, labels, head=False, confidence=policy.confidence),
        head_judge=arm_of(found.weighted, labels, head=True, confidence=policy.confidence),
        both_pass=same_for_people(one.strata.flipped, labels, Outcome.PASS),
        both_fail=same_for_people(one.strata.flipped, labels, Outcome.FAIL),
        notes=_notes(one, policy),
    )


def _settle(claims: Sequence[Claim], one: Asked, found: Measured, policy: GateConfig) -> tuple[Ruling, Sequence[Claim]]:
    """FAIL if a claim fails; else open where one is, or where what could not be compared could change it; else PASS."""
    failing = [claim for claim in claims if claim.verdict is Ruling.FAIL]
    if failing:
        return Ruling.FAIL, failing
    still_open = [claim for claim in claims if claim.verdict is Ruling.INCONCLUSIVE]
    missing = _missing(one, found)
    if missing and (still_open or not _survives(one, found, policy)):
        reason = f"{missing} could change the verdict"
        rule = "errors" if found.lost else "unpaired"
        return Ruling.INCONCLUSIVE, [Claim(rule, Ruling.INCONCLUSIVE, reason, incomplete=True), *still_open]
    if still_open:
        return Ruling.INCONCLUSIVE, still_open
    return Ruling.PASS, [claim for claim in claims if claim.verdict is Ruling.PASS]


def _missing(one: Asked, found: Measured) -> str:
    parts = [
        (f"{wording.cases(len(found.lost))} with an ERROR", found.lost),
        (f"{wording.cases(len(one.one.base_only))} that only the base has", one.one.base_only),
        (f"{wording.cases(len(one.one.edited))} whose content differs", one.one.edited),
    ]
    return ", ".join(text for text, some in parts if some)


def _survives(one: Asked, found: Measured, policy: GateConfig) -> bool:
    """Whether a PASS would stand were every case that is an ERROR a loss."""
    if one.one.base_only or one.one.edited:
        return False
    if any(must_pass(case.pair, policy.must_pass) for case in found.lost):
        return False
    lost, tally = len(found.lost), found.tally
    worst = replace(tally, certain=tally.certain + lost, certain_losses=tally.certain_losses + lost)
    bounds = bounds_of(worst, policy.confidence)
    return (bounds.lower_here if policy.rule == "threshold" else bounds.lower) > -policy.max_drop


def _notes(one: Asked, policy: GateConfig) -> tuple[str, ...]:
    if not one.strata.judged:
        return (*_nothing_to_review(one.strata), *floor_notes(one, policy))
    notes = [*floor_notes(one, policy)]
    if one.gate.e_value is not None:
        notes.append("the gate stopped early on the judge's flips: the cases asked lean towards a loss")
    same = [case for case in one.strata.known if case.judged_change and case.change({}) == 0]
    if same:
        told = (
            f"{wording.cases(len(same))} flipped on one and the same answer: the judge's own noise, and no difference"
        )
        notes.append(told)
    return tuple(notes)


def policy_of(document: Mapping[str, Json]) -> GateConfig:
    """The gate's keys as a verdict document keeps them; what it lacks is the default."""
    known = {name: value for name, value in document.items() if name in GateConfig.__slots__}
    if "must_pass" in known:
        known["must_pass"] = tuple(known["must_pass"])
    if "metrics" in known:
        known["metrics"] = {name: MetricBound(**bound) for name, bound in known["metrics"].items()}
    return GateConfig(**known)
