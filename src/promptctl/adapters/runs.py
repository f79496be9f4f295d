"""Stored runs: `runs/<id>/run.json`, written whole at the end, and `traces.jsonl`, growing as the run goes."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from promptctl.adapters.files import atomic_write
from promptctl.adapters.leaks import Leaks
from promptctl.model.errors import InputError, Problem, PromptctlError
from promptctl.model.prompt import Json
from promptctl.model.suggest import closest

ID = re.compile(r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{8}")
DOCUMENT = "run.json"
TRACES = "traces.jsonl"


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run that is on the disk. status: that of its document, or "unfinished" where it has none (it was killed).

    started: from the id, UTC. summary and prompts: the document's, empty without one.
    """

    id: str
    status: str
    started: datetime
    bytes: int
    summary: Mapping[str, Json]
    prompts: tuple[str, ...]


def new_id(now: datetime) -> str:
    """A run's id: sorts by time to the millisecond, and eight random digits keep two of one instant apart."""
    utc = now.astimezone(UTC)
    return f"{utc:%Y%m%dT%H%M%S}.{utc.microsecond // 1000:03d}Z-{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class RunStore:
    """The runs under `folder`; None: there is no place to keep them, and nothing is kept."""

    folder: Path | None
    leaks: Leaks

    def begin(self, run: str, warn: Callable[[str], None]) -> Path | None:
        """Make the run's folder; the path its traces go to, or None, with a warning, where that cannot be done."""
        if self.folder is None:
            return None
        try:
            (self.folder / run).mkdir(parents=True)
        except OSError as error:
            warn(f"{self.folder / run} cannot be created ({error.strerror or error}): this run is not kept")
            return None
        return self.folder / run / TRACES

    def save(self, run: str, document: Mapping[str, Json], warn: Callable[[str], None]) -> Path | None:
        """Write a begun run's document, keys taken out; its path, or None, with a warning, where the disk refuses."""
        if self.folder is None or not (self.folder / run).is_dir():
            return None
        path = self.folder / run / DOCUMENT
        try:
            atomic_write(path, encode(document, self.leaks))
        except PromptctlError as error:
            warn(f"this run is not kept: {error.problems[0].message}")
            return None
        return path

    def list(self) -> tuple[StoredRun, ...]:
        """Every stored run, the youngest first; what is half-written is shown as unfinished."""
        return tuple(self._stored(run) for run in self.ids())

    def ids(self) -> tuple[str, ...]:
        """The ids of stored runs, the youngest first."""
        if self.folder is None:
            return ()
        try:
            names = [entry.name for entry in self.folder.iterdir() if entry.is_dir() and not entry.is_symlink()]
        except OSError:
            return ()
        return tuple(sorted((name for name in names if ID.fullmatch(name)), reverse=True))

    def find(self, name: str) -> str:
        """The id `name` means: an id, the beginning of exactly one, or "latest". Raises InputError."""
        ids = self.ids()
        if name == "latest" and ids:
            return ids[0]
        found = [run for run in ids if run.startswith(name)] if name else []
        if len(found) == 1:
            return found[0]
        if found:
            raise InputError(
                Problem(f"{name!r} is the beginning of {len(found)} runs", hint=f"such as {found[0]} and {found[1]}")
            )
        near = closest(name, ids)
        hint = f"did you mean {near}?" if near else "'promptctl runs list' shows what is stored"
        raise InputError(Problem(f"no stored run {name!r}", hint=hint))

    def read(self, name: str) -> bytes:
        """The document of a run as it was written: what `runs export` gives. Raises InputError."""
        run = self.find(name)
        assert self.folder is not None
        try:
            return (self.folder / run / DOCUMENT).read_bytes()
        except FileNotFoundError:
            hint = f"its traces are in {self.folder / run / TRACES}; what it paid for is in the cache: run eval again"
            raise InputError(Problem(f"run {run} was ended before it was written", hint=hint)) from None
        except OSError as error:
            raise InputError(
                Problem(f"cannot be read: {error.strerror}", path=str(self.folder / run / DOCUMENT))
            ) from error

    def document(self, name: str) -> Mapping[str, Json]:
        """The parsed document of a run. Raises InputError."""
        data = self.read(name)
        try:
            document = json.loads(data)
        except ValueError as error:
            raise InputError(Problem(f"the document of run {name} is damaged: {error}")) from None
        if not isinstance(document, dict):
            raise InputError(Problem(f"the document of run {name} is damaged: not an object"))
        return document

    def prune(self, *, now: datetime, keep: int | None = None, older_than_s: float | None = None) -> tuple[str, ...]:
        """Delete runs: all but the `keep` youngest, of those only the ones older than `older_than_s`; the ids deleted.

        Both None deletes every run.
        """
        removed = []
        for run in self.ids()[keep or 0 :]:
            age = (now - _started(run)).total_seconds()
            if older_than_s is not None and age <= older_than_s:
                continue
            assert self.folder is not None
            with suppress(OSError):
                shutil.rmtree(self.folder / run)
                removed.append(run)
        return tuple(removed)

    def _stored(self, run: str) -> StoredRun:
        assert self.folder is not None
        document: Mapping[str, Json] = {}
        with suppress(InputError):
            document = self.document(run)
        prompts = document.get("prompts") or ()
        size = 0
        with suppress(OSError):
            size = sum(file.stat().st_size for file in (self.folder / run).iterdir())
        return StoredRun(
            id=run,
            status=str(document.get("status", "unfinished")),
            started=_started(run),
            bytes=size,
            summary=document.get("summary") or {},
            prompts=tuple(str(one.get("name")) for one in prompts if isinstance(one, dict)),
        )


def encode(document: Mapping[str, Json], leaks: Leaks) -> bytes:
    """A document as JSON text, keys taken out. Half characters, which only escapes can carry, stay escaped."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    try:
        return leaks.redact(text).encode() + b"\n"
    except UnicodeEncodeError:
        return leaks.redact(json.dumps(document, allow_nan=False)).encode() + b"\n"


def _started(run: str) -> datetime:
    return datetime.strptime(run[:19] + "+0000", "%Y%m%dT%H%M%S.%f%z")
