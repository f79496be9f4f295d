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

    Write it to a file, and editors complete and check what begins with a line that names that file:
    # yaml-language-server: $schema=../schemas/prompt.json
    """
    if kind not in KINDS:
        raise _unknown(kind)
    import json

    from promptctl.text.schemas import golden_schema, load

    document = golden_schema(_assertions()) if kind == "golden" else load(kind)
    boundary.say(json.dumps(document, indent=2, ensure_ascii=False))
    return boundary.ExitCode.OK


def _assertions() -> dict[str, dict[str, object]]:
    """What may stand after the name of each assertion."""
    from promptctl.assertions.engine import describe, names

    return {name: dict(describe(name).schema) for name in names()}


def _unknown(kind: str) -> Exception:
    from promptctl.model.errors import InputError, Problem
    from promptctl.model.suggest import closest

    near = closest(kind, KINDS)
    hint = f"did you mean '{near}'?" if near else f"the kinds are {', '.join(KINDS)}"
    return InputError(Problem(f"there is no schema of '{kind}'", hint=hint))
