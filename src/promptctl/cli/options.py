"""The options that several commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Directory = Annotated[
    Path | None, typer.Option("-C", metavar="DIR", help="Work as if started in DIR.", show_default=False)
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help="What stdout shows: text, json, markdown, junit, sarif, github, gitlab or html.",
    ),
]
Reports = Annotated[
    list[str] | None,
    typer.Option(
        "--report", metavar="FORMAT=PATH", help="Also write a report to a file. Repeatable.", show_default=False
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no remarks on stderr.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show every case and every assertion.")]
AllowEmpty = Annotated[bool, typer.Option("--allow-empty", help="Selecting nothing exits 0, not 4.")]
Prompts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PROMPT]...", help="Names, NAME@VERSION or paths; all prompts if none.", show_default=False
    ),
]
BisectExit = Annotated[
    str | None,
    typer.Option(
        "--exit-code",
        metavar="bisect",
        help="'bisect' exits 125 where nothing could be judged, for git bisect run.",
        show_default=False,
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Recordings and cache only; never a socket.")]
NoExec = Annotated[bool, typer.Option("--no-exec", help="Run no code of the repository.")]
MaxCost = Annotated[
    float | None, typer.Option("--max-cost", min=0, metavar="USD", help="Spend at most this much.", show_default=False)
]
AllowHosts = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host", metavar="HOST", help="Allow an api_base on this host. Repeatable.", show_default=False
    ),
]
