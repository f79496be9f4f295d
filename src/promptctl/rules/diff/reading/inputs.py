"""The inputs two versions of a prompt share."""

from __future__ import annotations

from collections.abc import Sequence

from promptctl.changes.prompts import PromptChange
from promptctl.model.prompt import Input


def kept_inputs(change: PromptChange) -> Sequence[tuple[Input, Input]]:
    """Every input that is there before and after."""
    if change.before is None or change.after is None:
        return ()
    old = {one.name: one for one in change.before.inputs}
    return [(old[one.name], one) for one in change.after.inputs if one.name in old]
