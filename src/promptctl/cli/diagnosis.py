"""What `doctor` found, as text for people and as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from shutil import get_terminal_size

from promptctl.model.errors import InputError, Problem
from promptctl.reports.cells import wrap
from promptctl.reports.escape import json_document, line, log
from promptctl.reports.figures import count

FORMATS = ("text", "json")
ROOM = 9  # the longest status and a blank


class Status(StrEnum):
    """OK and INFO need nothing. WARNING: something works less well. PROBLEM: something does not work."""

    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    PROBLEM = "problem"


_COLORS = {Status.OK: "32", Status.INFO: "34", Status.WARNING: "33", Status.PROBLEM: "31"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. name: stable, for programs. what: what was found. do: what to do about it, or None."""

    name: str
    status: Status
    what: str
    do: str | None = None


def of_problem(name: str, problem: Problem, status: Status = Status.PROBLEM) -> Check:
    """The check that a problem of a file makes."""
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part is not None)
    return Check(name, status, f"{place}: {problem.message}" if place else problem.message, problem.hint)


def has_problem(checks: Sequence[Check]) -> bool:
    """Whether anything is a problem, and doctor says no."""
    return any(check.status is Status.PROBLEM for check in checks)


def check_format(name: str) -> None:
    """Raises InputError for a format doctor does not have, before anything is looked at."""
    if name not in FORMATS:
        raise InputError(Problem(f"doctor has no format {name!r}", hint="the formats are text and json"))


def rendered(checks: Sequence[Check], output_format: str) -> str:
    """The checks as text or JSON."""
    if output_format == "json":
        return json_document(json.dumps(_document(checks), indent=2, ensure_ascii=False))
    terminal = sys.stdout.isatty()
    color = terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    cells = get_terminal_size().columns if terminal else None
    lines = [one for check in checks for one in _lines(check, cells, color=color)]
    return log("\n".join([*lines, "", _conclusion(checks)]))


def _lines(check: Check, cells: int | None, *, color: bool) -> list[str]:
    word = f"{check.status.value:<{ROOM}}"
    head = f"\x1b[{_COLORS[check.status]}m{word}\x1b[0m" if color else word
    room = None if cells is None else max(cells - ROOM, 16)
    first, *more = wrap(line(f"{check.name}: {check.what}"), room)
    out = [head + first, *(" " * ROOM + one for one in more)]
    if check.do:
        out += [" " * ROOM + one for one in wrap(line(f"do: {check.do}"), room)]
    return out


def _counts(checks: Sequence[Check]) -> Counter[Status]:
    return Counter(check.status for check in checks)


def _conclusion(checks: Sequence[Check]) -> str:
    counts = _counts(checks)
    problems, warnings = counts[Status.PROBLEM], counts[Status.WARNING]
    if not problems and not warnings:
        return "ready: nothing to do"
    found = " and ".join(
        count(number, noun) for number, noun in ((problems, "problem"), (warnings, "warning")) if number
    )
    return f"not ready: {found}" if problems else f"ready, with {found}"


def _document(checks: Sequence[Check]) -> dict[str, object]:
    counts = _counts(checks)
    return {
        "version": 1,
        "kind": "doctor",
        "ready": not has_problem(checks),
        "summary": {status.value: counts[status] for status in Status},
        "checks": [
            {"name": check.name, "status": check.status.value, "what": check.what, "do": check.do} for check in checks
        ],
    }
