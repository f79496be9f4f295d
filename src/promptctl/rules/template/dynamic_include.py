"""An include that does not say which file."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.pieces import other_include, pieces
from promptctl.rules.template.reading.written import page_of_file, place, templates_of


@rule("PL205", Severity.ERROR, Subject.FILE)
def dynamic_include(file: File, _context: Context) -> Iterator[Hit]:
    """A template reads another file in a way that does not name it.

    Why: the text of every included file is part of the prompt's digest, of its diff and of what is reviewed. That is
    only possible where the file is named by a constant: not by an expression or a list, not with `ignore missing`
    (which hides a file that is not there), and not by `extends`, `import` or `from`.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {tone: {enum: [formal, casual]}, question: {type: string}}
    system_prompt: |
      You answer customers' questions.
      {% include "shared/" ~ tone ~ ".txt" %}
    user_prompt: "{{ question }}"
    ```
    Bad (a file that may be missing):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    system_prompt: '{% include "shared/tone.txt" ignore missing %}'
    ```
    Good:
    ```yaml
    # file: prompts/example.yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {tone: {enum: [formal, casual]}, question: {type: string}}
    system_prompt: |
      You answer customers' questions.
      {% if tone == "formal" %}{% include "shared/formal.txt" %}{% endif %}
    user_prompt: "{{ question }}"
    # file: shared/formal.txt
    Use full sentences.
    ```
    """
    if not file.problems or file.kind not in {"prompt", "judge"}:
        return
    page = page_of_file(file)
    for written in templates_of(file.value):
        for piece in pieces(written.text):
            if other_include(piece):
                span = place(page, written, piece.start, piece.end)
                message = f"{{%{piece.body.rstrip('-+')}%}} does not name one file that must be there"
                yield Hit(message, at=written.at, span=span, hint='use {% include "path" %}, inside of {% if %}')
