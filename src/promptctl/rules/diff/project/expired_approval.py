"""An approval that has ceased to hold."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import Approvals
from promptctl.rules.diff.engine.rule import Category, Difference, Looks, diff_rule


@diff_rule("PD004", Severity.WARNING, Category.PROJECT, None, Looks.APPROVALS)
def expired_approval(approvals: Approvals) -> Iterator[Difference]:
    """An approval has expired.

    Why: It was given until a day that is over; the finding counts again.

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
      - {fingerprint: "d9f8a73d815c", reason: Callers have changed, expires: 2020-01-31}
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
      - {fingerprint: "d9f8a73d815c", reason: Callers have changed, expires: 2199-01-31}
    ```
    """
    for one in approvals.expired:
        message = f"the approval of {one.fingerprint} expired on {one.expires}"
        yield Difference(message, ("expired", one.fingerprint, str(one.expires)), hint="decide anew: promptctl accept")
