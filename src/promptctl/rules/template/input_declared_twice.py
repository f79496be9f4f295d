"""One input, declared two times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from promptctl.model.finding import Severity
from promptctl.model.source import Span
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule

_TWICE = re.compile(r"duplicate key '([^']*)'; the first is in line (\d+)")
_TOP = re.compile(r"[\"']?([A-Za-z_]\w*)[\"']?\s*:")


@rule("PL204", Severity.ERROR, Subject.FILE)
def input_declared_twice(file: File, _context: Context) -> Iterator[Hit]:
    """An input is declared twice.

    Why: most YAML readers keep the last declaration and say nothing, so that the schema you read first is not the one
    that counts. promptctl refuses the file.

    Bad:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs:
      question: {type: string, maxLength: 2000}
      language: {enum: [de, en]}
      question: {type: string}
    user_prompt: "{{ question }} ({{ language }})"
    ```
    Good:
    ```yaml
    version: 1.0.0
    model: openai/gpt-4o-2024-08-06
    inputs:
      question: {type: string, maxLength: 2000}
      language: {enum: [de, en]}
    user_prompt: "{{ question }} ({{ language }})"
    ```
    """
    if file.kind not in {"prompt", "judge"}:
        return
    lines: Sequence[str] = ()
    for problem in file.problems:
        found = _TWICE.match(problem.message)
        if found is None or problem.line is None or problem.column is None:
            continue
        lines = lines or file.text.split("\n")
        name, first = found[1], int(found[2])
        if not _is_input(lines, problem.line - 1, problem.column - 1):
            continue
        span = Span(problem.line, problem.column, problem.line, problem.column + len(name))
        message = f"the input {name!r} is declared twice; the first time in line {first}"
        yield Hit(message, span=span, hint="keep one of the two")


def _is_input(lines: Sequence[str], line: int, column: int) -> bool:
    """Whether the key at a place stands directly under the top-level `inputs:`."""
    top = next((at for at in range(line, -1, -1) if _TOP.match(lines[at])), None)
    if top is None or (found := _TOP.match(lines[top])) is None or found[1] != "inputs":
        return False
    if lines[top][found.end() :].strip().startswith("{"):
        before = "\n".join([*lines[top:line], lines[line][:column]])
        return before.count("{") - before.count("}") == 1
    children = [one for one in lines[top + 1 : line] if one.strip() and not one.lstrip().startswith("#")]
    return bool(children) and column == len(children[0]) - len(children[0].lstrip())
