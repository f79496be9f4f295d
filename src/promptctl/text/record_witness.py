"""A witness as JSON: a case that speaks for a verdict, with both answers and what broke."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.model.prompt import Json
from promptctl.model.run import Outcome, ToolCall
from promptctl.model.verdict import Broken, Shown, Witness
from promptctl.text.record_completion import finite


def encode_witness(witness: Witness) -> dict[str, Json]:
    """The JSON object of a witness."""
    return {
        "case": witness.case,
        "kind": witness.kind,
        "tags": list(witness.tags),
        "must_pass": witness.must_pass,
        "confirmed": witness.confirmed,
        "format_only": witness.format_only,
        "base": _encode_shown(witness.base),
        "head": _encode_shown(witness.head),
        "assertions": [
            {
                "type": one.type,
                "name": one.name,
                "reason": one.reason,
                "failed": one.failed,
                "samples": one.samples,
            }
            for one in witness.broken
        ],
    }


def decode_witness(row: Mapping[str, Json]) -> Witness:
    """The witness of a JSON object. Raises KeyError, TypeError or ValueError where it is damaged."""
    return Witness(
        case=row["case"],
        kind=row["kind"],
        base=_decode_shown(row["base"]),
        head=_decode_shown(row["head"]),
        broken=tuple(
            Broken(one["type"], one.get("name"), one["reason"], one["failed"], one["samples"])
            for one in row.get("assertions", ())
        ),
        tags=tuple(row.get("tags", ())),
        must_pass=row.get("must_pass", False),
        confirmed=row.get("confirmed"),
        format_only=row.get("format_only", False),
    )


def _encode_shown(shown: Shown) -> dict[str, Json]:
    return {
        "outcome": shown.outcome.value,
        "output": shown.output,
        "tool_calls": [{"name": call.name, "arguments": call.arguments, "id": call.id} for call in shown.tool_calls],
        "passed": shown.passed,
        "samples": shown.samples,
        "score": finite(shown.score),
        "error": shown.error,
    }


def _decode_shown(row: Mapping[str, Json]) -> Shown:
    return Shown(
        outcome=Outcome(row["outcome"]),
        output=row["output"],
        passed=row["passed"],
        samples=row["samples"],
        score=row.get("score"),
        tool_calls=tuple(
            ToolCall(call["name"], call["arguments"], call.get("id")) for call in row.get("tool_calls", ())
        ),
        error=row.get("error"),
    )
