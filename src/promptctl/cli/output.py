"""Where a command's report goes: one format on stdout, others in files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size

from promptctl.adapters.files import atomic_write
from promptctl.cli import boundary
from promptctl.model.finding import Report
from promptctl.reports import formats
from promptctl.reports.escape import line


@dataclass(frozen=True, slots=True)
class Output:
    """The format of stdout, the report files as (format, path from the working directory), and how much is said."""

    format: str
    files: tuple[tuple[str, str], ...] = ()
    quiet: bool = False
    verbose: bool = False

    @classmethod
    def of(cls, name: str, reports: Sequence[str] | None, *, quiet: bool, verbose: bool) -> Output:
        """Check the format names before any work is done. Raises InputError."""
        files = tuple(formats.parse_target(text) for text in reports or ())
        return cls(format=formats.check(name), files=files, quiet=quiet, verbose=verbose)

    def warn(self, message: str) -> None:
        """A remark on stderr, unless --quiet."""
        if not self.quiet:
            boundary.tell(f"promptctl: warning: {line(message)}")

    def write(self, report: Report) -> None:
        """The report to its files, then to stdout. Raises UnavailableError where a file cannot be written."""
        for name, path in self.files:
            atomic_write(Path(path).absolute(), formats.render(report, name).encode("utf-8", "replace"))
        if sys.stdout.isatty():
            color = "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
            boundary.say(formats.render(report, self.format, width=get_terminal_size().columns, color=color))
        else:
            boundary.say(formats.render(report, self.format))
