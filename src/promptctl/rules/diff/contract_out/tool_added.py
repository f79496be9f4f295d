"""A tool the application may not know."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.tools import tools


@diff_rule("PD209", Severity.INFO, Category.CONTRACT_OUT, Level.MINOR)
def tool_added(pair: PromptPair) -> Iterator[Difference]:
    """A tool is new.

    Why: The model will call it, and the application has to answer.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    tools:
      - {type: function, function: {name: search, parameters: {type: object}}}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    tools:
      - {type: function, function: {name: search, parameters: {type: object}}}
      - {type: function, function: {name: refund, parameters: {type: object}}}
    ```
    Good:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    tools:
      - {type: function, function: {name: search, parameters: {type: object}}}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    tools:
      - {type: function, function: {name: search, parameters: {type: object}}}
    ```
    """
    old, new = tools(pair.change)
    for name, (index, _) in new.items():
        if name not in old:
            yield Difference(f"the tool {name!r} is new", (name,), at=("tools", index))
