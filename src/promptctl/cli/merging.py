"""The steps of `merge`: by key where the files can be read, else line by line with git's own merge."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from promptctl.adapters.files import atomic_write
from promptctl.cli.boundary import ExitCode, tell
from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.model.source import Blob
from promptctl.reports.escape import line
from promptctl.reports.figures import listed
from promptctl.text.merged_lines import merged_jsonl
from promptctl.text.merged_text import Merged, merged_yaml

LABELS = ("-L", "ours", "-L", "base", "-L", "theirs")


@dataclass(frozen=True, slots=True)
class Versions:
    """The three files of a merge, the path they are of, and how long conflict markers are."""

    base: Path
    ours: Path
    theirs: Path
    path: str
    marker_size: int


def merged(versions: Versions) -> ExitCode:
    """Write the merge into our file. Raises InputError where a file cannot be read, UnavailableError without git."""
    base, ours, theirs = (_blob(path, versions.path) for path in (versions.base, versions.ours, versions.theirs))
    clean, text = _by_line(versions)
    found = _by_key(base, ours, theirs, versions.marker_size, text if clean else None)
    if found is None:
        atomic_write(versions.ours, text)
        return ExitCode.OK if clean else ExitCode.NO
    atomic_write(versions.ours, _bytes_like(ours.data, found.text))
    if not found.conflicts:
        return ExitCode.OK
    tell(f"promptctl: {line(versions.path)}: both sides changed {line(listed(found.conflicts))}")
    return ExitCode.NO


def _by_key(base: Blob, ours: Blob, theirs: Blob, marker_size: int, textual: bytes | None) -> Merged | None:
    suffix = PurePosixPath(ours.path).suffix.lower()
    if suffix == ".jsonl":
        return merged_jsonl(base, ours, theirs, marker_size=marker_size)
    if suffix not in (".yaml", ".yml"):
        return None
    text = None if textual is None else textual.decode("utf-8-sig", "replace")
    return merged_yaml(base, ours, theirs, marker_size=marker_size, textual=text)


def _by_line(versions: Versions) -> tuple[bool, bytes]:
    """git's own merge of the lines: whether it is without a conflict, and its text."""
    names = [str(path.absolute()) for path in (versions.ours, versions.base, versions.theirs)]
    command = ["git", "merge-file", "-p", "-q", f"--marker-size={versions.marker_size}", *LABELS, *names]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False, env=os.environ)
    except OSError as error:
        raise UnavailableError(f"git merge-file cannot be run: {error.strerror or error}") from error
    if done.returncode < 0 or done.returncode > 127:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise UnavailableError(f"git merge-file failed: {said or done.returncode}")
    return done.returncode == 0, done.stdout


def _blob(path: Path, name: str) -> Blob:
    try:
        return Blob(path=name, data=path.read_bytes())
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror or error}", path=str(path))) from None


def _bytes_like(ours: bytes, text: str) -> bytes:
    """The text as UTF-8, with our byte order mark where we had one."""
    mark = b"\xef\xbb\xbf" if ours.startswith(b"\xef\xbb\xbf") else b""
    return mark + text.encode("utf-8")
