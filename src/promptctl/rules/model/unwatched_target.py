"""Stored answers that do not know when the system changes."""

from __future__ import annotations

from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.rule import Hit, Subject, rule


@rule("PL107", Severity.INFO, Subject.PROMPT)
def unwatched_target(prompt: Prompt, _context: Context) -> Iterator[Hit]:
    """No file of the repository decides the stored answers of a target.

    Why: an answer is stored under the digest of the question and of the code that answers. Of a server nothing but its URL
    is known, of a program from the PATH nothing but its name: after a change of either the answers of before are taken
    until `--refresh`, and a gate compares a system with itself. `watch` names the files that count.

    Bad:
    ```yaml
    target: {http: "http://localhost:8000/answer"}
    ```
    Good:
    ```yaml
    # file: server/main.py
    # the server's code
    # file: prompts/bot.yaml
    target: {http: "http://localhost:8000/answer", watch: [server]}
    ```
    """
    target = prompt.target
    if target is None or target.watch or target.kind == "python":
        return
    if target.kind == "http":
        yield Hit(
            "stored answers do not know when the server changes",
            at=("target",),
            hint="watch: [FOLDER] where its code is in this repository; else ask with --refresh",
        )
    elif not any("/" in part or "." in part for part in target.address):
        yield Hit(
            f"no file of the repository is known of {' '.join(target.address)}",
            at=("target",),
            hint="watch: [FILES] that its answers hang on",
        )
