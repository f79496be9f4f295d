"""Another system, or another way to it."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import dotted, value_changes
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.words import was_now
from promptctl.text.wire import target_identity


@diff_rule("PD305", Severity.WARNING, Category.MODEL, Level.MINOR)
def target_changed(pair: PromptPair) -> Iterator[Difference]:
    """Another system under test answers, or it is asked in another way.

    Why: The same cases get other answers. What that means only an evaluation can say: run `promptctl gate`.

    Bad:
    ```yaml
    # base: app/bot.py
    def answer(payload): return "Hi"
    def reply(payload): return "Hello"
    # base: prompts/bot.yaml
    target: app/bot.py:answer
    inputs: {question: {type: string}}
    # file: app/bot.py
    def answer(payload): return "Hi"
    def reply(payload): return "Hello"
    # file: prompts/bot.yaml
    target: app/bot.py:reply
    inputs: {question: {type: string}}
    ```
    Bad (other headers):
    ```yaml
    # base: prompts/bot.yaml
    target: {http: "http://localhost:8000/answer"}
    # file: prompts/bot.yaml
    target: {http: "http://localhost:8000/answer", headers: {X-Variant: b}}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    target: {http: "http://localhost:8000/answer"}
    # file: prompts/bot.yaml
    target: {http: "http://localhost:8000/answer", timeout_s: 90}
    ```
    """
    before, after = pair.change.before, pair.change.after
    if before is None or after is None or before.target is None or after.target is None:
        return
    old, new = {"target": target_identity(before.target)}, {"target": target_identity(after.target)}
    hint = "only an evaluation can tell: promptctl gate"
    for one in value_changes(old, new):
        message = f"{dotted(one.path)} {was_now(one.before, one.after)}"
        yield Difference(message, (list(one.path), one.before, one.after), at=("target",), hint=hint)
