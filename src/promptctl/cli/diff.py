"""`promptctl diff`: what a change means."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from promptctl.cli import boundary, options

BEHIND = "promptctl.behind"


class Separated(TyperCommand):
    """A command that is told how many of its arguments stood behind `--`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - the type is private to typer
        """Note the place of `--`, which the parser drops."""
        ctx.meta[BEHIND] = len(args) - args.index("--") - 1 if "--" in args else None
        return super().parse_args(ctx, args)


def diff(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[A [B]] [--] [PROMPT]...",
            help="Revisions (A...B: since they parted), then names or paths. One is compared with the working tree; none is HEAD.",
            show_default=False,
        ),
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", help="Compare what is staged, with HEAD or with A.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Exit 1 on findings from --fail-on on; tokens and prices are not counted.")
    ] = False,
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="SEVERITY", help="With --check: error, warning or info.")
    ] = "error",
    case: Annotated[
        str | None,
        typer.Option("--case", metavar="ID", help="Also show what the model reads for this case.", show_default=False),
    ] = None,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    exit_code: options.BisectExit = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Show what a change means: contract, model, parameters, text, tests, tokens and price, and the least fitting version.

    Nothing is asked of a model. Policy is read from the base; approvals ('promptctl accept') from the head.
    """
    from promptctl.cli.diffing import Wanted, run_diff
    from promptctl.cli.output import Output

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose)
    given = tuple(words or ())
    behind = ctx.meta.get(BEHIND)
    wanted = Wanted(
        leading=given if behind is None else given[: len(given) - behind],
        behind=None if behind is None else given[len(given) - behind :],
        staged=staged,
        check=check,
        fail_on=fail_on,
        case=case,
        directory=directory,
    )
    return boundary.settled(lambda: run_diff(wanted, output), exit_code=exit_code)
