"""What `runs prune` deletes, counted before it goes."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from promptctl.adapters.cache import Cache
from promptctl.adapters.leaks import leaks_of
from promptctl.adapters.runs import RunStore
from promptctl.cli.boundary import tell
from promptctl.cli.stored import started_of, state_around
from promptctl.model.errors import InputError, Problem, UnavailableError
from promptctl.reports.escape import line
from promptctl.reports.figures import count

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Pruned:
    """What may go. keep: the youngest runs that stay; older_than_days: nothing younger goes; None: no such condition."""

    keep: int | None
    older_than_days: float | None
    dry_run: bool

    @property
    def older_than_s(self) -> float | None:
        """The age in seconds."""
        return None if self.older_than_days is None else self.older_than_days * DAY_S


def prune(wanted: Pruned, directory: Path | None, *, cache: bool) -> str:
    """Delete what `wanted` names and say what it was, a line for runs and one for cached answers.

    Raises InputError where nothing says what may go, UnavailableError where something could not be deleted.
    """
    names_runs = wanted.keep is not None or wanted.older_than_days is not None
    if not names_runs and not cache:
        hint = "--keep N, --older-than DAYS or both for runs (--keep 0 deletes every one), --cache for cached answers"
        raise InputError(Problem("runs prune needs to be told what may go", hint=hint))
    state = state_around(directory)
    if state.path is None:
        raise UnavailableError(state.warning or "there is no place for runs and cache")
    told = [_prune_runs(wanted, RunStore(state.path / "runs", leaks_of(os.environ)))] if names_runs else []
    if cache:
        told.append(_prune_cache(wanted, state.path / "cache.sqlite"))
    return "\n".join(told)


def _prune_runs(wanted: Pruned, store: RunStore) -> str:
    now, ids = datetime.now(UTC), store.ids()
    limit = None if wanted.older_than_s is None else now - timedelta(seconds=wanted.older_than_s)
    doomed = [run for run in ids[wanted.keep or 0 :] if limit is None or started_of(run) < limit]
    left = len(ids) - len(doomed)
    if not doomed:
        return f"runs: nothing to delete, {left:,} stored"
    what = f"{count(len(doomed), 'run')}, {_size(sum(_bytes(store, run) for run in doomed))}"
    if wanted.dry_run:
        return "\n".join([*doomed, f"runs: would delete {what}; {left:,} would be left"])
    gone = store.prune(now=now, keep=wanted.keep, older_than_s=wanted.older_than_s)
    stayed = [run for run in doomed if run not in gone]
    if stayed:
        hint = f"look at the permissions of {store.folder}"
        raise UnavailableError(*(Problem(f"run {run} could not be deleted", hint=hint) for run in stayed))
    return f"runs: deleted {what}; {left:,} left"


def _prune_cache(wanted: Pruned, path: Path) -> str:
    if not path.exists():
        return "cache: nothing to drop, nothing is cached"
    cache = Cache(path, lambda message: tell(f"promptctl: warning: {line(message)}"))
    try:
        before = cache.size()
        answers = count(before.answers, "answer")
        if wanted.dry_run:
            return f"cache: would drop {_old_answers(cache, wanted):,} of {answers}"
        dropped = cache.prune(wanted.older_than_s)
        after = cache.size()
    finally:
        cache.close()
    return f"cache: dropped {dropped:,} of {answers}; {_size(max(0, before.bytes - after.bytes))} freed"


def _bytes(store: RunStore, run: str) -> int:
    """What a run takes on the disk; what cannot be looked at counts as nothing."""
    assert store.folder is not None
    found = 0
    with suppress(OSError):
        found = sum(file.stat().st_size for file in (store.folder / run).iterdir())
    return found


def _old_answers(cache: Cache, wanted: Pruned) -> int:
    before = float("inf")
    if wanted.older_than_s is not None:
        before = datetime.now(UTC).timestamp() - wanted.older_than_s
    query = "SELECT count(*) FROM completions WHERE stored_at < ?"
    return int(cache.attempt(lambda db: db.execute(query, (before,)).fetchone()[0], 0))


def _size(number: int) -> str:
    """Bytes as people read them."""
    if number < 1000:
        return count(number, "byte")
    for unit, size in (("kB", 1e3), ("MB", 1e6), ("GB", 1e9)):
        if number < size * 1000:
            return f"{number / size:.1f} {unit}"
    return f"{number / 1e12:.1f} TB"
