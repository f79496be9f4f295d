"""The verdict document, version 1: Verdict to JSON and back.

Written out by hand and frozen, as the run document is: adding a key is not a new version, readers ignore keys they do
not know, absence is null, never NaN and never 0. A prompt's `n`, `difference`, `interval`, `p_value` and
`detectable_drop` are those of the metric that `metric` names; `metrics` has all of them.
"""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.verdict import CaseError, JudgeInForce, Measure, Metric, PromptVerdict, Ruling, TagResult, Verdict
from promptctl.text.record_completion import finite
from promptctl.text.record_witness import decode_witness, encode_witness

VERSION = 1
KIND = "verdict"


def encode(verdict: Verdict, *, kind: str = KIND) -> dict[str, Json]:
    """The document of `verdict`: plain JSON values. kind: "comparison" where nothing was gated."""
    return {
        "version": VERSION,
        "kind": kind,
        "verdict": verdict.verdict.value,
        "rule": verdict.rule,
        "incomplete": verdict.incomplete,
        "baseline": dict(verdict.baseline),
        "head": dict(verdict.head),
        "policy": {key: list(value) if isinstance(value, tuple) else value for key, value in verdict.policy.items()},
        "prompts": [_encode_prompt(one) for one in verdict.prompts],
        "carried_over": list(verdict.carried_over),
        "reasons": list(verdict.reasons),
        "notes": list(verdict.notes),
        "command": verdict.command,
        "judges": [_encode_judge(one) for one in verdict.judges],
    }


def decode(document: Json, *, kind: str = KIND) -> Verdict:
    """The verdict a document describes. Raises InputError: another kind or version, or a key that has to be there."""
    if not isinstance(document, Mapping) or document.get("kind") != kind:
        raise InputError(Problem(f"this is not a {kind} document", hint="promptctl gate --format json writes verdicts"))
    if document.get("version") != VERSION:
        message = f"a {kind} document of version {document.get('version')!r}; this promptctl reads version {VERSION}"
        raise InputError(Problem(message, hint="use the promptctl that wrote it, or a newer one"))
    try:
        return Verdict(
            verdict=Ruling(document["verdict"]),
            prompts=tuple(_decode_prompt(one) for one in document["prompts"]),
            baseline=dict(document["baseline"]),
            head=dict(document.get("head", {})),
            policy={
                key: tuple(value) if isinstance(value, list) else value
                for key, value in document.get("policy", {}).items()
            },
            rule=document.get("rule"),
            reasons=tuple(document["reasons"]),
            carried_over=tuple(document.get("carried_over", ())),
            notes=tuple(document.get("notes", ())),
            command=document.get("command"),
            judges=tuple(_decode_judge(one) for one in document.get("judges", ())),
        )
    except KeyError as error:
        raise InputError(Problem(f"the {kind} document has no {error.args[0]!r}")) from None
    except (TypeError, ValueError, AttributeError, IndexError) as error:
        raise InputError(Problem(f"the {kind} document is damaged: {error}")) from None


def _encode_judge(one: JudgeInForce) -> dict[str, Json]:
    return {
        "name": one.name,
        "digest": one.digest,
        "prompts": list(one.prompts),
        "labels": one.labels,
        "passes": one.passes,
        "fails": one.fails,
        "disputed": one.disputed,
        "tpr": finite(one.tpr),
        "tnr": finite(one.tnr),
        "tnr_lower": finite(one.tnr_lower),
        "kappa": finite(one.kappa),
        "ac1": finite(one.ac1),
        "note": one.note,
    }


def _decode_judge(row: Mapping[str, Json]) -> JudgeInForce:
    return JudgeInForce(
        name=row["name"],
        digest=row["digest"],
        prompts=tuple(row["prompts"]),
        labels=row.get("labels", 0),
        passes=row.get("passes", 0),
        fails=row.get("fails", 0),
        disputed=row.get("disputed", 0),
        tpr=row.get("tpr"),
        tnr=row.get("tnr"),
        tnr_lower=row.get("tnr_lower"),
        kappa=row.get("kappa"),
        ac1=row.get("ac1"),
        note=row.get("note"),
    )


def _encode_prompt(one: PromptVerdict) -> dict[str, Json]:
    deciding = one.deciding
    return {
        "prompt": one.prompt,
        "path": one.path,
        "verdict": one.verdict.value,
        "rule": one.rule,
        "metric": one.metric,
        "n": one.n,
        "base_passed": one.base_passed,
        "head_passed": one.head_passed,
        "regressions": one.regressions,
        "improvements": one.improvements,
        "difference": None if deciding is None else finite(deciding.difference),
        "interval": None if deciding is None else _pair(deciding.interval),
        "p_value": None if deciding is None else finite(deciding.p_value),
        "e_value": finite(one.e_value),
        "stopped_after": one.stopped_after,
        "detectable_drop": None if deciding is None else finite(deciding.detectable_drop),
        "incomplete": one.incomplete,
        "confirmed_regressions": one.confirmed_regressions,
        "confirmed_improvements": one.confirmed_improvements,
        "witnesses": [encode_witness(witness) for witness in one.witnesses],
        "improved": list(one.improved),
        "metrics": [_encode_metric(metric) for metric in one.metrics],
        "measures": [_encode_measure(measure) for measure in one.measures],
        "tags": [_encode_tag(tag) for tag in one.tags],
        "errors": [{"case": error.case, "side": error.side, "reason": error.reason} for error in one.errors],
        "base_only": list(one.base_only),
        "head_only": list(one.head_only),
        "edited": list(one.edited),
        "reasons": list(one.reasons),
        "notes": list(one.notes),
    }


