"""An include of a file that cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.pieces import constant_include, pieces
from promptctl.rules.template.reading.written import page_of_file, place, templates_of
from promptctl.text.checked import outside
from promptctl.text.decode import decode


@rule("PL206", Severity.ERROR, Subject.FILE)
def unresolved_include(file: File, context: Context) -> Iterator[Hit]:
    """An include names a file that cannot be read.

    Why: includes are read from the same revision as the prompt, by their path from the project's root. A file that is
    missing there (not committed, moved, or named relative to the prompt's folder) leaves nothing to render.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      You answer customers' questions.
      {% include "tone.txt" %}
    ```
    Good:
    ```yaml
    # file: prompts/example.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: |
      You answer customers' questions.
      {% include "shared/tone.txt" %}
    # file: shared/tone.txt
    Be brief and friendly.
    ```
    """
    if not file.problems or file.kind not in {"prompt", "judge"}:
        return
    page = page_of_file(file)
    for written in templates_of(file.value):
        for piece in pieces(written.text):
            name = constant_include(piece)
            fault = None if name is None else _fault(name, context, (file.path,))
            if fault is not None:
                span = place(page, written, piece.start, piece.end)
                hint = "an include names a file by its path from the project root"
                yield Hit(f"include {fault}", at=written.at, span=span, hint=hint)


def _fault(name: str, context: Context, above: tuple[str, ...]) -> str | None:
    """Why the file `name`, or one that it includes, cannot be had."""
    if name in above:
        return f"{name!r}: it includes itself"
    complaint = outside(name)
    if complaint:
        return complaint
    try:
        text = decode(context.read(name))
    except InputError as error:
        return f"{name!r}: {error.problems[0].message}"
    inner = (constant_include(piece) for piece in pieces(text))
    faults = (_fault(one, context, (*above, name)) for one in inner if one is not None)
    fault = next((one for one in faults if one is not None), None)
    return None if fault is None else f"{name!r} includes {fault}"
