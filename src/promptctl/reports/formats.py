"""The formats by name. A format's module is imported when it is asked for, so that nobody pays for another's."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import cast

from promptctl.model.errors import InputError, Problem
from promptctl.model.finding import Report

# A format's name and the module of this package that renders it.
_MODULES = {
    "text": "terminal",
    "json": "json",
    "markdown": "markdown",
    "junit": "junit",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "html": "html",
}
NAMES = tuple(_MODULES)


def check(name: str) -> str:
    """`name`, which is a format's. Raises InputError with the nearest one for another, before any work is done."""
    if name in _MODULES:
        return name
    close = difflib.get_close_matches(name, NAMES, n=1)
    meant = f"did you mean `{close[0]}`? " if close else ""
    raise InputError(Problem(f"there is no format `{name}`", hint=f"{meant}The formats are {', '.join(NAMES)}"))


def parse_target(text: str) -> tuple[str, str]:
    """`FORMAT=PATH` of `--report` as (format, path). Raises InputError."""
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise InputError(
            Problem(f"`--report {text}` names no file", hint="write FORMAT=PATH, such as junit=report.xml")
        )
    return check(name), path


def render(report: Report, name: str, *, width: int | None = None, color: bool = False) -> str:
    """`report` in the format `name`, ending in a newline. width (cells, None for no terminal) and color are for "text" alone.

    Raises InputError for an unknown format.
    """
    module = import_module(f"promptctl.reports.{_MODULES[check(name)]}")
    if name == "text":
        return cast("str", module.render(report, width=width, color=color))
    return cast("str", module.render(report))
