"""`promptctl eval`: run golden sets and say how they went."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli import boundary, options


def evaluate(
    prompts: options.Prompts = None,
    offline: options.Offline = False,
    record: Annotated[bool, typer.Option("--record", help="Write every answer to the recordings folder.")] = False,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask anew, whatever cache and recordings hold.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Neither read nor write the cache.")] = False,
    samples: Annotated[
        int | None,
        typer.Option(
            "--samples", min=1, max=10_000, metavar="N", help="Completions for each case.", show_default=False
        ),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="M", help="Ask this model instead.", show_default=False)
    ] = None,
    max_cost: options.MaxCost = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="T", help="Only cases with this tag. Repeatable.", show_default=False),
    ] = None,
    case: Annotated[
        list[str] | None, typer.Option("--case", metavar="ID", help="Only this case. Repeatable.", show_default=False)
    ] = None,
    outputs: Annotated[
        Path | None,
        typer.Option("--outputs", metavar="FILE", help="Score the answers in this JSONL file.", show_default=False),
    ] = None,
    min_pass_rate: Annotated[
        float | None,
        typer.Option("--min-pass-rate", min=0, max=1, metavar="R", help="Fail below this rate.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count calls, tokens and price; ask nothing.")] = False,
    no_exec: options.NoExec = False,
    allow_host: options.AllowHosts = None,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    allow_empty: options.AllowEmpty = False,
    exit_code: options.BisectExit = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Run the golden sets of prompts and print cases, scores and cost.

    Exits 0 when every case passed, 1 when one failed (or, with --min-pass-rate, when the rate is below it), 3 when
    something could not be judged, 4 when nothing was selected.
    """
    from promptctl.cli.evaluation import Wanted, run_eval
    from promptctl.cli.output import Output

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose, base=directory)
    wanted = Wanted(
        prompts=tuple(prompts or ()),
        offline=offline,
        record=record,
        refresh=refresh,
        no_cache=no_cache,
        samples=samples,
        model=model,
        max_cost=max_cost,
        tags=tuple(tag or ()),
        cases=tuple(case or ()),
        outputs=outputs,
        min_pass_rate=min_pass_rate,
        dry_run=dry_run,
        allow_exec=not no_exec,
        allow_hosts=tuple(allow_host or ()),
        directory=directory,
    )
    return boundary.settled(lambda: run_eval(wanted, output), allow_empty=allow_empty, exit_code=exit_code)
