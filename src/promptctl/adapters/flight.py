"""One question, asked once: by the tasks of this process, and by the processes that share a cache."""

from __future__ import annotations

import asyncio
import os
import platform
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path

from promptctl.adapters.cache import Cache, Key
from promptctl.model.errors import CallFailed
from promptctl.model.run import Completion, Source

FIRST_LOOK_S = 0.02
SLOWEST_LOOK_S = 0.25
BEATS = 3  # renewals within a lease


class Flights:
    """Lets one task of one process ask for an answer while all others that want it wait for that one.

    Across processes through claims in `cache`. A claim ends with the answer, with its process, or when it has not been
    renewed for `lease_s` seconds (use the timeout of a call): a process that was stopped blocks nobody for longer.
    """

    def __init__(self, cache: Cache, lease_s: float) -> None:
        self._cache = cache
        self._lease_s = lease_s
        self._owner = this_process()
        self._flying: dict[Key, asyncio.Future[Completion | None]] = {}
        self._held = 0
        self._heart: asyncio.TimerHandle | None = None

    async def once(
        self, key: Key, look: Callable[[], Completion | None], call: Callable[[], Awaitable[Completion]]
    ) -> Completion:
        """The answer to `key`: another task's or process's if one is under way, else what `call` brings.

        look: finds the answer where `call` has put it. Raises CallFailed as `call` did; a task that waited for one that
        was cancelled asks itself. An answer that somebody else paid for has the source CACHED.
        """
        while (flying := self._flying.get(key)) is not None:
            answered = await asyncio.shield(flying)
            if answered is not None:
                return answered if answered.source is not Source.LIVE else replace(answered, source=Source.CACHED)
        future: asyncio.Future[Completion | None] = asyncio.get_running_loop().create_future()
        self._flying[key] = future
        try:
            completion = await self._alone_of_all(key, look, call)
            future.set_result(completion)
        except CallFailed as failure:
            future.set_exception(failure)
            future.exception()  # nobody else may be waiting, which is no reason for a complaint
            raise
        finally:
            if not future.done():
                future.set_result(None)
            del self._flying[key]
        return completion

    async def _alone_of_all(
        self, key: Key, look: Callable[[], Completion | None], call: Callable[[], Awaitable[Completion]]
    ) -> Completion:
        pause = FIRST_LOOK_S
        while not self._cache.claim(*key, self._owner, self._lease_s, gone):
            await asyncio.sleep(pause)
            pause = min(SLOWEST_LOOK_S, pause * 1.5)
            found = look()
            if found is not None:
                return found
        self._hold()
        try:
            found = look()  # it may have come between the first look and the claim
            return await call() if found is None else found
        finally:
            self._cache.release(*key, self._owner)
            self._let_go()

    def _hold(self) -> None:
        self._held += 1
        if self._heart is None:
            self._heart = asyncio.get_running_loop().call_later(self._lease_s / BEATS, self._beat)

    def _beat(self) -> None:
        self._heart = None
        if self._held:
            self._cache.renew(self._owner, self._lease_s)
            self._heart = asyncio.get_running_loop().call_later(self._lease_s / BEATS, self._beat)

    def _let_go(self) -> None:
        self._held -= 1
        if not self._held and self._heart is not None:
            self._heart.cancel()
            self._heart = None


def this_process() -> str:
    """A name for this process that says where it runs: machine and boot, pid namespace, pid, start, and something random."""
    pid = os.getpid()
    return "|".join((_place(), str(pid), _started(pid), uuid.uuid4().hex))


def gone(owner: str) -> bool:
    """Whether the process of that name has certainly ended. One on another machine or in another container may be alive."""
    place, pid, started, _ = owner.rsplit("|", 3)
    if place != _place():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # alive, and somebody else's
    return _started(int(pid)) != started


@cache
def _place() -> str:
    boot = _read("/proc/sys/kernel/random/boot_id")
    with suppress(OSError):
        return f"{platform.node()}|{boot}|{Path('/proc/self/ns/pid').readlink()}"
    return f"{platform.node()}|{boot}|"


def _started(pid: int) -> str:
    """The process's start in clock ticks since boot, field 22 of proc_pid_stat(5); empty where there is no /proc."""
    after_name = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if len(after_name) < 20:
        return ""
    return "ended" if after_name[0] in "ZX" else after_name[19]


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
