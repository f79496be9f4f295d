"""A tool the model cannot call any more."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.tools import tools


@diff_rule("PD207", Severity.ERROR, Category.CONTRACT_OUT, Level.MAJOR)
def tool_removed(pair: PromptPair) -> Iterator[Difference]:
    """A tool is gone.

    Why: What the application did when the model called it does not happen any more.

    Bad:
    ```yaml
    # base: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    tools:
      - {type: function, function: {name: search, parameters: {type: object}}}
      - {type: function, function: {name: refund, parameters: {type: object}}}
    # file: prompts/bot.yaml
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    tools:
      - {type: function, function: {name: search, parameters: {type: object}}}
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
      - {type: function, function: {name: refund, parameters: {type: object}}}
    ```
    """
    old, new = tools(pair.change)
    for name in old:
        if name not in new:
            yield Difference(f"the tool {name!r} is gone", (name,), at=("tools",))
