"""Other code behind the same prompt."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule


@diff_rule("PD306", Severity.WARNING, Category.MODEL, None)
def target_code_changed(pair: PromptPair) -> Iterator[Difference]:
    """Code of the system under test changed, or a file it is told to watch.

    Why: The prompt's file is the same; what answers is not. Imports are followed through the repository's Python modules.
    What the change means only an evaluation can say: run `promptctl gate`.

    Bad:
    ```yaml
    # base: app/bot.py
    from app.kb import find
    def answer(payload): return find(payload["input"]["input"])
    # base: app/kb.py
    def find(text): return text
    # base: prompts/bot.yaml
    target: app/bot.py:answer
    # file: app/bot.py
    from app.kb import find
    def answer(payload): return find(payload["input"]["input"])
    # file: app/kb.py
    def find(text): return text.upper()
    # file: prompts/bot.yaml
    target: app/bot.py:answer
    ```
    Good:
    ```yaml
    # base: app/bot.py
    def answer(payload): return "Hi"
    # base: app/other.py
    X = 1
    # base: prompts/bot.yaml
    target: app/bot.py:answer
    # file: app/bot.py
    def answer(payload): return "Hi"
    # file: app/other.py
    X = 2
    # file: prompts/bot.yaml
    target: app/bot.py:answer
    ```
    """
    for path in pair.code:
        message = f"{path} changed, on which the answers of {pair.name} hang"
        yield Difference(message, (path,), at=("target",), hint="only an evaluation can tell: promptctl gate")
