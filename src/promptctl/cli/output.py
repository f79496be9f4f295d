"""Where a command's report goes: one format on stdout, others in files."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from shutil import get_terminal_size
from typing import Any

from promptctl.adapters.files import atomic_write
from promptctl.adapters.leaks import Leaks, leaks_of
from promptctl.cli import boundary
from promptctl.model.errors import InputError, Problem, PromptctlError, UnavailableError
from promptctl.model.finding import Report
from promptctl.reports import formats
from promptctl.reports.escape import line


@dataclass(frozen=True, slots=True)
class Output:
    """The format of stdout, the report files as (format, path), and how much is said."""

    format: str
    files: tuple[tuple[str, str], ...] = ()
    quiet: bool = False
    verbose: bool = False

    @classmethod
    def of(
        cls, name: str, reports: Sequence[str] | None, *, quiet: bool, verbose: bool, base: Path | None = None
    ) -> Output:
        """Check formats and paths before any work is done; paths are relative to `base`, or the working directory.

        Raises InputError.
        """
        files = tuple(_target(text, base or Path()) for text in reports or ())
        return cls(format=formats.check(name), files=files, quiet=quiet, verbose=verbose)

    def warn(self, message: str) -> None:
        """A remark on stderr, unless --quiet."""
        if not self.quiet:
            boundary.tell(f"promptctl: warning: {line(message)}")

    def remark(self, message: str) -> None:
        """News on stderr that nobody has to worry about, unless --quiet."""
        if not self.quiet:
            boundary.tell(f"promptctl: {line(message)}")

    def write(self, report: Report) -> None:
        """The report to stdout, then to its files, keys taken out. Raises UnavailableError where one cannot be written."""
        report = without_keys(report, leaks_of(os.environ))
        if sys.stdout.isatty():
            color = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
            boundary.say(formats.render(report, self.format, width=get_terminal_size().columns, color=color))
        else:
            boundary.say(formats.render(report, self.format))
        problems: list[Problem] = []
        for name, path in self.files:
            try:
                atomic_write(Path(path), formats.render(report, name).encode("utf-8", "replace"))
            except PromptctlError as error:  # also a folder that was there at the start and is gone now
                problems.extend(error.problems)
        if problems:
            raise UnavailableError(*problems)


def without_keys(value: Any, leaks: Leaks) -> Any:  # noqa: ANN401 - a report, and whatever it is made of
    """`value` with every secret in its texts replaced; the same object where it holds none.

    Before it is rendered: a format may wrap a key, escape or shorten it, and then nobody would know it for one.
    """
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, str):
        return value if leaks.find(value) is None else leaks.redact(value)
    if isinstance(value, Mapping):
        items = {without_keys(key, leaks): without_keys(item, leaks) for key, item in value.items()}
        same = all(key in items and items[key] is item for key, item in value.items())
        return value if same else items
    if isinstance(value, tuple | list):
        made = [without_keys(item, leaks) for item in value]
        return value if all(new is old for new, old in zip(made, value, strict=True)) else type(value)(made)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {part.name: getattr(value, part.name) for part in fields(value)}
        changed = {name: new for name, old in parts.items() if (new := without_keys(old, leaks)) is not old}
        return replace(value, **changed) if changed else value
    return value


def _target(text: str, base: Path) -> tuple[str, str]:
    """`FORMAT=PATH` with an absolute path. Raises InputError where no file can ever be there."""
    name, path = formats.parse_target(text)
    place = (base / path).absolute()
    hint = "name a file in an existing folder"
    if place.is_dir():
        raise InputError(Problem(f"--report {text}: {place} is a folder", hint=hint))
    if not place.parent.is_dir():
        raise InputError(Problem(f"--report {text}: there is no folder {place.parent}", hint=hint))
    return name, str(place)
