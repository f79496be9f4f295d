"""Two golden sets for one prompt."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.outline import Outline
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL311", Severity.ERROR, Subject.PROJECT)
def several_golden_sets(outline: Outline, _context: Context) -> Iterator[Hit]:
    """Two golden sets have the stem of one prompt.

    Why: which of the two is meant would be a guess, and half of the cases would silently not be run. `eval` refuses it.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases: [{id: one, input: Hello, assertions: [{icontains: hello}]}]
    # file: golden/more/bot.yaml
    cases: [{id: two, input: Good morning, assertions: [{icontains: morning}]}]
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question }}"
    golden: golden/bot.yaml
    # file: golden/bot.yaml
    cases: [{id: one, input: Hello, assertions: [{icontains: hello}]}]
    # file: golden/more/bot.yaml
    cases: [{id: two, input: Good morning, assertions: [{icontains: morning}]}]
    ```
    """
    for one in outline.prompts:
        found = sorted(outline.golden_of.get(one.path, ()))
        if len(found) > 1:
            message = f"{one.name} has {len(found)} golden sets: {' and '.join(found)}"
            yield Hit(message, path=one.path, at=("name",), hint="name the one that is meant with `golden:`")
