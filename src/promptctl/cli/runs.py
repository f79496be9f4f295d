"""`promptctl runs`: what earlier evaluations left, listed, shown, exported and pruned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli import boundary, options

runs = typer.Typer(
    help="Stored runs: list, show, export and prune them.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="An id, its beginning, 'latest' or the path of an exported run.", show_default=False
    ),
]
ListFormat = Annotated[str, typer.Option("--format", metavar="FORMAT", help="What stdout shows, such as text or json.")]


@runs.command("list")
def list_runs(
    most: Annotated[
        int | None, typer.Option("-n", min=1, metavar="N", help="Only the N youngest.", show_default=False)
    ] = None,
    output_format: ListFormat = "text",
    directory: options.Directory = None,
) -> int:
    """List stored runs, the youngest first.

    A run without a document was ended before it was written; a damaged one is named and hides no other.
    """
    from promptctl.cli.output import Output
    from promptctl.cli.stored import listing, store_of

    output = Output.of(output_format, None, quiet=False, verbose=False)
    output.write(listing(store_of(directory), most))
    return boundary.ExitCode.OK


@runs.command("show")
def show_run(
    name: Name,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Show the report of a stored run again, in any format.

    Exits 0 however the run went: it says what happened, it does not judge it anew.
    """
    from promptctl.cli.output import Output
    from promptctl.cli.stored import report_of

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose)
    output.write(report_of(name, directory, output))
    return boundary.ExitCode.OK


@runs.command("export")
def export_run(
    name: Name,
    to: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to FILE, not stdout.", show_default=False),
    ] = None,
    traces: Annotated[bool, typer.Option("--traces", help="The run's calls instead, one JSON object a line.")] = False,
    directory: options.Directory = None,
) -> int:
    """Print a stored run's JSON document, byte for byte.

    `promptctl runs show FILE` shows an exported document again, on any machine.
    """
    from promptctl.cli.stored import exported

    data = exported(name, directory, traces=traces)
    if to is None:
        boundary.say(_for_stdout(data))
        return boundary.ExitCode.OK
    from promptctl.adapters.files import atomic_write

    atomic_write(to.absolute(), data)
    return boundary.ExitCode.OK


@runs.command("prune")
def prune_runs(
    keep: Annotated[
        int | None, typer.Option("--keep", min=0, metavar="N", help="Keep the N youngest runs.", show_default=False)
    ] = None,
    older_than: Annotated[
        float | None,
        typer.Option("--older-than", min=0, metavar="DAYS", help="Delete only what is older.", show_default=False),
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache", help="Cached answers too, all or, with --older-than, old ones.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted; delete nothing.")] = False,
    directory: options.Directory = None,
) -> int:
    """Delete stored runs and cached answers.

    Runs: all but the youngest (--keep), those older than some days (--older-than), or what is both.
    --cache drops cached answers too; asking for them again costs money. On its own it touches no run. `--keep 0` deletes
    every run. Committed recordings are never touched.
    """
    from promptctl.cli.pruning import Pruned, prune

    wanted = Pruned(keep=keep, older_than_days=older_than, dry_run=dry_run)
    boundary.say(prune(wanted, directory, cache=cache))
    return boundary.ExitCode.OK


def _for_stdout(data: bytes) -> str:
    """The bytes as stdout will write them again; on a terminal spelled so that nothing in them is a command to it."""
    import sys

    from promptctl.reports.escape import json_document

    text = data.decode("utf-8", "surrogateescape")
    if sys.stdout.isatty():
        return json_document(text)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape", newline="\n")
    return text
