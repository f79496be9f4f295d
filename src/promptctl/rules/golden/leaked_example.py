"""A question whose answer stands in the prompt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from promptctl.model.finding import Severity
from promptctl.model.golden import Case
from promptctl.model.prompt import Json, Prompt
from promptctl.model.source import NodePath
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, Tested, rule

LEAST_WORDS, LEAST_CHARACTERS = 4, 15
"""Shorter inputs ("hello", "yes, please") are in any text by chance."""


@rule("PL407", Severity.WARNING, Subject.GOLDEN)
def leaked_example(tested: Tested, _context: Context) -> Iterator[Hit]:
    """An input of a case is quoted in the prompt's few-shot examples.

    Why: the model has been shown the answer. The case passes whatever else is in the prompt, and the score says more
    about copying than about the task. Compared are inputs of at least 4 words, without regard to case, punctuation and
    white space, with every example and every constant message of the user or the assistant.

    Bad:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    few_shot_examples:
      - user: How do I reset my password?
        assistant: Settings > Security > Reset
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: reset-password
        input: How do I reset my password
        assertions: [{contains: Settings > Security}]
    ```
    Good:
    ```yaml
    # file: prompts/bot.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    few_shot_examples:
      - user: How do I reset my password?
        assistant: Settings > Security > Reset
    user_prompt: "{{ question }}"
    # file: golden/bot.yaml
    cases:
      - id: lost-password
        input: I forgot my password, what now?
        assertions: [{contains: Settings > Security}]
    ```
    """
    shown = _shown(tested.prompt) if tested.prompt is not None else ""
    if not shown:
        return
    for index, case in enumerate(tested.golden.cases):
        for at, text in _texts(case, index):
            plain = _plain(text)
            if len(plain) >= LEAST_CHARACTERS and plain.count(" ") >= LEAST_WORDS - 1 and f" {plain} " in shown:
                message = f"the input of {case.id!r} stands in the prompt's few-shot examples"
                yield Hit(message, at=at, hint="ask something the examples do not answer, or take the example out")


def _shown(prompt: Prompt) -> str:
    """All examples of a prompt in their plain form, apart from each other."""
    examples = [
        one.content
        for one in prompt.messages
        if one.content is not None
        and one.role in {"user", "assistant"}
        and (not one.template or "{{" not in one.content)
    ]
    return "|".join(f" {_plain(text)} " for text in examples)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _texts(case: Case, index: int) -> Iterator[tuple[NodePath, str]]:
    at: NodePath = ("cases", index, "input")
    if case.plain_input is not None:
        yield at, case.plain_input
    yield from _leaves(case.input, at)


def _leaves(value: Json, at: NodePath) -> Iterator[tuple[NodePath, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*at, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, (*at, number))
