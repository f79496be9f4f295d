"""Somebody else's text where the system speaks."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.pieces import pieces
from promptctl.rules.template.reading.trust import free_inputs
from promptctl.rules.template.reading.written import page_of, place, written_in

_SYSTEM = frozenset({"system", "developer"})


@rule("PL207", Severity.WARNING, Subject.PROMPT)
def input_in_system_message(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """An input that can hold any text is written into the system message.

    Why: models follow the system message above all others. Who can write into it gives the orders: "ignore the rules
    above" in a customer's name is prompt injection. It also makes the beginning of every request different, which
    defeats the provider's prefix cache. Inputs that are bounded by an enum, a const, a pattern, a format, a
    maxLength of at most 100, or are numbers or booleans, are not reported.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, profile: {type: string}}
    system_prompt: |
      You answer customers' questions.
      The customer says about themselves: {{ profile }}
    user_prompt: "{{ question }}"
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs:
      question: {type: string}
      profile: {type: string}
      language: {enum: [German, English]}
    system_prompt: |
      You answer customers' questions in {{ language }}.
    user_prompt: |
      <profile>
      {{ profile }}
      </profile>
      <question>
      {{ question }}
      </question>
    ```
    """
    free = free_inputs(prompt)
    for written in written_in(prompt):
        if written.role not in _SYSTEM or not written.template or "{" not in written.text:
            continue
        seen: set[str] = set()
        for piece in pieces(written.text, prompt.includes):
            names = (piece.names & free) - seen if piece.kind == "output" else frozenset()
            seen |= names
            for name in sorted(names):
                span = place(page_of(prompt, context), written, piece.start, piece.end)
                message = f"the input {name!r} can hold any text and is written into the {written.role} message"
                hint = (
                    "move it to the user message, inside of a tag; or bound it in `inputs` (enum, pattern, maxLength)"
                )
                yield Hit(message, at=written.at, span=span, hint=hint)
