"""A tool that is described anew."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.changes.values import dotted, value_changes
from promptctl.model.finding import Severity
from promptctl.rules.contract.reading.levels import Level
from promptctl.rules.diff.engine.comparison import PromptPair
from promptctl.rules.diff.engine.rule import Category, Difference, diff_rule
from promptctl.rules.diff.reading.tools import tools
from promptctl.rules.diff.reading.words import several


@diff_rule("PD208", Severity.WARNING, Category.CONTRACT_OUT, Level.MINOR)
def tool_changed(pair: PromptPair) -> Iterator[Difference]:
    """A tool changed.

    Why: The model calls it with other arguments, or at other times; the application has to take what comes.

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
      - {type: function, function: {name: search, parameters: {type: object}, description: Searches the help centre}}
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
    for name, (index, tool) in new.items():
        if name in old and (places := value_changes(old[name][1], tool)):
            where = several([dotted(one.path) for one in places])
            yield Difference(f"the tool {name!r} changed: {where}", (name, old[name][1], tool), at=("tools", index))
