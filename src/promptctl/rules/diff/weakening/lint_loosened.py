"""Rules that are switched off."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import dotted
from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Comparison
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule
from promptctl.rules.diff.reading.words import was_now


@diff_rule("PD515", Severity.WARNING, Category.TESTS, None, Looks.PROJECT)
def lint_loosened(comparison: Comparison) -> Iterator[Difference]:
    """A rule is ignored, or counts for less.

    Why: A finding that is switched off in the change that causes it is never seen.

    Bad:
    ```yaml
    # base: promptctl.yaml
    lint: {ignore: []}
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: promptctl.yaml
    lint: {ignore: [PL101]}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    Good:
    ```yaml
    # base: promptctl.yaml
    lint: {ignore: [PL304]}
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: promptctl.yaml
    lint: {ignore: []}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    ```
    """
    for one in comparison.policy.loosened:
        if one.path[0] == "lint":
            message = f"{dotted(one.path)} {was_now(one.before, one.after)}"
            if one.path[1] in ("ignore", "per_path"):
                message = (
                    f"{one.path[2]} is {'ignored' if one.path[1] == 'ignore' else 'judged by rules of its own'} now"
                )
            yield Difference(message, (list(one.path), one.before, one.after), at=one.path)
