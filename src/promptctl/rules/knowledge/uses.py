"""Which models a prompt names, and where."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.prompt import Prompt
from promptctl.model.source import NodePath


def models_of(prompt: Prompt) -> Iterator[tuple[NodePath, str]]:
    """The prompt's model and its fallbacks, each with the path of its node; a target is no model."""
    if prompt.target is None:
        yield ("model",), prompt.model
    for index, model in enumerate(prompt.fallbacks):
        yield ("fallbacks", index), model
