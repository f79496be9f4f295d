"""`promptctl git`: git's own commands show and merge prompts by what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from promptctl.cli import boundary, options

if TYPE_CHECKING:
    from promptctl.model.config import Config

git = typer.Typer(
    help="Have git diff, log -p, show and blame show prompts in their normal form, and merge them by key.",
    rich_markup_mode=None,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
Everywhere = Annotated[bool, typer.Option("--global", help="For every repository of this user.")]


@git.command("install")
def install(
    everywhere: Everywhere = False,
    private: Annotated[
        bool, typer.Option("--private", help="Write .git/info/attributes, not .gitattributes, which is committed.")
    ] = False,
    directory: options.Directory = None,
) -> int:
    """Set up the diff driver, the merge driver and the lines of .gitattributes. Run it again at any time.

    Where promptctl is missing later, git shows and merges the files as plain text.
    """
    import os
    import shutil
    import sys

    from promptctl.adapters.files import find_root
    from promptctl.adapters.git_install import Target, done
    from promptctl.adapters.git_install import install as write
    from promptctl.cli.workspace import start_folder
    from promptctl.model.errors import InputError, Problem

    if everywhere and private:
        raise InputError(
            Problem("--global and --private: every repository, or this one's own file; use one of the two")
        )
    root = find_root(start_folder(directory))
    own = Path(sys.argv[0])
    script = str(own.absolute()) if own.name == "promptctl" and own.is_file() else shutil.which("promptctl")
    config = None if everywhere else _config(root)
    changes = write(
        Target(root, everywhere=everywhere, private=private),
        script=script or "promptctl",
        config=config,
        environ=os.environ,
    )
    boundary.say(done(changes, installed=True))
    if not everywhere and not private and changes:
        boundary.say("commit .gitattributes: it is inert where promptctl is not installed")
    return boundary.ExitCode.OK


@git.command("uninstall")
def uninstall(everywhere: Everywhere = False, directory: options.Directory = None) -> int:
    """Take out what `git install` wrote, and nothing else."""
    import os

    from promptctl.adapters.files import find_root
    from promptctl.adapters.git_install import Target, done
    from promptctl.adapters.git_install import uninstall as remove
    from promptctl.cli.workspace import start_folder

    target = Target(find_root(start_folder(directory)), everywhere=everywhere)
    boundary.say(done(remove(target, environ=os.environ), installed=False))
    return boundary.ExitCode.OK


def _config(root: Path) -> Config:
    from promptctl.adapters.files import WorkTree
    from promptctl.model.config import Config
    from promptctl.text.config import parse_config
    from promptctl.text.project import CONFIG_FILE

    return parse_config(WorkTree(root).read(CONFIG_FILE)) if (root / CONFIG_FILE).is_file() else Config()
