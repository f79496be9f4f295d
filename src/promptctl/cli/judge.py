"""`promptctl judge`: how far a judge can be trusted, measured against people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli import options
from promptctl.cli.judges import add, list_judges

judge = typer.Typer(
    help="Judges: add some, label what they judged, and measure them against people.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
Name = Annotated[str, typer.Argument(metavar="JUDGE", help="A judge's name, or its file.", show_default=False)]


@judge.callback()
def group() -> None:
    """Judges: add some, label what they judged, and measure them against people."""


judge.command("add")(add)
judge.command("list")(list_judges)


@judge.command("label")
def label(
    name: Name,
    run: Annotated[
        list[str] | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="Answers of this stored run (an id, its beginning, latest, a run document); all runs if none. Repeatable.",
            show_default=False,
        ),
    ] = None,
    size: Annotated[int, typer.Option("--n", min=1, max=100_000, metavar="N", help="Label N answers in all.")] = 100,
    labeller: Annotated[
        str | None,
        typer.Option("--labeller", metavar="NAME", help="Who labels; default: git's user.name.", show_default=False),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(
            "--seed", metavar="TEXT", help="Draw another sample; default: the judge's name.", show_default=False
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write the sample to a CSV file instead.", show_default=False),
    ] = None,
    import_from: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="Read the labels in a CSV file.", show_default=False)
    ] = None,
    quiet: options.Quiet = False,
    directory: options.Directory = None,
) -> int:
    """Label answers that a judge judged, without seeing what it said.

    Shows a sample of the answers in stored runs, half of them passed and half failed by the judge as far as there are, in
    random order, and writes every label at once to JUDGE.labels.jsonl beside the judge's file. Run it again to go on.
    """
    from promptctl.cli.labelling import Wanted
    from promptctl.cli.labelling import label as steps
    from promptctl.cli.output import Output

    wanted = Wanted(
        judge=name,
        runs=tuple(run or ()),
        size=size,
        labeller=labeller,
        seed=seed,
        export_to=export,
        import_from=import_from,
        directory=directory,
    )
    return steps(wanted, Output("text", quiet=quiet))


@judge.command("audit")
def audit(
    name: Name,
    repeats: Annotated[
        int,
        typer.Option("--repeats", min=1, max=100, metavar="N", help="Ask N times, to see whether it says the same."),
    ] = 1,
    confidence: Annotated[
        float, typer.Option("--confidence", metavar="C", help="How sure intervals and bounds are.")
    ] = 0.95,
    min_tnr: Annotated[
        float | None,
        typer.Option(
            "--min-tnr",
            metavar="R",
            help="Fail unless it is shown to catch this share of failures; default: gate.min_tnr.",
            show_default=False,
        ),
    ] = None,
    offline: options.Offline = False,
    max_cost: options.MaxCost = None,
    no_write: Annotated[bool, typer.Option("--no-write", help="Do not keep the verdicts beside the labels.")] = False,
    allow_host: options.AllowHosts = None,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    allow_empty: options.AllowEmpty = False,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Measure a judge against people's labels.

    Asks it about the labelled answers it has not judged as it is now, and shows how often it agrees with people, passes
    what they pass and catches what they fail, what else moves it, and how many labels would be needed. Exits 1 where
    --min-tnr is not shown to be reached, 3 where an answer could not be judged, 4 where there are no labels.
    """
    from promptctl.cli import boundary
    from promptctl.cli.auditing import Wanted
    from promptctl.cli.auditing import audit as steps
    from promptctl.cli.output import Output

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose, base=directory)
    wanted = Wanted(
        judge=name,
        repeats=repeats,
        confidence=confidence,
        offline=offline,
        max_cost=max_cost,
        min_tnr=min_tnr,
        write=not no_write,
        allow_hosts=tuple(allow_host or ()),
        directory=directory,
    )
    return boundary.settled(lambda: steps(wanted, output), allow_empty=allow_empty)
