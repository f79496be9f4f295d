"""A template Jinja2 cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.written import page_of_file, place_of_line, templates_of
from promptctl.text.template import undeclared


@rule("PL201", Severity.ERROR, Subject.FILE)
def template_syntax(file: File, _context: Context) -> Iterator[Hit]:
    """A template has a syntax error.

    Why: a template that cannot be read cannot be rendered, for any case. An unknown filter or test is such an error
    too. In an included file PL001 names the line.

    Bad (a block that is not closed):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, formal: {type: boolean}}
    system_prompt: |
      You answer customers' questions.
      {% if formal %}Be formal.
    user_prompt: "{{ question }}"
    ```
    Bad (a filter that does not exist):
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    user_prompt: "{{ question | uppercase }}"
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs: {question: {type: string}, formal: {type: boolean}}
    system_prompt: |
      You answer customers' questions.
      {% if formal %}Be formal.{% endif %}
    user_prompt: "{{ question | upper }}"
    ```
    """
    if not file.problems or file.kind not in {"prompt", "judge"}:
        return
    page = page_of_file(file)
    for written in templates_of(file.value):
        try:
            undeclared(written.text)
        except InputError as error:
            for problem in error.problems:
                span = place_of_line(page, written, problem.line)
                yield Hit(problem.message, at=written.at, span=span, hint=problem.hint)
