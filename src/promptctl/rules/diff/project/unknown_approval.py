"""An approval of nothing."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Approvals
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD003", Severity.WARNING, Category.PROJECT, None, Looks.APPROVALS)
def unknown_approval(approvals: Approvals) -> Iterator[Difference]:
    """An approval fits no finding of this change.

    Why: The change was edited after it was approved, or the fingerprint is misspelt: what was approved is not what
    is there. Approvals that are already in the base are history and not looked at.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string}}
    user_prompt: "{{ tier }}: {{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    # file: promptctl-accepted.yaml
    accepted:
      - {fingerprint: "000000000000", reason: Callers have changed}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, tier: {type: string}}
    user_prompt: "{{ tier }}: {{ question }}"
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: "{{ question }}"
    # file: promptctl-accepted.yaml
    accepted:
      - {fingerprint: "d9f8a73d815c", reason: Callers have changed}
    ```
    """
    for one in approvals.unknown:
        hint = "remove it, or accept the finding that is there now"
        yield Difference(
            f"nothing found has the fingerprint {one.fingerprint}", ("unknown", one.fingerprint), hint=hint
        )
