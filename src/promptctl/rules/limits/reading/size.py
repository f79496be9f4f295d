"""How many tokens a prompt is at least, and with the largest case of its golden set."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.model.errors import InputError
from promptctl.model.prompt import Json, Prompt
from promptctl.rules.engine.rule import Tested
from promptctl.text.template import render
from promptctl.text.wire import response_format_of

Count = Callable[[str, str], int]

# What a chat format adds, as adapters/tokens.py counts it: three tokens a message, three for the reply's beginning.
PER_MESSAGE, PER_REPLY = 3, 3
_OUTPUT = re.compile(r"\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Size:
    """Tokens of a request. case: the index of the golden case it is for, None for what all cases share."""

    tokens: int
    case: int | None = None


def shared_size(prompt: Prompt, model: str, count: Count, over: int) -> Size | None:
    """The tokens every case shares, where they are more than `over`; None where they are not.

    Messages with tags (`{% if %}`, `{% include %}`) are left out, because what they come to depends on the case.
    """
    fixed = [_OUTPUT.sub("", one.content) for one in prompt.messages if one.content and "{%" not in one.content]
    texts = [*fixed, *_declared(prompt)]
    extra = PER_REPLY + PER_MESSAGE * len(prompt.messages)
    if _at_most(texts) + extra <= over:
        return None
    tokens = sum(count(text, model) for text in texts) + extra
    return Size(tokens) if tokens > over else None


def largest_case(tested: Tested, prompt: Prompt, model: str, count: Count, over: int) -> Size | None:
    """The case with the most tokens, where they are more than `over`; None where no case has more.

    A case that cannot be rendered is left out: other rules say what is wrong with it. Only what may be the
    largest is counted, because a token is at least one byte.
    """
    sizes = []
    for index, case in enumerate(tested.golden.cases):
        try:
            texts = list(_texts(render(prompt, case)))
        except InputError:
            continue
        texts += _declared(prompt)
        messages = len(prompt.messages) + len(case.history)
        sizes.append((_at_most(texts) + PER_REPLY + PER_MESSAGE * messages, index, messages, texts))
    found: Size | None = None
    for most, index, messages, texts in sorted(sizes, key=lambda one: (-one[0], one[1])):
        if most <= max(over, found.tokens if found else 0):
            break
        tokens = sum(count(text, model) for text in texts) + PER_REPLY + PER_MESSAGE * messages
        if tokens > over and (found is None or tokens > found.tokens):
            found = Size(tokens, index)
    return found


def _texts(messages: Sequence[Mapping[str, Json]]) -> Iterable[str]:
    for message in messages:
        for value in message.values():
            if value is not None:
                yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _declared(prompt: Prompt) -> list[str]:
    """Tools and output schema, which go with every request."""
    schema = response_format_of(prompt.output_format, prompt.output_schema) or prompt.parameters.get("response_format")
    declared = [*(dict(tool) for tool in prompt.tools), *([schema] if isinstance(schema, Mapping) else [])]
    return [json.dumps(declared)] if declared else []


def _at_most(texts: Iterable[str]) -> int:
    return sum(len(text.encode()) for text in texts)
