"""The run document, version 1: Run to JSON and back.

The shape is written out by hand and frozen: what is on disk must not change because a class does. Adding a key is not
a new version; readers ignore keys they do not know. Absence is null or a missing key, never NaN and never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.run import (
    AssertionResult,
    CallRecord,
    Latency,
    Outcome,
    PromptRun,
    Provenance,
    Run,
    SampleResult,
    Source,
    Summary,
)
from promptctl.text.record_completion import decode_completion, encode_completion, finite

VERSION = 1
KIND = "run"
_OUTCOMES: Mapping[Json, Outcome] = {outcome.value: outcome for outcome in Outcome}
_PROVENANCE = ("promptctl", "litellm", "commit", "dirty", "started_at", "duration_s")

__all__ = ["VERSION", "decode", "decode_completion", "encode", "encode_completion", "encode_result", "encode_summary"]


def encode(run: Run) -> dict[str, Json]:
    """The run document of `run`: plain JSON values, ready to be written."""
    document = {
        "version": VERSION,
        "kind": KIND,
        "id": run.id,
        "status": run.status,
        "provenance": _encode_provenance(run.provenance),
        "summary": encode_summary(run.summary),
        "prompts": [_encode_prompt(prompt) for prompt in run.prompts],
        "results": [encode_result(result) for result in run.results],
    }
    return {**document, "notes": list(run.notes)} if run.notes else document


def decode(document: Json) -> Run:
    """The run a document describes. Raises InputError: another kind or version, or a key that has to be there."""
    if not isinstance(document, Mapping) or document.get("kind") != KIND:
        raise InputError(Problem("this is not a run document", hint="promptctl eval --format json writes one"))
    if document.get("version") != VERSION:
        message = f"a run document of version {document.get('version')!r}; this promptctl reads version {VERSION}"
        raise InputError(Problem(message, hint="use the promptctl that wrote it, or a newer one"))
    try:
        return Run(
            id=document["id"],
            status=document["status"],
            provenance=_decode_provenance(document["provenance"]),
            summary=_decode_summary(document["summary"]),
            prompts=tuple(_decode_prompt(prompt) for prompt in document["prompts"]),
            results=tuple(decode_result(result) for result in document["results"]),
            notes=tuple(document.get("notes", ())),
        )
    except KeyError as error:
        raise InputError(Problem(f"the run document has no {error.args[0]!r}")) from None
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(Problem(f"the run document is damaged: {error}")) from None


def encode_result(result: SampleResult) -> dict[str, Json]:
    """One row of `results`."""
    row: dict[str, Json] = {
        "prompt": result.prompt,
        "case": result.case,
        "case_digest": result.case_digest,
        "request_digest": result.request_digest,
        "sample": result.sample,
        "tags": list(result.tags),
        "outcome": result.outcome.value,
        "score": finite(result.score),
        "error": result.error,
        "assertions": [_encode_assertion(assertion) for assertion in result.assertions],
        "completion": None if result.completion is None else encode_completion(result.completion),
    }
    if result.error_kind is not None:
        row["error_kind"] = result.error_kind
    if result.pass_if != "all":
        row["pass_if"] = result.pass_if
    if result.prompt_digest is not None:
        row["prompt_digest"] = result.prompt_digest
    if result.cluster is not None:
        row["cluster"] = result.cluster
    if result.threshold is not None:
        row["threshold"] = result.threshold
    return row


def decode_result(row: Mapping[str, Json]) -> SampleResult:
    """The result in one row of `results`. Raises KeyError, TypeError or ValueError where it is damaged."""
    completion = row.get("completion")
    return SampleResult(
        prompt=row["prompt"],
        case=row["case"],
        case_digest=row["case_digest"],
        request_digest=row.get("request_digest"),
        sample=row["sample"],
        tags=tuple(row["tags"]),
        outcome=_outcome(row["outcome"]),
        score=row.get("score"),
        error=row.get("error"),
        assertions=tuple(_decode_assertion(assertion) for assertion in row["assertions"]),
        completion=None if completion is None else decode_completion(completion),
        error_kind=row.get("error_kind"),
        pass_if=row.get("pass_if", "all"),
        cluster=row.get("cluster"),
        prompt_digest=row.get("prompt_digest"),
        threshold=row.get("threshold"),
    )


def _outcome(value: Json) -> Outcome:
    """The outcome by its text; a dictionary finds it six times as fast as the enumeration, and rows are many."""
    return _OUTCOMES.get(value) or Outcome(value)


def _encode_assertion(result: AssertionResult) -> dict[str, Json]:
    out: dict[str, Json] = {
        "type": result.type,
        "name": result.name,
        "digest": result.digest,
        "outcome": result.outcome.value,
        "score": finite(result.score),
        "threshold": finite(result.threshold),
        "reason": result.reason,
    }
    if result.weight != 1:
        out["weight"] = finite(result.weight)
    if result.required:
        out["required"] = True
    if result.children:
        out["children"] = [_encode_assertion(child) for child in result.children]
    if result.calls:
        out["calls"] = [_encode_call(call) for call in result.calls]
    if result.detail:
        out["detail"] = dict(result.detail)
    return out


def _decode_assertion(value: Mapping[str, Json]) -> AssertionResult:
    return AssertionResult(
        type=value["type"],
        outcome=_outcome(value["outcome"]),
        score=value.get("score"),
        reason=value["reason"],
        digest=value["digest"],
        name=value.get("name"),
        threshold=value.get("threshold"),
        weight=value.get("weight", 1.0),
        required=value.get("required", False),
        children=tuple(_decode_assertion(child) for child in value.get("children", ())),
        calls=tuple(_decode_call(call) for call in value.get("calls", ())),
        detail=value.get("detail", {}),
    )


def _encode_call(call: CallRecord) -> dict[str, Json]:
    row: dict[str, Json] = {
        "request_digest": call.request_digest,
        "model": call.model,
        "cost_usd": finite(call.cost_usd),
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "source": call.source.value,
    }
    return row if call.output is None else {**row, "output": call.output}


def _decode_call(value: Mapping[str, Json]) -> CallRecord:
    return CallRecord(
        request_digest=value["request_digest"],
        model=value["model"],
        cost_usd=value.get("cost_usd"),
        input_tokens=value.get("input_tokens"),
        output_tokens=value.get("output_tokens"),
        source=Source(value["source"]),
        output=value.get("output"),
    )


def encode_summary(summary: Summary) -> dict[str, Json]:
    """The `summary` of a run or of one prompt."""
    interval = summary.pass_rate_interval
    return {
        "cases": summary.cases,
        "samples": summary.samples,
        "passed": summary.passed,
        "failed": summary.failed,
        "errored": summary.errored,
        "pass_rate": finite(summary.pass_rate),
        "pass_rate_interval": None if interval is None else [finite(bound) for bound in interval],
        "metrics": dict(summary.metrics),
        "cost_usd": finite(summary.cost_usd),
        "judge_cost_usd": finite(summary.judge_cost_usd),
        "unpriced": list(summary.unpriced),
        "input_tokens": summary.input_tokens,
        "output_tokens": summary.output_tokens,
        "latency_s": {"p50": finite(summary.latency_s.p50), "p95": finite(summary.latency_s.p95)},
        "completions": {**{source.value: 0 for source in Source}, **summary.completions},
    }


def _decode_summary(value: Mapping[str, Json]) -> Summary:
    interval = value.get("pass_rate_interval")
    latency = value.get("latency_s") or {}
    return Summary(
        cases=value["cases"],
        samples=value["samples"],
        passed=value["passed"],
        failed=value["failed"],
        errored=value["errored"],
        pass_rate=value.get("pass_rate"),
        pass_rate_interval=None if interval is None else (interval[0], interval[1]),
        metrics=dict(value.get("metrics", {})),
        cost_usd=value.get("cost_usd"),
        judge_cost_usd=value.get("judge_cost_usd"),
        unpriced=tuple(value.get("unpriced", ())),
        input_tokens=value.get("input_tokens"),
        output_tokens=value.get("output_tokens"),
        latency_s=Latency(latency.get("p50"), latency.get("p95")),
        completions=dict(value.get("completions", {})),
    )


def _encode_prompt(prompt: PromptRun) -> dict[str, Json]:
    return {
        "name": prompt.name,
        "version": prompt.version,
        "path": prompt.path,
        "model": prompt.model,
        "prompt_digest": prompt.prompt_digest,
        "golden_digest": prompt.golden_digest,
        "summary": encode_summary(prompt.summary),
    }


def _decode_prompt(value: Mapping[str, Json]) -> PromptRun:
    return PromptRun(
        name=value["name"],
        version=value.get("version"),
        path=value["path"],
        model=value["model"],
        prompt_digest=value["prompt_digest"],
        golden_digest=value["golden_digest"],
        summary=_decode_summary(value["summary"]),
    )


def _encode_provenance(provenance: Provenance) -> dict[str, Json]:
    return {
        **provenance.extra,
        "promptctl": provenance.promptctl,
        "litellm": provenance.litellm,
        "commit": provenance.commit,
        "dirty": provenance.dirty,
        "started_at": provenance.started_at,
        "duration_s": finite(provenance.duration_s),
    }


def _decode_provenance(value: Mapping[str, Json]) -> Provenance:
    return Provenance(
        promptctl=value["promptctl"],
        litellm=value.get("litellm"),
        commit=value.get("commit"),
        dirty=value["dirty"],
        started_at=value["started_at"],
        duration_s=value["duration_s"],
        extra={key: item for key, item in value.items() if key not in _PROVENANCE},
    )
