"""Inputs the prompt does not take."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.source import Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule
from promptctl.text.inputs import input_problems


@rule("PL408", Severity.ERROR, Subject.GOLDEN)
def input_mismatch(tested: Tested, _context: Context) -> Iterator[Hit]:
    """The inputs of a case do not fit what the prompt declares.

    Why: an input that is missing, misspelt or of the wrong type cannot be rendered as it is meant. `eval` refuses the golden
    set before the first call.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, articles: {type: array, default: []}}
    user_prompt: "{{ articles }} {{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: refund
        input: {qestion: Can I have my money back?, articles: none}
        assertions: [{contains: 14 days}]
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, articles: {type: array, default: []}}
    user_prompt: "{{ articles }} {{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: refund
        input: {question: Can I have my money back?, articles: [Refunds are made within 14 days.]}
        assertions: [{contains: 14 days}]
    ```
    """
    if tested.prompt is None:
        return
    for problem in input_problems(tested.prompt, tested.golden):
        span = Span(problem.line, problem.column or 1) if problem.line is not None else None
        yield Hit(problem.message, at=("cases",), span=span, hint=problem.hint)
