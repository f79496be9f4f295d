"""`promptctl log`: the versions of one prompt through history."""

from __future__ import annotations

from typing import Annotated

import typer

from promptctl.cli import boundary, options


def log(
    prompt: Annotated[
        str, typer.Argument(metavar="PROMPT", help="A name, NAME@VERSION or a prompt's file.", show_default=False)
    ],
    revision: Annotated[
        str | None, typer.Argument(metavar="[REV]", help="Up to this revision, or A..B; HEAD.", show_default=False)
    ] = None,
    most: Annotated[
        int | None, typer.Option("-n", min=1, metavar="N", help="Only the N newest.", show_default=False)
    ] = None,
    cosmetic: Annotated[
        bool, typer.Option("--all", help="Also commits that changed nothing that reaches the model.")
    ] = False,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    quiet: options.Quiet = False,
    directory: options.Directory = None,
) -> int:
    """Show the versions of one prompt through history, newest first, wherever its file was.

    A prompt is followed by its name. Tokens and price are of its own text, without a case's inputs; the pass rate is
    that of the newest stored run with the same digest.
    """
    from promptctl.cli.logged import Wanted, logged
    from promptctl.cli.output import Output

    output = Output.of(output_format, reports, quiet=quiet, verbose=False)
    wanted = Wanted(prompt=prompt, revision=revision, most=most, cosmetic=cosmetic, directory=directory)
    output.write(logged(wanted, output))
    return boundary.ExitCode.OK
