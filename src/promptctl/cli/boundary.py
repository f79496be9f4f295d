"""Exceptions to exit codes, in this one place; and the only writer to stdout and stderr."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from enum import IntEnum
from pathlib import Path

import typer

from promptctl.model.errors import InputError, NothingSelectedError, Problem, PromptctlError, UnavailableError


class ExitCode(IntEnum):
    """The exit codes of every command; the docs page is made from the comments of `MEANINGS`."""

    OK = 0
    NO = 1
    INPUT = 2
    UNAVAILABLE = 3
    INCONCLUSIVE = 4
    BUG = 70
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "asked and answered: good",
    ExitCode.NO: "the answer is no: a finding at or above the threshold, a failed case or threshold, a regression",
    ExitCode.INPUT: "usage, configuration or a file is wrong; nothing was judged",
    ExitCode.UNAVAILABLE: (
        "could not complete: an ERROR without a FAIL (provider, git, disk, a check that broke), the budget is spent, "
        "a recording is missing; what was finished is kept and shown"
    ),
    ExitCode.INCONCLUSIVE: (
        "inconclusive where the policy asks for a decision, or a filter, a name or an empty project selected nothing "
        "(`--allow-empty` makes that 0)"
    ),
    ExitCode.BUG: "a bug in promptctl: versions and traceback are saved and the place is named",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C); what was finished is kept",
    ExitCode.TERMINATED: "terminated (SIGTERM); what was finished is kept",
}
PRECEDENCE = (ExitCode.BUG, ExitCode.INPUT, ExitCode.NO, ExitCode.UNAVAILABLE, ExitCode.INCONCLUSIVE, ExitCode.OK)
BISECT_SKIP = 125
_NOT_JUDGED = {ExitCode.INPUT, ExitCode.UNAVAILABLE, ExitCode.INCONCLUSIVE, ExitCode.BUG}


def for_bisect(code: int) -> int:
    """`code` as `git bisect run` wants it: what could not be judged is 125 (skip this commit)."""
    return BISECT_SKIP if code in _NOT_JUDGED else code


def worst(*codes: ExitCode) -> ExitCode:
    """The code that wins when several hold: 70 > 2 > 1 > 3 > 4 > 0."""
    return min(codes, key=PRECEDENCE.index, default=ExitCode.OK)


OUTCOMES = {"pass": ExitCode.OK, "fail": ExitCode.NO, "error": ExitCode.UNAVAILABLE, "none": ExitCode.INCONCLUSIVE}
"""The exit code of a report's outcome."""


def settled(command: Callable[[], int], *, allow_empty: bool = False, exit_code: str | None = None) -> int:
    """The code of `command` under `--allow-empty` and `--exit-code bisect`. Raises InputError for another word."""
    if exit_code not in (None, "bisect"):
        raise InputError(Problem(f"--exit-code {exit_code}: the only other way to count is 'bisect'"))

    def once() -> int:
        try:
            return command()
        except NothingSelectedError as error:
            if not allow_empty:
                raise
            tell(f"promptctl: {error.problems[0].message}: nothing to do (--allow-empty)")
            return ExitCode.OK

    return once() if exit_code is None else for_bisect(guarded(once))


def open_streams() -> None:
    """Point standard streams that were closed (`>&-`) to nowhere: Python has None in their place."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != descriptor:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)
            setattr(sys, name, open(descriptor, "w", encoding="utf-8", closefd=False))  # noqa: SIM115 - for as long as the process


def say(text: str) -> None:
    """A result, to stdout. A reader that went away (`| head`) is not an error; a full disk is."""
    try:
        sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
    except UnicodeEncodeError:
        sys.stdout.write(text.encode("ascii", "backslashreplace").decode("ascii") + "\n")
    except OSError as error:
        _forget_stdout()
        raise UnavailableError(f"cannot write to stdout: {error.strerror or error}") from error


def _forget_stdout() -> None:
    """Point stdout to nowhere, so that the interpreter's last flush cannot fail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def tell(text: str) -> None:
    """A remark, to stderr; lost without complaint where stderr is gone.

    What it quotes is input: it can hold no key, steer no terminal and be no command to a CI runner.
    """
    from promptctl.adapters.leaks import leaks_of
    from promptctl.reports.escape import log, visible

    shown = log(visible(leaks_of(os.environ).redact(text)))
    try:
        sys.stderr.write(shown if shown.endswith("\n") else shown + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        return


def guarded(command: Callable[[], int]) -> int:
    """Run `command` and return the process's exit code; nothing but SystemExit leaves this function."""
    try:
        return int(command() or 0)
    except InputError as error:
        return refuse(error, ExitCode.INPUT)
    except NothingSelectedError as error:
        return refuse(error, ExitCode.INCONCLUSIVE)
    except PromptctlError as error:
        return refuse(error, ExitCode.UNAVAILABLE)
    except typer.TyperException as error:
        return _usage(error)
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except KeyboardInterrupt:
        tell("promptctl: interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the boundary: an unknown exception is our bug, exit 70
        return _bug(error)


def refuse(error: PromptctlError, code: ExitCode) -> ExitCode:
    """Say what is wrong, every problem of it, on stderr; `code` comes back."""
    for problem in error.problems:
        tell(f"promptctl: error: {problem}")
    return code


def _usage(error: typer.TyperException) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":  # Typer exports no name for it; its message is the help text
        tell(error.format_message())
        return ExitCode.INPUT
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "promptctl"
    tell(f"promptctl: error: {error.format_message()}\n  hint: see '{command} --help'")
    return ExitCode.INPUT


def _bug(error: Exception) -> int:
    from promptctl.adapters.crash import save_crash
    from promptctl.adapters.leaks import leaks_of

    trace = leaks_of(os.environ).redact("".join(traceback.format_exception(error)))
    place = save_crash(trace, start=Path.cwd())
    where = f"the traceback is saved in {place}" if place else trace
    tell(
        f"promptctl: this is a bug in promptctl: {type(error).__name__}: {error}\n  {where}\n"
        "  hint: please report it with that file; it holds versions and the traceback, no prompts and no keys"
    )
    return ExitCode.BUG
