"""`promptctl merge`: git's merge driver for prompts and golden sets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def merge(
    base: Annotated[Path, typer.Argument(metavar="BASE", help="The common ancestor's file, %O.", show_default=False)],
    ours: Annotated[
        Path, typer.Argument(metavar="OURS", help="Our file, %A; the result is written here.", show_default=False)
    ],
    theirs: Annotated[Path, typer.Argument(metavar="THEIRS", help="Their file, %B.", show_default=False)],
    path: Annotated[str, typer.Argument(metavar="PATH", help="The file's path, %P.", show_default=False)],
    marker_size: Annotated[int, typer.Option("--marker-size", min=1, metavar="N", help="Length of markers, %L.")] = 7,
) -> int:
    """Merge three versions of a prompt or golden set by key, as git calls it.

    Exits 1 and leaves conflict markers where both sides changed the same message, case or value. What cannot be read
    is merged line by line, as git does.
    """
    from promptctl.cli.merging import Versions, merged

    return merged(Versions(base=base, ours=ours, theirs=theirs, path=path, marker_size=marker_size))
