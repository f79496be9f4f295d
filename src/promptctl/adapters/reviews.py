"""What a review keeps and reads in the state directory: labels as they are given, and the verdicts of gates."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from promptctl.adapters.files import write_error
from promptctl.adapters.leaks import Leaks
from promptctl.adapters.runs import ID
from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.model.prompt import Json

REVIEWS = "reviews"
VERDICTS = "verdicts"


@dataclass(frozen=True, slots=True)
class Lines:
    """A file of lines that only grows. Nothing is lost but the line that was being written when the machine stopped."""

    path: Path
    leaks: Leaks

    def read(self) -> bytes:
        """All of it; nothing where it is not there yet. Raises UnavailableError."""
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise UnavailableError(Problem(f"cannot be read: {error.strerror}", path=str(self.path))) from error

    def append(self, lines: Sequence[str]) -> None:
        """Add whole lines in one write, keys taken out, and wait for the disk. Raises UnavailableError."""
        data = "".join(self.leaks.redact(line) for line in lines).encode("utf-8", "backslashreplace")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                if _torn(descriptor):
                    data = b"\n" + data
                _write(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise UnavailableError(*write_error(self.path, error).problems) from error


def _torn(descriptor: int) -> bool:
    """Whether the last line was cut off; what is added must not be glued to it."""
    size = os.fstat(descriptor).st_size
    return size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


@dataclass(frozen=True, slots=True)
class VerdictStore:
    """The verdict documents under `folder`; None: there is no place for them."""

    folder: Path | None

    def ids(self) -> tuple[str, ...]:
        """The ids of stored verdicts, the youngest first."""
        try:
            names = [] if self.folder is None else [path.stem for path in self.folder.glob("*.json")]
        except OSError:
            return ()
        return tuple(sorted((name for name in names if ID.fullmatch(name)), reverse=True))

    def document(self, verdict: str) -> Mapping[str, Json]:
        """The document of a stored verdict. Raises InputError where it cannot be read."""
        assert self.folder is not None
        path = self.folder / f"{verdict}.json"
        try:
            document = json.loads(path.read_bytes())
        except OSError as error:
            raise InputError(Problem(f"cannot be read: {error.strerror}", path=str(path))) from error
        except (ValueError, RecursionError) as error:
            raise InputError(Problem(f"the document of verdict {verdict} is damaged: {error}")) from None
        if not isinstance(document, dict):
            raise InputError(Problem(f"the document of verdict {verdict} is damaged: not an object"))
        return document
