"""`promptctl doctor`: is this machine and repository ready."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from promptctl.cli import boundary, options


def doctor(
    output_format: Annotated[str, Option("--format", metavar="FORMAT", help="text or json.")] = "text",
    directory: options.Directory = None,
) -> int:
    """Say whether this machine and repository are ready.

    Every check has a name, what was found and, where it is not well, what to do about it.
    Looks only: no network, no model, nothing is changed. Exits 0 when there is no problem (warnings are none), else 1.
    """
    from promptctl.cli.checks import examine
    from promptctl.cli.diagnosis import check_format, has_problem, rendered

    check_format(output_format)
    checks = examine(directory)
    boundary.say(rendered(checks, output_format))
    return boundary.ExitCode.NO if has_problem(checks) else boundary.ExitCode.OK
