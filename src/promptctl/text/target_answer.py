"""What a system under test says, read strictly: what it says wrong is never taken for an answer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from promptctl.model.prompt import Json
from promptctl.model.run import Completion, ToolCall
from promptctl.text.checked import described, suggestion

KEYS = ("output", "context", "tool_calls", "usage", "model", "finish_reason", "request_id")
USAGE_KEYS = ("input_tokens", "output_tokens", "cached_tokens", "cost_usd")
CALL_KEYS = ("name", "arguments", "id")
_HINTS = {"answer": "output", "text": "output", "content": "output", "response": "output", "contexts": "context"}


class NotAnAnswer(Exception):  # noqa: N818 - the reason of an ERROR
    """What came back is no answer; the text says why, as a clause that follows "it"."""


def read_answer(said: Json, *, request_id: str) -> Completion:
    """The completion in what a target said: a text, or an object with the keys of KEYS.

    request_id: of the question; an answer that names another is not its answer. Raises NotAnAnswer.
    """
    if isinstance(said, str):
        return Completion(output=said)
    if not isinstance(said, Mapping):
        raise NotAnAnswer(f"gave {described(said)}, not a text or an object with `output`")
    _known(said, KEYS, "the answer")
    echoed = _text(said, "request_id")
    if echoed is not None and echoed != request_id:
        raise NotAnAnswer(f"answered another request ({echoed!r}; asked was {request_id!r})")
    usage = _mapping(said, "usage")
    _known(usage, USAGE_KEYS, "usage")
    calls = _calls(said)
    return Completion(
        output=_output(said, calls),
        tool_calls=calls,
        model=_text(said, "model"),
        finish_reason=_text(said, "finish_reason"),
        input_tokens=_count(usage, "input_tokens"),
        output_tokens=_count(usage, "output_tokens"),
        cached_tokens=_count(usage, "cached_tokens"),
        cost_usd=_amount(usage, "cost_usd"),
        context=_context(said),
    )


def _known(said: Mapping[str, Json], keys: tuple[str, ...], what: str) -> None:
    for key in said:
        if key not in keys:
            meant = _HINTS.get(key) if what == "the answer" else None
            near = f"did you mean {meant!r}?" if meant in keys else suggestion(str(key), keys)
            more = f": {near}" if near else f"; its keys are {', '.join(keys)}"
            raise NotAnAnswer(f"gave the unknown key {key!r} in {what}{more}")


def _output(said: Mapping[str, Json], calls: tuple[ToolCall, ...]) -> str:
    output = said.get("output")
    if output is None:
        if not calls:
            raise NotAnAnswer("gave an object without `output`")
        return ""
    if not isinstance(output, str):
        hint = " (structured output is its JSON text)" if isinstance(output, dict | list) else ""
        raise NotAnAnswer(f"gave {described(output)} as `output`, not a text{hint}")
    return output


def _context(said: Mapping[str, Json]) -> tuple[Json, ...] | None:
    if "context" not in said:
        return None
    context = said["context"]
    if context is None:
        raise NotAnAnswer(
            "gave null as `context`; where it found nothing it says [], where it does not search no `context`"
        )
    if isinstance(context, str):
        return (context,)
    if not isinstance(context, list):
        raise NotAnAnswer(f"gave {described(context)} as `context`, not a list of passages")
    for number, passage in enumerate(context):
        if not isinstance(passage, str | dict):
            raise NotAnAnswer(f"gave {described(passage)} as passage {number} of `context`, not a text or an object")
    return tuple(context)


def _calls(said: Mapping[str, Json]) -> tuple[ToolCall, ...]:
    calls = said.get("tool_calls")
    if calls is None:
        return ()
    if not isinstance(calls, list):
        raise NotAnAnswer(f"gave {described(calls)} as `tool_calls`, not a list")
    return tuple(_call(call, number) for number, call in enumerate(calls))


def _call(call: Json, number: int) -> ToolCall:
    if not isinstance(call, Mapping):
        raise NotAnAnswer(f"gave {described(call)} as tool call {number}, not {{name, arguments}}")
    _known(call, CALL_KEYS, f"tool call {number}")
    name, arguments, identity = call.get("name"), call.get("arguments", {}), call.get("id")
    if not isinstance(name, str) or not name:
        raise NotAnAnswer(f"gave tool call {number} without a `name`")
    if isinstance(arguments, Mapping):
        arguments = json.dumps(arguments, ensure_ascii=False)
    if not isinstance(arguments, str):
        raise NotAnAnswer(f"gave {described(arguments)} as the arguments of {name}, not an object or its JSON text")
    if identity is not None and not isinstance(identity, str):
        raise NotAnAnswer(f"gave {described(identity)} as the id of tool call {number}, not a text")
    return ToolCall(name, arguments, identity)


def _text(said: Mapping[str, Json], key: str) -> str | None:
    value = said.get(key)
    if value is not None and not isinstance(value, str):
        raise NotAnAnswer(f"gave {described(value)} as `{key}`, not a text")
    return value


def _mapping(said: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = said.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise NotAnAnswer(f"gave {described(value)} as `{key}`, not an object")
    return value


def _count(usage: Mapping[str, Json], key: str) -> int | None:
    value = usage.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NotAnAnswer(f"gave {described(value)} as usage.{key}, not a whole number of at least 0")
    return value


def _amount(usage: Mapping[str, Json], key: str) -> float | None:
    value = usage.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise NotAnAnswer(f"gave {described(value)} as usage.{key}, not a number of at least 0")
    return float(value)
