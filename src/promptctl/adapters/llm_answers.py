"""What a provider said, out of the wire's JSON: pure, shared by every road."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from promptctl.adapters.prices import Usage
from promptctl.model.run import ToolCall

_THINKING = re.compile(r"<(?:think|thinking|budget:thinking)>.*?</(?:think|thinking|budget:thinking)>(.*)", re.DOTALL)
FINISH_REASONS: Mapping[str, str] = {"eos": "stop", "eos_token": "stop", "end_turn": "stop", "max_tokens": "length"}


class NotAnAnswer(ValueError):  # noqa: N818 - a fact about the wire
    """The JSON is not a chat completion; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer before it is priced and timed. model: as the provider names it, None where it does not."""

    output: str
    tool_calls: tuple[ToolCall, ...] = ()
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage = field(default_factory=Usage)
    embeddings: tuple[tuple[float, ...], ...] = ()


def read_chat(wire: Any) -> Said:  # noqa: ANN401 - decoded JSON of anybody's
    """An OpenAI chat completion object as Said. Raises NotAnAnswer."""
    choices = wire.get("choices") if isinstance(wire, Mapping) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        raise NotAnAnswer("there are no choices in it")
    message = choices[0].get("message")
    if not isinstance(message, Mapping):
        raise NotAnAnswer("the first choice has no message")
    calls = tuple(_tool_call(call) for call in message.get("tool_calls") or ())
    return Said(
        output=visible_text(message),
        tool_calls=calls,
        model=wire.get("model") or None,
        finish_reason=finish_reason(choices[0].get("finish_reason"), calls),
        usage=read_usage(wire.get("usage")),
    )


def visible_text(message: Mapping[str, Any]) -> str:
    """The text of a message: its content, without thoughts written into it, or its refusal, or nothing."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    if not content:
        return message.get("refusal") or ""
    if "reasoning_content" not in message and "reasoning" not in message:
        thought = _THINKING.match(content)
        content = thought.group(1) if thought else content
    return str(content)


def finish_reason(reason: str | None, calls: tuple[ToolCall, ...]) -> str | None:
    """OpenAI's spelling of why an answer ended; None where the provider does not say."""
    known = FINISH_REASONS.get(reason, reason) if reason else None
    return "tool_calls" if known == "stop" and calls else known


def read_usage(usage: Any) -> Usage:  # noqa: ANN401
    """Token counts, from a mapping or an object; 0 in and 0 out is a library's "not reported"."""
    if usage is None:
        return Usage()
    taken, given = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if not taken and not given:
        return Usage()
    details = _get(usage, "prompt_tokens_details")
    written = _count(details, "cache_creation_tokens") or _count(usage, "cache_creation_input_tokens")
    return Usage(
        input_tokens=taken,
        output_tokens=given or 0,
        cached_tokens=_count(details, "cached_tokens"),
        cache_write_tokens=written,
        reasoning_tokens=_count(_get(usage, "completion_tokens_details"), "reasoning_tokens"),
    )


@dataclass(slots=True)
class Stream:
    """The events of a stream, put together. `begun` turns true with the first text, tool call or thought."""

    model: str | None = None
    ended: str | None = None
    usage: Usage = field(default_factory=Usage)
    begun: bool = False
    _text: list[str] = field(default_factory=list)
    _refusal: list[str] = field(default_factory=list)
    _calls: dict[int, list[str]] = field(default_factory=dict)
    _names: dict[int, tuple[str, str | None]] = field(default_factory=dict)

    def add(self, chunk: Any) -> None:  # noqa: ANN401 - a wire object, or a library's of the same shape
        """Take one chat.completion.chunk."""
        self.model = self.model or _get(chunk, "model") or None
        if (usage := _get(chunk, "usage")) is not None:
            self.usage = read_usage(usage)
        for choice in (_get(chunk, "choices") or ())[:1]:
            self.ended = _get(choice, "finish_reason") or self.ended
            self._delta(_get(choice, "delta"))

    def said(self) -> Said:
        """The whole answer. Raises NotAnAnswer where the stream held none."""
        if not self.begun and self.usage == Usage():
            raise NotAnAnswer("the stream holds no answer")
        calls = tuple(
            ToolCall(name=name, arguments="".join(self._calls[at]), id=made)
            for at, (name, made) in sorted(self._names.items())
        )
        return Said(
            output="".join(self._text) or "".join(self._refusal),
            tool_calls=calls,
            model=self.model,
            finish_reason=finish_reason(self.ended, calls),
            usage=self.usage,
        )

    def _delta(self, delta: Any) -> None:  # noqa: ANN401
        text, refusal, calls = (_get(delta, name) for name in ("content", "refusal", "tool_calls"))
        if text:
            self._text.append(text)
        if refusal:
            self._refusal.append(refusal)
        for call in calls or ():
            at = _get(call, "index") or 0
            function = _get(call, "function")
            name, made = self._names.get(at, ("", None))
            self._names[at] = (name or _get(function, "name") or "", made or _get(call, "id"))
            self._calls.setdefault(at, []).append(_get(function, "arguments") or "")
        thought = _get(delta, "reasoning_content") or _get(delta, "reasoning")
        self.begun = self.begun or bool(text or refusal or calls or thought)


def read_embeddings(data: Iterable[Any]) -> tuple[tuple[float, ...], ...]:
    """The vectors of an embedding answer, in the order of the texts."""
    return tuple(tuple(float(number) for number in _get(item, "embedding")) for item in data)


def _tool_call(call: Any) -> ToolCall:  # noqa: ANN401
    function = _get(call, "function")
    arguments = _get(function, "arguments")
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCall(name=_get(function, "name") or "", arguments=text, id=_get(call, "id"))


def _get(thing: Any, name: str) -> Any:  # noqa: ANN401
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _count(thing: Any, name: str) -> int | None:  # noqa: ANN401
    found = _get(thing, name)
    return int(found) if isinstance(found, int | float) else None
