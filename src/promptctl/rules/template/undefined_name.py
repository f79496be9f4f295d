"""A template that uses a name nobody gives it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.model.suggest import closest
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.names import used_names
from promptctl.rules.template.reading.pieces import pieces
from promptctl.rules.template.reading.written import page_of, place, written_in


@rule("PL202", Severity.ERROR, Subject.PROMPT, Subject.JUDGE)
def undefined_name(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """A template uses a name that `inputs` does not declare.

    Why: templates are strict. A case can only give inputs that are declared, so that every rendering that reaches the
    name fails. Where the template guards the name (`is defined`, `default`) nothing fails, but the name never has
    a value: that is a warning. Without `inputs` every name of the template is an input, and none is undefined.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: |
      <question>{{ qestion }}</question>
    ```
    Bad (guarded, and never given):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    system_prompt: Answer in a {{ tone | default("friendly") }} tone.
    user_prompt: "{{ question }}"
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}}
    user_prompt: |
      <question>{{ question }}</question>
    ```
    """
    if "inputs" not in prompt.document:
        return
    declared = [one.name for one in prompt.inputs]
    missing = used_names(prompt).difference(declared)
    if not missing:
        return
    page = page_of(prompt, context)
    for name in sorted(missing):
        near = closest(name, declared)
        hint = f"did you mean {near!r}?" if near else f"declare it: inputs: {{{name}: {{type: string}}}}"
        guarded = re.compile(rf"\b{name}\s+is\s+(not\s+)?defined\b|\b{name}\s*\|\s*(default|d)\b")
        used = [
            (written, piece)
            for written in written_in(prompt)
            if written.template
            for piece in pieces(written.text, prompt.includes)
            if piece.kind != "text" and name in piece.names
        ]
        safe = any(guarded.search(piece.body) for _, piece in used)
        message = f"{name!r} is not among the inputs" + (", so that it never has a value" if safe else "")
        severity = Severity.WARNING if safe else Severity.ERROR
        if not used:
            yield Hit(message, hint=hint, severity=severity)
        for written, piece in used:
            span = place(page, written, piece.start, piece.end)
            yield Hit(message, at=written.at, span=span, hint=hint, severity=severity)
