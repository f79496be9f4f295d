"""One message more."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.parts import called, text_of, written


@diff_rule("PD402", Severity.WARNING, Category.TEXT, Level.PATCH)
def message_added(pair: PromptPair) -> Iterator[Difference]:
    """A message is new.

    Why: The model reads something it has not read before.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    messages:
      - {role: system, content: You answer questions.}
      - {role: user, content: "{{ question }}"}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    messages:
      - {role: system, content: You answer questions.}
      - {role: system, content: Be brief.}
      - {role: user, content: "{{ question }}"}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    messages:
      - {role: system, content: You answer questions.}
      - {role: user, content: "{{ question }}"}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    messages:
      - {role: system, content: You answer questions.}
      - {role: user, content: "{{ question }}"}
    ```
    """
    for one in pair.change.messages:
        if one.kind == "added" and one.part.kind == "message":
            change = (one.part.role, text_of(one.before), text_of(one.after))
            yield Difference(f"{called(one)} is new", change, at=written(pair.change, one))
