"""`promptctl judge`: how far a judge can be trusted, measured against people."""

from __future__ import annotations

import typer

from promptctl.cli.judges import add, list_judges

judge = typer.Typer(
    help="Judges: add some, label what they judged, and measure them against people.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@judge.callback()
def group() -> None:
    """Judges: add some, label what they judged, and measure them against people."""


judge.command("add")(add)
judge.command("list")(list_judges)
