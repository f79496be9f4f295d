"""A gate that lets more through."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import dotted
from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Comparison
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.words import was_now


@diff_rule("PD514", Severity.ERROR, Category.TESTS, None, Looks.PROJECT)
def gate_loosened(comparison: Comparison) -> Iterator[Difference]:
    """The gate, or what `eval` requires, asks for less.

    Why: A change must not lower the bar it is measured against. Policy is read from the base, and lowering it is a
    change of its own.

    Bad:
    ```yaml
    # base: promptctl.yaml
    gate: {max_drop: 0.02}
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: promptctl.yaml
    gate: {max_drop: 0.2}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    Bad (a tag that had to pass):
    ```yaml
    # base: promptctl.yaml
    gate: {must_pass: [critical, legal]}
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: promptctl.yaml
    gate: {must_pass: [critical]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: promptctl.yaml
    gate: {max_drop: 0.02}
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: promptctl.yaml
    gate: {max_drop: 0.01}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    """
    for one in comparison.policy.loosened:
        if one.path[0] != "lint":
            message = f"{dotted(one.path)} {was_now(one.before, one.after)}: less is asked for"
            if one.path[:2] == ("gate", "must_pass"):
                message = f"cases tagged {one.path[2]!r} do not have to pass any more"
            yield Difference(message, (list(one.path), one.before, one.after), at=one.path)
