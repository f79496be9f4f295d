"""`promptctl review`: people's eyes on what a judge decided, and the verdict issued again on what they see."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli import boundary, options


def review(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="GATE|RUN [HEAD_RUN]",
            help="A gate's verdict or a run (an id, its beginning, latest), or two runs, the baseline first.",
            show_default=False,
        ),
    ],
    share: Annotated[
        float | None,
        typer.Option("--share", min=0, max=1, metavar="S", help="Ask this share of the rest.", show_default=False),
    ] = None,
    number: Annotated[
        int | None,
        typer.Option("-n", "--n", min=2, metavar="N", help="Ask N cases of the rest.", show_default=False),
    ] = None,
    labeller: Annotated[
        str | None,
        typer.Option("--labeller", metavar="NAME", help="Who labels; default: git's user.name.", show_default=False),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Ask also what others have labelled: how far do two people agree?")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write what is to be labelled as CSV.", show_default=False),
    ] = None,
    imported: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Take the labels of such a table.", show_default=False),
    ] = None,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Have people label what a judge decided, and issue the verdict again on what they see.

    Every case whose judged outcome flipped is asked, and a random share of the rest, without a word on which side an
    answer is from. Of a single run it is a random sample, and the answer a corrected pass rate. Labels are kept as they
    are given: quit and go on whenever you like. Exits as the gate does; 3 while labels are missing.
    """
    from promptctl.cli.output import Output
    from promptctl.cli.reviewing import Wanted, run_review
    from promptctl.model.errors import InputError, Problem

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose, base=directory)
    wanted = Wanted(tuple(names), share, number, labeller, everything, export, imported, directory)

    def run() -> int:
        if len(names) > 2:
            hint = "promptctl review GATE, promptctl review RUN, or promptctl review BASE_RUN HEAD_RUN"
            raise InputError(Problem(f"{len(names)} names: a review is of one gate, one run or two runs", hint=hint))
        if share is not None and number is not None:
            raise InputError(Problem("--share and --n say the same thing twice", hint="use one"))
        if export is not None and imported is not None:
            raise InputError(Problem("--export and --import in one command", hint="import first, then export the rest"))
        return run_review(wanted, output)

    return boundary.settled(run)
