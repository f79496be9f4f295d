"""Values and texts in a finding's message: short, on one line."""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.model.prompt import Json
from promptctl.text.canonical import canonical

_LONGEST = 60


def said(value: Json) -> str:
    """A JSON value as a reader writes it, cut to sixty characters."""
    text = value if isinstance(value, str) else canonical(value)
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def several(names: Sequence[str], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def was_now(before: Json, after: Json) -> str:
    """`is 0.7 now, not 0`; with None for what is not set."""
    if after is None:
        return f"is not set any more, it was {said(before)}"
    return f"is {said(after)} now, and was not set" if before is None else f"is {said(after)} now, not {said(before)}"
