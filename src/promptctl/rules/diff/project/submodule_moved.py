"""Another commit of a submodule."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Comparison
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD002", Severity.WARNING, Category.PROJECT, None, Looks.PROJECT)
def submodule_moved(comparison: Comparison) -> Iterator[Difference]:
    """A submodule is at another commit.

    Why: What is in it belongs to another repository and is not compared here. Where prompts or golden sets are
    looked for in it this is a warning, elsewhere a note.

    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    """
    for one in comparison.submodules:
        was, now = (end[:12] if end else "nothing" for end in (one.before, one.after))
        hint = f"compare in there: promptctl diff -C {one.path} {was} {now}" if one.before and one.after else None
        severity = None if one.holds else Severity.INFO
        message = f"the submodule {one.path} moved from {was} to {now}"
        yield Difference(message, (one.path, one.before, one.after), path=one.path, hint=hint, severity=severity)
