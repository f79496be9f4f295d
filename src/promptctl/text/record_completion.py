"""A completion as JSON: in run documents, in the cache and in recordings."""

from __future__ import annotations

import math
from collections.abc import Mapping

from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Source, ToolCall

# What a completion has only sometimes; left out where it is the default, so that documents stay small.
_SOMETIMES = ("cached_tokens", "first_token_s", "received_at")


def finite(value: float | None) -> float | None:
    """`value`, or None where it is no finite number: JSON has no other."""
    return value if value is not None and math.isfinite(value) else None


def encode_completion(completion: Completion) -> dict[str, Json]:
    """The JSON object of a completion."""
    out: dict[str, Json] = {
        "output": completion.output,
        "tool_calls": [
            {"name": call.name, "arguments": call.arguments, "id": call.id} for call in completion.tool_calls
        ],
        "model": completion.model,
        "finish_reason": completion.finish_reason,
        "input_tokens": completion.input_tokens,
        "output_tokens": completion.output_tokens,
        "cost_usd": finite(completion.cost_usd),
        "latency_s": finite(completion.latency_s),
        "source": completion.source.value,
        "attempts": completion.attempts,
        "fallback": completion.fallback,
    }
    for key in _SOMETIMES:
        value = getattr(completion, key)
        if value is not None:
            out[key] = finite(value) if isinstance(value, float) else value
    if completion.embeddings:
        out["embeddings"] = [list(vector) for vector in completion.embeddings]
    if completion.context is not None:
        out["context"] = list(completion.context)
    return out


def decode_completion(value: Mapping[str, Json]) -> Completion:
    """The completion of a JSON object. Raises KeyError, TypeError or ValueError where it is damaged."""
    context = value.get("context")
    return Completion(
        output=_text(value["output"]),
        tool_calls=tuple(
            ToolCall(_text(call["name"]), _text(call["arguments"]), call.get("id")) for call in value["tool_calls"]
        ),
        model=value.get("model"),
        finish_reason=value.get("finish_reason"),
        input_tokens=value.get("input_tokens"),
        output_tokens=value.get("output_tokens"),
        cached_tokens=value.get("cached_tokens"),
        cost_usd=value.get("cost_usd"),
        latency_s=value.get("latency_s"),
        first_token_s=value.get("first_token_s"),
        source=Source(value["source"]),
        attempts=value.get("attempts", 1),
        fallback=value.get("fallback", False),
        embeddings=tuple(tuple(vector) for vector in value.get("embeddings", ())),
        context=None if context is None else tuple(context),
        received_at=value.get("received_at"),
    )


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not text")
    return value
