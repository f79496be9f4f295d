"""The review document, version 1, written out by hand and frozen as the run and verdict documents are.

`verdict` is null while labels are missing; of a single run, whose document has `run`, always: it has no baseline. Rates and
differences are in 0..1, differences head minus base; what is not known is null.
"""

from __future__ import annotations

from promptctl.model.prompt import Json
from promptctl.model.review import (
    Correction,
    JudgeArm,
    Labelling,
    PromptReview,
    RatedPrompt,
    Remaining,
    Review,
    RunReview,
    SameForPeople,
)
from promptctl.text.record_completion import finite

VERSION = 1
KIND = "review"


def encode_review(review: Review) -> dict[str, Json]:
    """The document of a reviewed pair of runs."""
    return {
        "version": VERSION,
        "kind": KIND,
        "verdict": None if review.verdict is None else review.verdict.value,
        "rule": review.rule,
        "incomplete": review.incomplete,
        "judged": review.judged,
        "gate": review.gate,
        "baseline": dict(review.baseline),
        "head": dict(review.head),
        "policy": {key: list(value) if isinstance(value, tuple) else value for key, value in review.policy.items()},
        "seed": review.seed,
        "labels": _labels(review.labels),
        "prompts": [_prompt(one) for one in review.prompts],
        "carried_over": list(review.carried_over),
        "reasons": list(review.reasons),
        "notes": list(review.notes),
        "command": review.command,
    }


def encode_run_review(review: RunReview) -> dict[str, Json]:
    """The document of a single reviewed run."""
    return {
        "version": VERSION,
        "kind": KIND,
        "verdict": None,
        "rule": None,
        "incomplete": any(one.remaining for one in review.prompts),
        "run": dict(review.run),
        "confidence": review.confidence,
        "seed": review.seed,
        "labels": _labels(review.labels),
        "prompts": [_rated(one) for one in review.prompts],
        "notes": list(review.notes),
        "command": review.command,
    }


def _labels(found: Labelling) -> dict[str, Json]:
    return {
        "answers": found.answers,
        "by": dict(found.by),
        "disputed": found.disputed,
        "agreement": [
            {
                "labellers": [one.one, one.other],
                "answers": one.answers,
                "agreed": one.agreed,
                "kappa": finite(one.kappa),
            }
            for one in found.agreements
        ],
    }


def _prompt(one: PromptReview) -> dict[str, Json]:
    return {
        "prompt": one.prompt,
        "path": one.path,
        "verdict": None if one.verdict is None else one.verdict.value,
        "rule": one.rule,
        "incomplete": one.incomplete,
        "reviewed": one.reviewed,
        "judged": dict(one.judged),
        "cases": one.cases,
        "known": one.known,
        "flipped": one.flipped,
        "rest": one.rest,
        "wanted": one.wanted,
        "sampled": one.sampled,
        "remaining": _remaining(one.remaining),
        "corrected": None if one.corrected is None else _correction(one.corrected),
        "more_labels": one.more_labels,
        "more_cases": one.more_cases,
        "settles_as": one.settles_as,
        "judge": {"base": _arm(one.base_judge), "head": _arm(one.head_judge)},
        "equal_error": {"both_pass": _same(one.both_pass), "both_fail": _same(one.both_fail)},
        "reasons": list(one.reasons),
        "notes": list(one.notes),
    }


def _remaining(left: Remaining | None) -> Json:
    return None if left is None else {"flipped": left.flipped, "sampled": left.sampled, "answers": left.answers}


def _correction(found: Correction) -> dict[str, Json]:
    return {
        "difference": finite(found.value),
        "standard_error": finite(found.error),
        "interval": [finite(bound) for bound in found.interval],
        "total_error": finite(found.total_error),
        "total_interval": [finite(bound) for bound in found.total_interval],
        "lower": finite(found.lower),
        "upper": finite(found.upper),
        "judged_only": finite(found.judged_only),
        "p_value": finite(found.p_value),
        "adjusted_p": finite(found.adjusted_p),
    }


def _arm(found: JudgeArm | None) -> Json:
    if found is None:
        return None
    return {
        "passes": found.passes,
        "fails": found.fails,
        "tpr": finite(found.tpr),
        "tpr_interval": None if found.tpr_interval is None else [finite(bound) for bound in found.tpr_interval],
        "tnr": finite(found.tnr),
        "tnr_interval": None if found.tnr_interval is None else [finite(bound) for bound in found.tnr_interval],
    }


def _same(found: SameForPeople | None) -> Json:
    if found is None:
        return None
    return {
        "prefers_base": found.prefers_base,
        "prefers_head": found.prefers_head,
        "p_value": finite(found.p_value),
    }


def _rated(one: RatedPrompt) -> dict[str, Json]:
    table = one.confusion
    return {
        "prompt": one.prompt,
        "path": one.path,
        "cases": one.cases,
        "known": one.known,
        "judged": one.judged,
        "errors": one.errors,
        "wanted": one.wanted,
        "sampled": one.sampled,
        "remaining": _remaining(one.remaining),
        "judge_rate": finite(one.judge_rate),
        "judge_interval": None if one.judge_interval is None else [finite(bound) for bound in one.judge_interval],
        "rate": finite(one.rate),
        "standard_error": finite(one.error),
        "interval": None if one.interval is None else [finite(bound) for bound in one.interval],
        "more_labels": one.more_labels,
        "confusion": None
        if table is None
        else dict(zip(("both_pass", "missed_passes", "missed_fails", "both_fail"), table, strict=True)),
        "judge": _arm(one.judge),
        "kappa": finite(one.kappa),
        "ac1": finite(one.ac1),
    }