def _decode_prompt(row: Mapping[str, Json]) -> PromptVerdict:
    return PromptVerdict(
        prompt=row["prompt"],
        verdict=Ruling(row["verdict"]),
        rule=row["rule"],
        n=row["n"],
        regressions=row["regressions"],
        improvements=row["improvements"],
        metrics=tuple(_decode_metric(metric) for metric in row.get("metrics", ())),
        metric=row.get("metric", "pass_rate"),
        path=row.get("path"),
        base_passed=row.get("base_passed", 0),
        head_passed=row.get("head_passed", 0),
        e_value=row.get("e_value"),
        stopped_after=row.get("stopped_after"),
        incomplete=row.get("incomplete", False),
        confirmed_regressions=row.get("confirmed_regressions"),
        confirmed_improvements=row.get("confirmed_improvements"),
        witnesses=tuple(decode_witness(witness) for witness in row["witnesses"]),
        improved=tuple(row.get("improved", ())),
        measures=tuple(_decode_measure(measure) for measure in row.get("measures", ())),
        tags=tuple(_decode_tag(tag) for tag in row.get("tags", ())),
        errors=tuple(CaseError(one["case"], one["side"], one["reason"]) for one in row.get("errors", ())),
        base_only=tuple(row.get("base_only", ())),
        head_only=tuple(row.get("head_only", ())),
        edited=tuple(row.get("edited", ())),
        reasons=tuple(row.get("reasons", ())),
        notes=tuple(row.get("notes", ())),
    )


def _pair(interval: tuple[float | None, float | None] | None) -> list[float | None] | None:
    return None if interval is None else [finite(bound) for bound in interval]


def _encode_metric(metric: Metric) -> dict[str, Json]:
    return {
        "name": metric.name,
        "gating": metric.gating,
        "verdict": metric.verdict.value,
        "rule": metric.rule,
        "n": metric.n,
        "units": metric.units,
        "base": finite(metric.base),
        "head": finite(metric.head),
        "difference": finite(metric.difference),
        "interval": _pair(metric.interval),
        "lower": finite(metric.lower),
        "upper": finite(metric.upper),
        "p_value": finite(metric.p_value),
        "adjusted_p": finite(metric.adjusted_p),
        "detectable_drop": finite(metric.detectable_drop),
        "settled_by": metric.settled_by,
        "settles_as": metric.settles_as,
    }


def _decode_metric(row: Mapping[str, Json]) -> Metric:
    interval = row.get("interval")
    return Metric(
        name=row["name"],
        verdict=Ruling(row["verdict"]),
        rule=row["rule"],
        n=row["n"],
        base=row.get("base"),
        head=row.get("head"),
        difference=row.get("difference"),
        interval=None if interval is None else (interval[0], interval[1]),
        lower=row.get("lower"),
        upper=row.get("upper"),
        p_value=row.get("p_value"),
        adjusted_p=row.get("adjusted_p"),
        units=row.get("units"),
        detectable_drop=row.get("detectable_drop"),
        settled_by=row.get("settled_by"),
        settles_as=row.get("settles_as"),
        gating=row.get("gating", True),
    )


def _encode_measure(measure: Measure) -> dict[str, Json]:
    return {
        "name": measure.name,
        "unit": measure.unit,
        "base": finite(measure.base),
        "head": finite(measure.head),
        "base_calls": measure.base_calls,
        "head_calls": measure.head_calls,
        "base_interval": _pair(measure.base_interval),
        "head_interval": _pair(measure.head_interval),
        "limit": finite(measure.limit),
        "verdict": None if measure.verdict is None else measure.verdict.value,
        "note": measure.note,
    }


def _decode_measure(row: Mapping[str, Json]) -> Measure:
    base, head, ruling = row.get("base_interval"), row.get("head_interval"), row.get("verdict")
    return Measure(
        name=row["name"],
        unit=row["unit"],
        base=row.get("base"),
        head=row.get("head"),
        base_calls=row["base_calls"],
        head_calls=row["head_calls"],
        base_interval=None if base is None else (base[0], base[1]),
        head_interval=None if head is None else (head[0], head[1]),
        limit=row.get("limit"),
        verdict=None if ruling is None else Ruling(ruling),
        note=row.get("note"),
    )


def _encode_tag(tag: TagResult) -> dict[str, Json]:
    return {
        "tag": tag.tag,
        "n": tag.n,
        "regressions": tag.regressions,
        "improvements": tag.improvements,
        "difference": finite(tag.difference),
        "interval": _pair(tag.interval),
        "p_value": finite(tag.p_value),
    }


def _decode_tag(row: Mapping[str, Json]) -> TagResult:
    interval = row.get("interval")
    return TagResult(
        tag=row["tag"],
        n=row["n"],
        regressions=row["regressions"],
        improvements=row["improvements"],
        difference=row.get("difference"),
        interval=None if interval is None else (interval[0], interval[1]),
        p_value=row.get("p_value"),
    )
