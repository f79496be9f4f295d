"""Tokens counted by a library that is imported with the first count: a run from the cache needs none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptctl.model.prompt import Json


def count(text: str, model: str) -> int:
    """As `adapters.tokens.count`."""
    from promptctl.adapters import tokens

    return tokens.count(text, model)


def count_messages(messages: Sequence[Mapping[str, Json]], model: str, tools: Sequence[Mapping[str, Json]] = ()) -> int:
    """As `adapters.tokens.count_messages`."""
    from promptctl.adapters import tokens

    return tokens.count_messages(messages, model, tools)
