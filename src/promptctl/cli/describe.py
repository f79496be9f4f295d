"""`promptctl describe`: where a digest from a production log came from."""

from __future__ import annotations

from typing import Annotated

import typer

from promptctl.cli import boundary, options


def describe(
    digest: Annotated[
        str,
        typer.Argument(
            metavar="DIGEST", help="A prompt or request digest, or its first 7 or more digits.", show_default=False
        ),
    ],
    output_format: options.Format = "text",
    reports: options.Reports = None,
    quiet: options.Quiet = False,
    directory: options.Directory = None,
) -> int:
    """Say which prompt, version and commits a digest came from, in every branch and tag, and which runs used it.

    Exits 1 where nothing here has that digest, 2 where several begin so, 3 where a shallow clone cannot tell.
    """
    from promptctl.cli.described import described
    from promptctl.cli.output import Output

    output = Output.of(output_format, reports, quiet=quiet, verbose=False)
    report = described(digest, directory, output)
    output.write(report)
    return boundary.OUTCOMES[report.outcome]
