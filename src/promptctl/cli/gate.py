"""`promptctl gate`: does the change from a git baseline make a prompt worse?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from promptctl.cli import boundary, options


def gate(
    prompts: options.Prompts = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="SPEC",
            help="The base: a revision, merge-base:REV, tag:GLOB or index.",
            show_default=False,
        ),
    ] = None,
    base_outputs: Annotated[
        Path | None,
        typer.Option("--base-outputs", metavar="FILE", help="Answers of the base, as JSONL.", show_default=False),
    ] = None,
    head_outputs: Annotated[
        Path | None,
        typer.Option("--head-outputs", metavar="FILE", help="Answers of the head, as JSONL.", show_default=False),
    ] = None,
    policy_from: Annotated[
        str, typer.Option("--policy-from", metavar="SIDE", help="Whose policy and cases count: base or head.")
    ] = "base",
    offline: options.Offline = False,
    no_exec: options.NoExec = False,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="M", help="Gate the head on this model instead.", show_default=False),
    ] = None,
    max_cost: options.MaxCost = None,
    samples: Annotated[
        int | None, typer.Option("--samples", min=1, metavar="N", help="Completions for each case.", show_default=False)
    ] = None,
    max_age: Annotated[
        float, typer.Option("--max-age", min=0, metavar="DAYS", help="Ask again what was answered longer ago.")
    ] = 7.0,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Run the base against itself; measure noise and the gate's own errors.")
    ] = False,
    allow_host: options.AllowHosts = None,
    output_format: options.Format = "text",
    reports: options.Reports = None,
    allow_empty: options.AllowEmpty = False,
    exit_code: options.BisectExit = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
    directory: options.Directory = None,
) -> int:
    """Decide whether the change from a git baseline makes a prompt worse.

    Exits 0 when it does not, or nothing is affected; 1 when it does, or brings a lint error; 3 when something could not
    be judged; 4 when the cases cannot tell and the policy asks for a decision.
    """
    from promptctl.cli.output import Output
    from promptctl.model.errors import InputError, Problem

    output = Output.of(output_format, reports, quiet=quiet, verbose=verbose, base=directory)
    given = base_outputs is not None or head_outputs is not None

    def run() -> int:
        if given and against is not None:
            raise InputError(
                Problem("--against asks both sides; with --base-outputs the answers are there", hint="use one")
            )
        if base_outputs is not None and head_outputs is not None:
            from promptctl.cli.gate_outputs import TwoOutputs, gate_outputs

            return gate_outputs(
                TwoOutputs(
                    base=base_outputs,
                    head=head_outputs,
                    prompts=tuple(prompts or ()),
                    offline=offline,
                    allow_exec=not no_exec,
                    allow_hosts=tuple(allow_host or ()),
                    directory=directory,
                ),
                output,
            )
        if given:
            raise InputError(Problem("--base-outputs and --head-outputs go together", hint="give both files"))
        if against is None:
            hint = "--against merge-base:origin/main, or --against HEAD^1 on a pull request's merge commit"
            raise InputError(Problem("there is nothing to compare with: --against is missing", hint=hint))
        from promptctl.cli.gate_open import Wanted
        from promptctl.cli.gating import run_gate

        wanted = Wanted(
            against=against,
            prompts=tuple(prompts or ()),
            policy_from=policy_from,
            offline=offline,
            allow_exec=not no_exec,
            model=model,
            max_cost=max_cost,
            samples=samples,
            max_age_days=max_age,
            calibrate=calibrate,
            allow_hosts=tuple(allow_host or ()),
            directory=directory,
        )
        return run_gate(wanted, output)

    return boundary.settled(run, allow_empty=allow_empty, exit_code=exit_code)
