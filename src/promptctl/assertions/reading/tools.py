"""The tools a model called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from promptctl.assertions.reading.json_text import load, objects
from promptctl.model.answer import Answer
from promptctl.model.prompt import Json


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call, its arguments read; arguments is None where they are not a JSON object."""

    name: str
    arguments: Json


def calls(answer: Answer) -> tuple[Call, ...]:
    """The calls the provider reported; where there are none, those that stand as JSON in the answer's text.

    Recognised in text are the shapes of OpenAI (`tool_calls`), Anthropic (`tool_use`) and Gemini (`functionCall`).
    """
    if answer.tool_calls:
        return tuple(Call(call.name, _arguments(call.arguments)) for call in answer.tool_calls)
    return tuple(_in_text(answer.output))


def names_called(answer: Answer) -> tuple[str, ...]:
    """The names of the calls, in order, with repetitions."""
    return tuple(call.name for call in calls(answer))


def _arguments(value: Json) -> Json:
    if not isinstance(value, str):
        return value if isinstance(value, dict) else None
    try:
        read = load(value) if value.strip() else {}
    except ValueError:
        return None
    return read if isinstance(read, dict) else None


def _in_text(text: str) -> Iterator[Call]:
    try:
        whole = load(text)
    except ValueError:
        for found in objects(text):
            yield from _in_value(found)
        return
    for item in whole if isinstance(whole, list) else [whole]:
        yield from _in_value(item, listed=isinstance(whole, list))


def _in_value(value: Json, *, listed: bool = False) -> Iterator[Call]:
    if not isinstance(value, dict):
        return
    if isinstance(value.get("tool_calls"), list):
        for item in value["tool_calls"]:
            yield from _in_value(item, listed=True)
    elif isinstance(value.get("function"), dict):
        yield from _named(value["function"], "arguments")
    elif isinstance(value.get("functionCall"), dict):
        yield from _named(value["functionCall"], "args")
    elif isinstance(value.get("toolCall"), dict):
        for item in value["toolCall"].get("functionCalls") or ():
            yield from _named(item, "args")
    elif value.get("type") == "tool_use":
        yield from _named(value, "input")
    elif listed and "type" not in value:
        yield from _named(value, "arguments")


def _named(value: Json, key: str) -> Iterator[Call]:
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        yield Call(value["name"], _arguments(value.get(key, {})))
