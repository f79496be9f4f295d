"""`promptctl show`: what the model gets to see, and what that costs."""

from __future__ import annotations

from typing import Annotated

import typer

from promptctl.cli import boundary, options


def show(
    prompt: Annotated[
        str, typer.Argument(metavar="PROMPT", help="A name, NAME@VERSION or a path.", show_default=False)
    ],
    case: Annotated[
        str | None,
        typer.Option(
            "--case", metavar="ID", help="This case of its golden set; the first if none.", show_default=False
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input", metavar="K=V", help="An input of your own, text or JSON. Repeatable.", show_default=False
        ),
    ] = None,
    rev: Annotated[
        str | None,
        typer.Option("--rev", metavar="SPEC", help="As it is at this revision, or 'index'.", show_default=False),
    ] = None,
    output_format: Annotated[str, typer.Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    directory: options.Directory = None,
) -> int:
    """Show what the model gets to see for a case, and its price.

    The rendered messages, the model and whether it is a snapshot, parameters, token count, price of one and 1,000 calls.
    Nothing is asked and no key is needed. Tokens are counted with the model's tokenizer where it is public.
    """
    from promptctl.cli.shown import Wanted, shown

    wanted = Wanted(prompt=prompt, case=case, inputs=tuple(inputs or ()), rev=rev, directory=directory)
    boundary.say(shown(wanted, output_format))
    return boundary.ExitCode.OK
