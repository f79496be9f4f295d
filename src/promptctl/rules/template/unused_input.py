"""An input no template uses."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.model.suggest import closest
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.template.reading.names import used_names


@rule("PL203", Severity.WARNING, Subject.PROMPT, Subject.JUDGE)
def unused_input(prompt: Prompt, _context: Context) -> Iterator[Hit]:
    """An input is declared and no template uses it.

    Why: every case has to give a value, or the default is taken, and the model never sees it. Most often the text that
    used it was removed, or the name is misspelt on one side.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs:
      question: {type: string}
      language: {enum: [de, en]}
    user_prompt: "{{ question }}"
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs:
      question: {type: string}
      language: {enum: [de, en]}
    system_prompt: Answer in the language with the code {{ language }}.
    user_prompt: "{{ question }}"
    ```
    """
    if "inputs" not in prompt.document or prompt.target is not None:
        return  # a system under test is handed the inputs themselves
    used = used_names(prompt)
    declared = [one.name for one in prompt.inputs]
    unused = [name for name in declared if name not in used]
    strangers = used.difference(declared)
    for name in unused:
        near = closest(name, strangers)
        hint = f"the template uses {near!r}" if near else "use it in a template, or remove it"
        yield Hit(f"the input {name!r} is not used by any template", at=("inputs", name), key=True, hint=hint)
