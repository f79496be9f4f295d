"""Messages and examples in a finding: which one, and where it is written."""

from __future__ import annotations

from promptctl.changes.messages import Part, PartChange
from promptctl.changes.prompts import PromptChange
from promptctl.model.source import NodePath
from promptctl.text.wire import template_place


def called(change: PartChange) -> str:
    """`the system message`, `the 2nd user message`, `example 3`."""
    part = change.part
    if part.kind == "example":
        return f"example {change.number}"
    return f"the {part.role} message" if change.number == 1 else f"{part.role} message {change.number}"


def written(prompt: PromptChange, change: PartChange) -> NodePath:
    """Where in the file it stands now; of what is gone, the list it stood in."""
    after = prompt.after
    if after is None or change.after is None:
        return ("messages",) if after is not None and "messages" in after.document else ("few_shot_examples",)
    if "messages" in after.document:
        return ("messages", change.after.first)
    if change.after.kind == "example":
        return ("few_shot_examples", change.number - 1)
    return template_place(after, change.after.first)


def text_of(part: Part | None) -> str | None:
    """All its text; None where it is not there."""
    return None if part is None else part.content
