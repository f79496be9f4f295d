"""Writes a project's first files. Nothing that exists is changed, but for lines added to a file of lines."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import leaves_root, write_error
from promptctl.model.errors import InputError, Problem


@dataclass(frozen=True, slots=True)
class Laid:
    """What became of one file. path: relative to the folder. done: "wrote", "kept" or "extended"."""

    path: str
    done: str


def make_folder(folder: Path) -> None:
    """Create the folder and those above it. Raises InputError or UnavailableError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise InputError(Problem("is a file, not a folder", path=str(folder), hint="name a folder")) from None
    except OSError as error:
        raise write_error(folder, error) from error


def lay(root: Path, files: Mapping[str, bytes]) -> tuple[Laid, ...]:
    """Write each file that is not there; whatever has its name, a dangling link included, is kept.

    Raises InputError where a folder on the way is a file or leads out of the root, UnavailableError where the disk refuses.
    """
    return tuple(_lay_one(root, path, data) for path, data in files.items())


def add_line(root: Path, path: str, line: str) -> Laid:
    """See to it that the file has this line: written where there is none, extended where the line is missing.

    Raises as `lay` does.
    """
    target = _target(root, path)
    if not os.path.lexists(target):
        return _lay_one(root, path, f"{line}\n".encode())
    try:
        data = target.read_bytes()
        if line.split() in [present.split() for present in data.decode("utf-8", "replace").splitlines()]:
            return Laid(path, "kept")
        newline = b"\r\n" if b"\r\n" in data else b"\n"
        between = b"" if not data or data.endswith(b"\n") else newline
        with target.open("ab") as file:
            file.write(between + line.encode() + newline)
    except OSError as error:
        raise write_error(target, error) from error
    return Laid(path, "extended")


def _lay_one(root: Path, path: str, data: bytes) -> Laid:
    target = _target(root, path)
    make_folder(target.parent)
    made = False
    try:
        with target.open("xb") as file:
            made = True
            file.write(data)
    except FileExistsError:
        return Laid(path, "kept")
    except OSError as error:
        if made:
            with suppress(OSError):  # half a file would be kept the next time
                target.unlink()
        raise write_error(target, error) from error
    return Laid(path, "wrote")


def _target(root: Path, path: str) -> Path:
    target = root / path
    if not Path(os.path.realpath(target.parent)).is_relative_to(os.path.realpath(root)):
        raise leaves_root(path, f"{target.parent.name} is a symbolic link to {os.path.realpath(target.parent)}")
    return target
