"""A file that cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Comparison
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD001", Severity.ERROR, Category.PROJECT, None, Looks.PROJECT)
def unreadable_file(comparison: Comparison) -> Iterator[Difference]:
    """A changed file cannot be read, so nothing is known of its change.

    Why: What cannot be read is not the same as what did not change. A file that could not be read before, and can
    be now, is a warning.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: [openai/gpt-4o-2024-08-06
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions.
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    system_prompt: You answer questions briefly.
    ```
    """
    for one in comparison.unreadable:
        for problem in one.problems:
            when = "could not be read before" if one.side == "before" else "cannot be read"
            severity = Severity.WARNING if one.side == "before" else None
            message, at = f"{when}: {problem.message}", problem.path if problem.path not in (None, one.path) else None
            if at is not None:
                message = f"{message} (in {at})"
            yield Difference(
                message, (one.side, one.path, problem.message), path=one.path, hint=problem.hint, severity=severity
            )
