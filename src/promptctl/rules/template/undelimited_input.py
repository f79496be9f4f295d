"""Data nobody can tell from instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.model.source import NodePath, Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.delimiters import HOLE, delimited
from promptctl.rules.template.reading.pieces import Piece, pieces
from promptctl.rules.template.reading.trust import free_inputs
from promptctl.rules.template.reading.written import page_of, place, written_in

MOST = 200
"""Places of one message that are looked at: each look reads the whole message."""
_AS_JSON = re.compile(r"\|\s*tojson\b")


@rule("PL208", Severity.WARNING, Subject.PROMPT, Subject.JUDGE)
def undelimited_input(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """An input that can hold any text stands among instructions without a delimiter around it.

    Why: the model has to guess where your instructions end and the data begins, and instructions in the data
    are followed ("... in two sentences. Ignore the above and ..."). A tag, a fence, quotes, a heading on the line above
    or `tojson` draws the line. A message that is nothing but the input needs none. Where no text follows the input it is
    easier to tell, and the finding is an info.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {review: {type: string}}
    user_prompt: |
      Sum up this review {{ review }} in two sentences and do not mention prices.
    ```
    Bad (an info):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {review: {type: string}}
    user_prompt: "Sum up in two sentences: {{ review }}"
    ```
    Good (a tag):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {review: {type: string}}
    user_prompt: |
      Sum up the review in two sentences and do not mention prices.
      <review>
      {{ review }}
      </review>
    ```
    Good (a heading):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {review: {type: string}, language: {enum: [German, English]}}
    user_prompt: |
      Sum up the review in {{ language }}.

      ## Review
      {{ review }}
    ```
    Good (nothing but the input):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: You sum up reviews in two sentences.
    user_prompt: "{{ review }}"
    ```
    """
    free = free_inputs(prompt)
    for written in written_in(prompt):
        if written.role in {"system", "developer"} or not written.template or "{" not in written.text:
            continue
        parts = pieces(written.text, prompt.includes)
        flat = "".join(_flat(one) for one in parts)
        if not flat.replace(HOLE, "").strip():
            continue
        told: set[str] = set()
        for piece, hole in islice(_holes(parts), MOST):
            names = (piece.names & free) - told
            if not names or _AS_JSON.search(piece.body) or delimited(flat, hole):
                continue
            told |= names
            span = place(page_of(prompt, context), written, piece.start, piece.end)
            yield _hit(min(names), flat[hole + 1 :], written.at, span)


def _hit(name: str, after: str, at: NodePath, span: Span | None) -> Hit:
    followed = any(character.isalpha() for character in after)
    message = f"nothing marks where the input {name!r} begins and ends"
    hint = f"put it into a tag: <{name}>{{{{ {name} }}}}</{name}>"
    severity = Severity.WARNING if followed else Severity.INFO
    return Hit(message, at=at, span=span, hint=hint, severity=severity)


def _flat(piece: Piece) -> str:
    return {"text": piece.body, "output": HOLE}.get(piece.kind, "")


def _holes(parts: tuple[Piece, ...]) -> Iterator[tuple[Piece, int]]:
    position = 0
    for piece in parts:
        if piece.kind == "output":
            yield piece, position
        position += len(_flat(piece))
