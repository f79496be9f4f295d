"""`promptctl compare`: two runs, two revisions or two files of answers, case by case; it never gates."""

from __future__ import annotations

from typing import Annotated

import typer

from promptctl.cli import boundary, options

Side = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        help="A stored run (an id, its beginning, latest, latest~1), a run document, a file of --outputs lines, or a "
        "revision (a commit, a branch, merge-base:REV, tag:GLOB, worktree).",
        show_default=False,
    ),
]


def compare(
    base: Side,
    head: Side,
    prompts: options.Prompts = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Judges answer from recordings and cache only; never a socket.")
    ] = False,
    no_exec: options.NoExec = False,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            metavar="NAME",
            help="Have a judge of pairs say whose answers it prefers, in both orders.",
            show_default=False,
        ),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option("--max-cost", min=0, metavar="USD", help="With --judge: spend at most this.", show_default=False),
    ] = None,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Compare two runs case by case: what got worse, what got better, and how sure that is.

    The first run is the baseline. Two files of answers are scored first, by the golden sets as they are now. Of two
    revisions the prompts that differ are run on both sides, judged by the first one's golden sets and checks. Exits 0
    whatever the comparison says; `promptctl gate` is what blocks.
    """
    from promptctl.cli.comparing import Wanted, comparison
    from promptctl.cli.output import Output

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose, base=directory)
    wanted = Wanted(
        base=base,
        head=head,
        prompts=tuple(prompts or ()),
        offline=offline,
        allow_exec=not no_exec,
        directory=directory,
        judge=judge,
        max_cost=max_cost,
    )
    report, code = comparison(wanted, output)
    output.write(report)
    return code or boundary.ExitCode.OK
