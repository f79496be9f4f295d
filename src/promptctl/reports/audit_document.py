"""The audit document, version 1: an audit as JSON. Absence is null, never 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from promptctl.evals.audit_figures import HALF_WIDTH, Audit
from promptctl.model.label import Label
from promptctl.model.prompt import Json
from promptctl.stats.labelled import Item


@dataclass(frozen=True, slots=True)
class Audited:
    """A judge, its audit, and what there is to know around it.

    file: its labels. asked: items put to it now. unheard: by item, why its verdict is not known. others: labels whose
    verdict was that of the judge as it was before. gone: items whose case is in no golden set any more. cost_usd: of the
    verdicts asked for now, None where a price is unknown. ended: whether the audit was interrupted.
    """

    judge: str
    model: str
    scale: str
    digest: str
    file: str
    audit: Audit
    asked: int = 0
    unheard: Mapping[str, str] | None = None
    others: int = 0
    gone: tuple[str, ...] = ()
    cost_usd: float | None = None
    ended: bool = False
    notes: tuple[str, ...] = ()


def audit_document(found: Audited) -> dict[str, Json]:
    """The document `judge audit --format json` prints; its kind is "audit"."""
    audit = found.audit
    return {
        "version": 1,
        "kind": "audit",
        "judge": found.judge,
        "model": found.model,
        "scale": found.scale,
        "judge_digest": found.digest,
        "labels_file": found.file,
        "confidence": audit.confidence,
        "labels": audit.labels,
        "labellers": dict(audit.labellers),
        "items": len(audit.labelled.items),
        "compared": len(audit.labelled.compared),
        "asked": found.asked,
        "disputed": [_item(one) for one in audit.labelled.disputed],
        "errors": [_item(one) for one in audit.labelled.errors],
        "not_judged": _not_judged(found),
        "of_another_judge": found.others,
        "gone": [_item(one) for one in audit.labelled.items if one.label.item in set(found.gone)],
        "confusion": {
            "both_pass": audit.table.both_pass,
            "human_pass_judge_fail": audit.table.missed_passes,
            "human_fail_judge_pass": audit.table.missed_fails,
            "both_fail": audit.table.both_fail,
        },
        "counts": [
            {"human": human, "judge": judge, "items": number}
            for (human, judge), number in sorted(audit.labelled.counts.items(), key=str)
        ],
        **_figures(audit),
        "cost_usd": found.cost_usd,
    }


def _figures(audit: Audit) -> dict[str, Json]:
    rates = audit.rates
    return {
        "agreement": audit.agreement,
        "kappa": audit.kappa,
        "ac1": audit.ac1,
        "tpr": rates.tpr,
        "tpr_interval": _span(rates.tpr_interval),
        "tnr": rates.tnr,
        "tnr_interval": _span(rates.tnr_interval),
        "tnr_lower": rates.tnr_lower,
        "min_tnr": audit.min_tnr,
        "labels_needed": {
            "half_width": HALF_WIDTH,
            "pass": {"have": audit.passes.have, "need": audit.passes.need},
            "fail": {"have": audit.fails.have, "need": audit.fails.need},
            "fail_for_min_tnr": audit.fails_needed,
            "by_verdict": _by_verdict(audit),
        },
        "strata": [
            {
                "items": one.size,
                "labelled": one.labelled,
                "passed": one.passed,
                "own": one.own,
                "both_pass": one.table.both_pass,
                "human_pass_judge_fail": one.table.missed_passes,
                "human_fail_judge_pass": one.table.missed_fails,
                "both_fail": one.table.both_fail,
            }
            for one in (() if audit.by_verdict is None else audit.labelled.strata)
        ],
        "people": [
            {
                "one": pair.one,
                "other": pair.other,
                "items": pair.items,
                "agreement": pair.agreement,
                "kappa": pair.kappa,
                "differ": list(pair.differ),
            }
            for pair in audit.people
        ],
        "order": _order(audit),
        "length": _length(audit),
        "prompts": _prompts(audit),
        "consistency": _consistency(audit),
    }


def _by_verdict(audit: Audit) -> Json:
    found = audit.by_verdict
    if found is None:
        return None
    wanted = {"have": found.have, "half_width": found.for_width, "min_tnr": found.for_floor}
    return {
        key: None if one is None else {"judge_pass": one.passed, "judge_fail": one.failed}
        for key, one in wanted.items()
    }


def _order(audit: Audit) -> Json:
    order = audit.order
    if order is None:
        return None
    return {
        "pairs": order.pairs,
        "consistent": order.consistent,
        "agreement": order.agreement,
        "interval": _span(order.interval),
        "to_first": order.to_first,
        "to_second": order.to_second,
        "p": order.p,
    }


def _length(audit: Audit) -> Json:
    length = audit.length
    if length is None:
        return None
    return {
        "items": length.items,
        "judge": length.judge,
        "human": length.human,
        "excess": length.excess,
        "interval": _span(length.interval),
    }


def _prompts(audit: Audit) -> Json:
    return [
        {
            "prompt": one.prompt,
            "pass": {"hits": one.tpr[0], "items": one.tpr[1], "p": one.tpr_p},
            "fail": {"hits": one.tnr[0], "items": one.tnr[1], "p": one.tnr_p},
        }
        for one in audit.prompts
    ]


def _consistency(audit: Audit) -> Json:
    found = audit.consistency
    if found is None:
        return None
    return {
        "repeats": found.repeats,
        "items": found.items,
        "same": found.same,
        "interval": _span(found.interval),
        "alpha": found.alpha,
        "without": found.without,
    }


def _not_judged(found: Audited) -> list[Json]:
    reasons = found.unheard or {}
    by_item = {one.label.item: one for one in found.audit.labelled.items}
    return [{**_item(by_item[item]), "reason": reason} for item, reason in sorted(reasons.items()) if item in by_item]


def _item(one: Item) -> dict[str, Json]:
    label = one.label
    return {"item": label.item, "prompt": label.prompt, "case": label.case, "sample": label.sample}


def place_of(label: Label) -> str:
    """Where a labelled answer came from, for a reader: `bot greet`, `bot greet (sample 2)`."""
    sample = f" (sample {label.sample})" if label.sample else ""
    return f"{label.prompt} {label.case}{sample}"


def _span(interval: Sequence[float] | None) -> list[float] | None:
    return None if interval is None else list(interval)
