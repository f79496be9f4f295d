"""Objects of a repository by name, as many as one likes, through processes that stay open."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from promptctl.adapters.git import lost, process
from promptctl.model.errors import UnavailableError


class Objects:
    """Objects of the repository around `root` by name, through one `git cat-file --batch`. `close` ends the process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._readers: dict[str, Any] = {}

    def blob(self, oid: str) -> bytes:
        """The bytes of a blob. Raises UnavailableError where this clone does not have it and cannot get it."""
        stdout, header = self._ask("--batch", oid)
        if len(header) != 3:
            self.close()
            raise UnavailableError(lost(self.root, oid))
        data: bytes = stdout.read(int(header[2]))
        stdout.read(1)
        return data

    def oid_at(self, commit: str, path: str) -> str | None:
        """The id of the file `path` (from `root`) in a commit; None where there is none.

        Raises UnavailableError where git cannot say.
        """
        if "\n" in path:
            return None  # no name a batch can ask for
        _, header = self._ask("--batch-check", f"{commit}:./{path}")
        if not header:
            self.close()
            raise UnavailableError(lost(self.root, f"{commit}:{path}"))
        return header[0].decode() if len(header) == 3 and header[1] == b"blob" else None

    def close(self) -> None:
        """End the reading processes; the next question starts another."""
        for reader in self._readers.values():
            reader.__del__()
        self._readers.clear()

    def _ask(self, mode: str, name: str) -> tuple[Any, list[bytes]]:
        reader = self._readers.get(mode)
        if reader is None:
            reader = self._readers[mode] = process(self.root, "cat-file", mode)
        with suppress(BrokenPipeError):
            reader.stdin.write(f"{name}\n".encode("utf-8", "surrogateescape"))
            reader.stdin.flush()
        return reader.stdout, reader.stdout.readline().split()
