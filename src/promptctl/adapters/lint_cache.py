"""What lint found before, by the content it was found in: one SQLite file in the state directory.

A cache that cannot be read or written is no cache: everything still works, more slowly, and one sentence says so.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path

import promptctl
from promptctl.adapters.prices import MAP_FILE, litellm_folder
from promptctl.model.errors import PromptctlError
from promptctl.model.prompt import Json

FILE = "lint.sqlite"
KEEP_DAYS = 30
BUSY_S = 5.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  salt TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, day INTEGER NOT NULL, PRIMARY KEY (salt, key)
) WITHOUT ROWID;
"""


def salt_of(settings: Iterable[str]) -> str:
    """What every finding depends on besides the files: promptctl's code, the price map, and `settings`.

    Code and map are known by size and time of change of their files, which is read in a millisecond.
    """
    told = hashlib.sha256()
    for part in (promptctl.__version__, *settings, *_code(), _price_map()):
        told.update(part.encode() + b"\0")
    return told.hexdigest()[:20]


class LintCache:
    """The cache at `path`; None gives one that keeps nothing. A `rules.engine.reading.Store`.

    Entries of this salt are read at the first `get`, new ones written by `close`, in one transaction. today: days since
    the epoch; entries older than KEEP_DAYS are dropped. warn: gets one sentence where the file cannot be used.
    """

    def __init__(self, path: Path | None, *, salt: str, today: int, warn: Callable[[str], None]) -> None:
        self._path = path
        self._salt = salt
        self._today = today
        self._warn = warn
        self._rows: dict[str, str] | None = None
        self._values: dict[str, Json] = {}
        self._new: dict[str, Json] = {}

    def get(self, key: str) -> Json | None:
        """The value kept under `key`, or None."""
        if key not in self._values:
            row = self._known().get(key)
            if row is None:
                return None
            try:
                self._values[key] = json.loads(row)
            except ValueError:
                return None
        return self._values[key]

    def put(self, key: str, value: Json) -> None:
        """Keep a JSON value."""
        self._values[key] = self._new[key] = value

    def close(self) -> None:
        """Write what is new."""
        if not self._new or self._path is None:
            return
        rows = [
            (self._salt, key, json.dumps(value, ensure_ascii=False), self._today) for key, value in self._new.items()
        ]
        try:
            self._write(self._path, rows)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                with suppress(OSError):
                    self._path.unlink()  # it holds nothing that cannot be found again
            self._warn(f"{self._path}: what lint found could not be kept ({error})")
        self._new.clear()

    def _write(self, path: Path, rows: list[tuple[str, str, str, int]]) -> None:
        with closing(sqlite3.connect(path, timeout=BUSY_S)) as db, db:
            db.executescript(_SCHEMA)
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)", rows)
            db.execute("DELETE FROM entries WHERE day < ?", (self._today - KEEP_DAYS,))

    def _known(self) -> dict[str, str]:
        if self._rows is None:
            self._rows = {}
            if self._path is not None and self._path.exists():
                with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(self._path, timeout=BUSY_S)) as db:
                    query = "SELECT key, value FROM entries WHERE salt = ?"
                    self._rows = dict(db.execute(query, (self._salt,)))
        return self._rows


def _code() -> Iterable[str]:
    top = Path(promptctl.__file__).parent
    for room in ("assertions", "model", "rules", "text"):
        waiting = [str(top / room)]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir() and entry.name != "__pycache__":
                        waiting.append(entry.path)
                    elif entry.name.endswith((".py", ".json")):
                        about = entry.stat()
                        yield f"{entry.path} {about.st_size} {about.st_mtime_ns}"


def _price_map() -> str:
    try:
        place = litellm_folder() / MAP_FILE
        about = place.stat()
    except (OSError, PromptctlError):
        return "no price map"
    return f"{place} {about.st_size} {about.st_mtime_ns}"
