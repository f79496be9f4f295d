"""`promptctl golden`: cases for golden sets."""

from __future__ import annotations

from typing import Annotated

import typer

from promptctl.cli import boundary, options

golden = typer.Typer(
    help="Golden sets: add safety suites to them.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@golden.callback()
def group() -> None:
    """Golden sets: add safety suites to them."""


@golden.command("add-suite")
def add_suite(
    suite: Annotated[str, typer.Argument(metavar="SUITE", help="injection, pii, refusal or leakage.")],
    prompt: Annotated[str, typer.Argument(metavar="PROMPT", help="A name, NAME@VERSION or path.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be added; write nothing.")] = False,
    directory: options.Directory = None,
) -> int:
    """Add the cases of a safety suite to a prompt's golden set.

    Attacks through each input that can hold a text, through documents and tools, and look-alikes that must be answered,
    made for this prompt. They stand at the end of the file and are yours from then on. Run it again at any time: what
    is there already, by its id, is left as it is.
    """
    from promptctl.cli.suites import Wanted, run_add_suite

    boundary.say(run_add_suite(Wanted(suite=suite, prompt=prompt, dry_run=dry_run, directory=directory)))
    return boundary.ExitCode.OK
