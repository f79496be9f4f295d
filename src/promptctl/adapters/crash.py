"""Where the traceback of a bug is kept for the report."""

from __future__ import annotations

import platform
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = ("promptctl", "typer", "PyYAML", "jsonschema", "Jinja2", "litellm", "GitPython", "rich")


def save_crash(trace: str, *, start: Path) -> Path | None:
    """Write versions and traceback to a new file and return its path; None where no folder takes it.

    The file goes to the system's temporary folder: a crash must not create folders in a user's repository.
    """
    lines = [f"python {platform.python_version()} on {platform.platform()}", f"folder {start.name}"]
    lines += [f"{name} {_version(name)}" for name in _PACKAGES]
    lines += [
        f"arguments {len(sys.argv) - 1}: {' '.join(arg for arg in sys.argv[1:] if arg.startswith('-'))}",
        "",
        trace,
    ]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="promptctl-crash-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write("\n".join(lines))
            return Path(file.name)
    except OSError:
        return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"
