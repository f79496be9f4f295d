"""Completions that were paid for, by request digest and sample, in one SQLite file that processes share.

WAL with synchronous=NORMAL: a commit is in the kernel's hands before `put` returns, so killing promptctl at any instant
loses nothing and never corrupts; only a power cut may lose the last few answers, and an fsync for each (FULL) would
stall the event loop for milliseconds a call. See https://sqlite.org/pragma.html#pragma_synchronous.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from promptctl.model.run import Completion, Source
from promptctl.text.record_completion import decode_completion, encode_completion

Key = tuple[str, int]  # request digest, sample
Row = tuple[str, int, str]
T = TypeVar("T")

SCHEMA_VERSION = 1
SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS completions (
  digest TEXT NOT NULL, sample INTEGER NOT NULL, answer TEXT NOT NULL, stored_at REAL NOT NULL,
  PRIMARY KEY (digest, sample));
CREATE TABLE IF NOT EXISTS claims (
  digest TEXT NOT NULL, sample INTEGER NOT NULL, owner TEXT NOT NULL, until REAL NOT NULL,
  PRIMARY KEY (digest, sample)) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""
BUSY_S = 10.0
BATCH = 400  # two variables each; SQLite before 3.32 takes 999
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class CacheSize:
    """answers: stored completions; bytes: what the database takes on the disk."""

    answers: int
    bytes: int


class Cache:
    """The cache at `path`; None gives one that keeps nothing.

    No method raises for what happens to the file: a cache that cannot be used is empty, and `warn` gets one sentence,
    once. now: wall-clock seconds. Opened at its first use, by the thread that uses it.
    """

    def __init__(self, path: Path | None, warn: Callable[[str], None], now: Callable[[], float] = time.time) -> None:
        self.path = path
        self._warn = warn
        self._now = now
        self._connection: sqlite3.Connection | None = None
        self._inode: int | None = None
        self._given_up = path is None
        self._warned: set[str] = set()

    def get(self, digest: str, sample: int) -> Completion | None:
        """The stored completion, its source CACHED, or None."""
        query = "SELECT answer FROM completions WHERE digest = ? AND sample = ?"
        row = self.attempt(lambda db: db.execute(query, (digest, sample)).fetchone(), None)
        return None if row is None else _decode(row[0])

    def get_many(self, keys: Iterable[Key]) -> Mapping[Key, Completion]:
        """The stored completions among `keys`."""
        wanted = list(keys)
        found: dict[Key, Completion] = {}
        for start in range(0, len(wanted), BATCH):
            none: list[Row] = []
            for digest, sample, answer in self.attempt(_reader(wanted[start : start + BATCH]), none):
                completion = _decode(answer)
                if completion is not None:
                    found[digest, sample] = completion
        return found

    def put(self, digest: str, sample: int, completion: Completion) -> bool:
        """Store a completion, replacing an older one, and drop the claim on it. Whether it is stored now."""
        answer = json.dumps(encode_completion(completion))

        def write(db: sqlite3.Connection) -> bool:
            with _transaction(db):
                db.execute(
                    "INSERT OR REPLACE INTO completions VALUES (?, ?, ?, ?)", (digest, sample, answer, self._now())
                )
                db.execute("DELETE FROM claims WHERE digest = ? AND sample = ?", (digest, sample))
            return True

        return self.attempt(write, False)

    def claim(self, digest: str, sample: int, owner: str, lease_s: float, gone: Callable[[str], bool]) -> bool:
        """Whether `owner` may ask for this answer: nobody else is asking, or who was is `gone` or let its lease pass.

        Without a usable file everybody may.
        """

        def take(db: sqlite3.Connection) -> bool:
            now = self._now()
            with _transaction(db):
                row = db.execute(
                    "SELECT owner, until FROM claims WHERE digest = ? AND sample = ?", (digest, sample)
                ).fetchone()
                if row is not None and row[0] != owner and row[1] > now and not gone(row[0]):
                    return False
                db.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?)", (digest, sample, owner, now + lease_s))
            return True

        return self.attempt(take, True)

    def renew(self, owner: str, lease_s: float) -> None:
        """Prolong every claim of `owner`."""
        query = "UPDATE claims SET until = ? WHERE owner = ?"
        self.attempt(lambda db: db.execute(query, (self._now() + lease_s, owner)), None)

    def release(self, digest: str, sample: int, owner: str) -> None:
        """Give a claim up, if `owner` still has it."""
        query = "DELETE FROM claims WHERE digest = ? AND sample = ? AND owner = ?"
        self.attempt(lambda db: db.execute(query, (digest, sample, owner)), None)

    def prune(self, older_than_s: float | None = None) -> int:
        """Drop completions stored longer ago than that (None: all) and give their room back; how many were dropped."""
        before = float("inf") if older_than_s is None else self._now() - older_than_s

        def drop(db: sqlite3.Connection) -> int:
            gone = db.execute("DELETE FROM completions WHERE stored_at < ?", (before,)).rowcount
            with suppress(sqlite3.OperationalError):  # another process is reading: the room comes back next time
                db.execute("VACUUM")
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return gone

        return self.attempt(drop, 0)

    def size(self) -> CacheSize:
        """How much is stored."""
        count = self.attempt(lambda db: db.execute("SELECT count(*) FROM completions").fetchone()[0], 0)
        files = [] if self.path is None else [Path(f"{self.path}{suffix}") for suffix in ("", "-wal")]
        return CacheSize(answers=count, bytes=sum(file.stat().st_size for file in files if file.exists()))

    def close(self) -> None:
        """Close the file; a later call opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def attempt(self, action: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """What `action` gives on the open database; `otherwise`, and a warning once, where the file does not let it.

        A damaged file is put aside and the action tried on a fresh one.
        """
        for _ in range(2):
            if self._given_up:
                return otherwise
            try:
                return action(self._open())
            except (sqlite3.Error, OSError) as error:
                if not _is_damage(error):
                    self._complain(error)
                    return otherwise
                self._put_aside(error)
        return otherwise

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        assert self.path is not None
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
        try:
            self._inode = self.path.stat().st_ino
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _complain(self, error: Exception) -> None:
        if self._connection is None:
            self._given_up = True  # it cannot even be opened; asking again for each answer would not help
        kind = getattr(error, "sqlite_errorname", type(error).__name__)
        if kind not in self._warned:
            self._warned.add(kind)
            self._warn(f"the cache {self.path} cannot be used ({error}): answers are kept for this run only")

    def _put_aside(self, error: Exception) -> None:
        self.close()
        assert self.path is not None
        aside = f"{self.path}.damaged-{int(self._now())}-{os.getpid()}"
        with suppress(OSError):
            # Only the very file found damaged: another process may have put it aside already and begun anew.
            if self._inode is None or self.path.stat().st_ino == self._inode:
                for suffix in ("-wal", "-shm", ""):
                    with suppress(FileNotFoundError):
                        Path(f"{self.path}{suffix}").rename(f"{aside}{suffix}")
                self._warn(
                    f"the cache {self.path} is damaged ({error}); it was put aside as {aside} and a new one begun"
                )


def _prepare(db: sqlite3.Connection) -> None:
    """Set the connection up and create the tables. Raises sqlite3.Error, also for a file of a newer promptctl."""
    db.execute("PRAGMA synchronous = NORMAL")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise sqlite3.NotSupportedError(f"it was written by a newer promptctl, schema {version}")
    if version == SCHEMA_VERSION:
        return
    for tries_left in reversed(range(100)):
        try:
            # Changing to WAL does not wait for other processes, whatever the timeout.
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not tries_left:
                raise
            time.sleep(0.02)
    db.executescript(SCHEMA)


@contextmanager
def _transaction(db: sqlite3.Connection) -> Iterator[None]:
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _reader(keys: list[Key]) -> Callable[[sqlite3.Connection], list[Row]]:
    query = (
        f"WITH wanted(d, s) AS (VALUES {', '.join(['(?, ?)'] * len(keys))}) "
        "SELECT digest, sample, answer FROM wanted JOIN completions ON digest = d AND sample = s"
    )
    values = [value for key in keys for value in key]
    return lambda db: db.execute(query, values).fetchall()


def _decode(answer: str) -> Completion | None:
    try:
        return replace(decode_completion(json.loads(answer)), source=Source.CACHED)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # a row nobody can read is a row that is not there


def _is_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF) in DAMAGED
