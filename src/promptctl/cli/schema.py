"""`promptctl schema`: the JSON Schemas of the files."""

from __future__ import annotations

from typing import Annotated

import typer

from promptctl.cli import boundary

KINDS = ("prompt", "golden", "config")


def schema(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="prompt, golden or config.", show_default=False)],
) -> int:
    """Print the JSON Schema of a kind of file.

    Editors complete and check a file that begins with a line naming the schema's file:
    # yaml-language-server: $schema=prompt.schema.json
    """
    from promptctl.model.errors import InputError, Problem
    from promptctl.model.suggest import closest
    from promptctl.text.schemas import text

    if kind not in KINDS:
        near = closest(kind, KINDS)
        hint = f"did you mean '{near}'?" if near else f"one of {', '.join(KINDS)}"
        raise InputError(Problem(f"there is no schema of '{kind}'", hint=hint))
    boundary.say(text(kind))
    return boundary.ExitCode.OK
