"""A function that is not there."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.model.suggest import closest
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL108", Severity.ERROR, Subject.PROMPT)
def missing_target_function(prompt: Prompt, context: Context) -> Iterator[Hit]:
    """The file of a python target has no function of that name, or is no Python.

    Why: every case would be an ERROR. Names that are made at run time (`from x import *`, `globals()`) are not guessed
    about.

    Bad:
    ```yaml
    # file: app/bot.py
    def reply(payload): return "Hi"
    # file: prompts/bot.yaml
    target: app/bot.py:answer
    ```
    Bad (no Python):
    ```yaml
    # file: app/bot.py
    def answer(payload) return "Hi"
    # file: prompts/bot.yaml
    target: app/bot.py:answer
    ```
    Good:
    ```yaml
    # file: app/bot.py
    async def answer(payload): return "Hi"
    # file: prompts/bot.yaml
    target: app/bot.py:answer
    ```
    """
    target = prompt.target
    if target is None or target.kind != "python":
        return
    path, _, name = str(target.address).rpartition(":")
    try:
        body = ast.parse(context.read(path).data).body
    except InputError:
        return  # told with the file that names it
    except (SyntaxError, ValueError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        yield Hit(f"{path} is not Python{line}: {getattr(error, 'msg', error)}", at=("target",), hint="repair it")
        return
    names = set(_bound(body))
    if name in names or "*" in names:
        return
    near = closest(name, sorted(names))
    yield Hit(
        f"{path} has no function {name!r}",
        at=("target",),
        hint=f"did you mean {near!r}?" if near else "define it there",
    )


def _bound(body: Sequence[ast.stmt]) -> Iterator[str]:
    """The names that the statements of a module bind, those inside `if`, `try` and `with` too."""
    for one in body:
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield one.name
            continue
        if isinstance(one, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in one.names)
        yield from (node.id for node in ast.walk(one) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
        for part in ("body", "orelse", "finalbody"):
            yield from _bound(getattr(one, part, ()))
        for handler in getattr(one, "handlers", ()):
            yield from _bound(handler.body)
