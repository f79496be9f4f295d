"""A template where only literal text is read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.written import page_of, place, written_in

_PAIRS = (("{{", "}}"), ("{%", "%}"))
_NAME = re.compile(r"\{\{[-+]?\s*([A-Za-z_]\w*)")


@rule("PL209", Severity.WARNING, Subject.PROMPT, Subject.JUDGE)
def template_in_example(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A few-shot example holds template marks, which stay as they are.

    Why: examples are literal text. The model sees `{{ name }}`, braces and all, and learns to answer with braces.
    Where the marks name one of the prompt's inputs that is hardly meant; where they do not (the example is about
    templates) the finding is an info.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, product: {type: string, maxLength: 40}}
    few_shot_examples:
      - user: Does {{ product }} float?
        assistant: Yes, it does.
    user_prompt: "{{ question }} ({{ product }})"
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, product: {type: string, maxLength: 40}}
    few_shot_examples:
      - user: Does the rubber duck float?
        assistant: Yes, it does.
    user_prompt: "{{ question }} ({{ product }})"
    ```
    """
    declared = {one.name for one in prompt.inputs}
    for written in written_in(prompt):
        found = None if written.template else _marks(written.text)
        if found is None:
            continue
        start, end = found
        named = _NAME.match(written.text, start)
        severity = Severity.WARNING if named is not None and named[1] in declared else Severity.INFO
        span = place(page_of(prompt, context), written, start, end)
        hint = "write a real value; or use `messages:`, whose texts are all templates"
        message = "few-shot examples are literal: these template marks reach the model as they are"
        yield Hit(message, at=written.at, span=span, hint=hint, severity=severity)


def _marks(text: str) -> tuple[int, int] | None:
    """Where the first closed pair of template marks stands."""
    pairs = [(start, text.find(close, start)) for mark, close in _PAIRS if (start := text.find(mark)) >= 0]
    return min(((start, end + 2) for start, end in pairs if end >= 0), default=None)
