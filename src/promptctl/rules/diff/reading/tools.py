"""The tools of two versions of a prompt, by name."""

from __future__ import annotations

from collections.abc import Mapping

from promptctl.changes.prompts import PromptChange
from promptctl.model.prompt import Json, Prompt

Tools = Mapping[str, tuple[int, Json]]


def tools(change: PromptChange) -> tuple[Tools, Tools]:
    """Place and definition of every tool by name, before and after; both empty where one version is missing."""
    if change.before is None or change.after is None:
        return {}, {}
    return _named(change.before), _named(change.after)


def _named(prompt: Prompt) -> Tools:
    return {str(tool["function"]["name"]): (index, dict(tool)) for index, tool in enumerate(prompt.tools)}
