"""`promptctl accept`: say that a finding of `diff` is meant, in a file that is reviewed with the change."""

from __future__ import annotations

from typing import Annotated

import typer

from promptctl.cli import boundary, options


def accept(
    fingerprint: Annotated[
        str, typer.Argument(metavar="FINGERPRINT", help="Of a finding of 'promptctl diff'.", show_default=False)
    ],
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why the change is right.", show_default=False)
    ],
    expires: Annotated[
        str | None,
        typer.Option("--expires", metavar="DATE", help="The last day it holds, as 2027-01-31.", show_default=False),
    ] = None,
    against: Annotated[
        str, typer.Option("--against", metavar="SPEC", help="The base of the change, as for diff.")
    ] = "HEAD",
    directory: options.Directory = None,
) -> int:
    """Approve one finding of a change, with a reason, in promptctl-accepted.yaml.

    The approval is part of the change: commit it with it, and have it reviewed. It holds for exactly this finding.
    """
    from promptctl.cli.accepting import Approval, run_accept

    approval = Approval(fingerprint=fingerprint, reason=reason, expires=expires, against=against, directory=directory)
    boundary.say(run_accept(approval))
    return boundary.ExitCode.OK
