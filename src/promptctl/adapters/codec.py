"""A completion as JSON, whole: what cache and recordings keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Source, ToolCall

_DEFAULTS = {field.name: field.default for field in fields(Completion)}
_PLAIN = tuple(name for name in _DEFAULTS if name not in ("tool_calls", "source", "embeddings", "context"))


def encode_completion(completion: Completion) -> dict[str, Json]:
    """The completion as a JSON object; what has its default value is left out."""
    document: dict[str, Json] = {}
    for name in _PLAIN:
        value = getattr(completion, name)
        if value != _DEFAULTS[name]:
            document[name] = value
    if completion.tool_calls:
        document["tool_calls"] = [{"name": c.name, "arguments": c.arguments, "id": c.id} for c in completion.tool_calls]
    if completion.embeddings:
        document["embeddings"] = [list(vector) for vector in completion.embeddings]
    if completion.context is not None:
        document["context"] = list(completion.context)
    document["source"] = str(completion.source)
    return document


def decode_completion(document: Mapping[str, Json]) -> Completion:
    """The completion of such an object. Raises KeyError, TypeError or ValueError where it is none."""
    context = document.get("context")
    return Completion(
        **{name: document[name] for name in _PLAIN if name in document},
        tool_calls=tuple(ToolCall(call["name"], call["arguments"], call.get("id")) for call in document.get("tool_calls", ())),
        source=Source(document.get("source", "live")),
        embeddings=tuple(tuple(vector) for vector in document.get("embeddings", ())),
        context=None if context is None else tuple(context),
    )
