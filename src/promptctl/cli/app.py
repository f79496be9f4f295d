"""The console script: every command, and the way out."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from promptctl import __version__
from promptctl.cli import boundary
from promptctl.cli.accept import accept
from promptctl.cli.compare import compare
from promptctl.cli.describe import describe
from promptctl.cli.diff import Separated, diff
from promptctl.cli.doctor import doctor
from promptctl.cli.eval import evaluate
from promptctl.cli.gate import gate
from promptctl.cli.git import git
from promptctl.cli.golden import golden
from promptctl.cli.init import init
from promptctl.cli.judge import judge
from promptctl.cli.lint import explain, lint, rules
from promptctl.cli.log import log
from promptctl.cli.merge import merge
from promptctl.cli.review import review
from promptctl.cli.runs import runs
from promptctl.cli.schema import schema
from promptctl.cli.selftest import selftest
from promptctl.cli.show import show
from promptctl.cli.textconv import textconv

app = typer.Typer(
    name="promptctl",
    help="Prompts and golden sets in git: evaluate them against pinned models and refuse what makes them worse.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("init")(init)
app.command("lint")(lint)
app.command("show")(show)
app.command("diff", cls=Separated)(diff)
app.command("accept")(accept)
app.command("eval")(evaluate)
app.command("compare")(compare)
app.command("gate")(gate)
app.command("review")(review)
app.add_typer(golden, name="golden")
app.add_typer(runs, name="runs")
app.add_typer(judge, name="judge")
app.command("schema")(schema)
app.command("explain")(explain)
app.command("rules")(rules)
app.command("doctor")(doctor)
app.command("selftest")(selftest)
app.command("log")(log)
app.command("describe")(describe)
app.add_typer(git, name="git")
app.command("textconv")(textconv)
app.command("merge")(merge)


def _print_version(wanted: bool) -> None:
    if wanted:
        boundary.say(f"promptctl {__version__}")
        raise typer.Exit(0)


@app.callback()
def common(
    directory: Annotated[
        Path | None, typer.Option("-C", metavar="DIR", help="Work as if started in DIR.", show_default=False)
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options that stand before the command."""
    if directory is not None:
        enter(directory)


def enter(directory: Path) -> None:
    """Make DIR the working directory, as `git -C` does. Raises InputError where that cannot be."""
    from promptctl.model.errors import InputError, Problem

    try:
        os.chdir(directory)
    except OSError as error:
        raise InputError(Problem(f"-C {directory}: {error.strerror}")) from error


def main() -> None:
    """Run the command line and leave with its exit code."""
    # A command makes much that lives to its end; looking for cycles after every 700 objects is a tenth of its time.
    gc.set_threshold(50_000, 20, 50)
    boundary.open_streams()
    code = boundary.guarded(lambda: app(standalone_mode=False))
    leave(code)


def leave(code: int) -> None:
    """Exit now, without a last search for cycles among what ends anyway (a seventh of a short command).

    Tearing down litellm's 2,600 modules takes 0.9 s, and everything is already flushed and closed.
    """
    gc.disable()
    gc.freeze()
    if "litellm" in sys.modules:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    sys.exit(code)
