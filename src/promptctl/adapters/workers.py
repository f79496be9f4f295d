"""The repository's own checks, run in processes that see no keys and do not outlive their time.

A `python:` check runs in a worker that is used again; a `command:` is started afresh. Both are leaders of a process group
of their own, which is killed as a whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from promptctl.adapters import worker_main
from promptctl.adapters.worker_process import Died, Process, ending
from promptctl.model.errors import AssertionBroken
from promptctl.model.prompt import Json
from promptctl.model.run import Execution

MOST_OUTPUT = 1 << 20  # bytes of a reply or of a program's stdout
_ALLOWED = re.compile(r"PATH|HOME|LANG|LC_[A-Z]+|TMPDIR|TZ|USER|LOGNAME|SHELL|TERM|SYSTEMROOT|VIRTUAL_ENV")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a check may see of the environment: an allow-list, and nothing whose name speaks of a secret."""
    return {name: value for name, value in environ.items() if _ALLOWED.fullmatch(name) and not _SECRET.search(name)}


class Ended(AssertionBroken):
    """An execution that gave nothing. kind: "timeout", "crashed", "malformed" (what it gave is no answer) or "not_run"."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Given:
    """What an execution gave: a JSON text, or what a program printed. seconds: how long it took, without loading its file."""

    text: bytes
    seconds: float


class Workers:
    """Runs executions, `size` at a time; the `Execute` of model/answer.py.

    root: the project's root: where files are found and programs run. environ: the environment that
    `clean_environment` is drawn from; more: variables that are added to it. most_output: bytes of a reply. Use as
    `async with`, or call `close`.
    """

    def __init__(
        self,
        root: Path,
        *,
        size: int = 2,
        environ: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
        most_output: int = MOST_OUTPUT,
    ) -> None:
        self._root = root.resolve()
        self._environment = {**clean_environment(os.environ if environ is None else environ), **(more or {})}
        self._most_output = most_output
        self._places = asyncio.Semaphore(size)
        self._asked = itertools.count(1)
        self._idle: list[Process] = []
        self._alive: set[Process] = set()
        self._closed = False

    async def __call__(self, execution: Execution) -> Json:
        """The JSON value the function returned or the program printed. Raises AssertionBroken with the reason."""
        text = (await self.raw(execution)).text
        name = execution.target if isinstance(execution.target, str) else execution.target[0]
        try:
            return json.loads(text, parse_constant=_refuse)
        except ValueError as error:
            raise Ended(f"{name} printed no JSON: {error}: {_start_of(text)}", "malformed") from None
        except RecursionError:
            raise Ended(f"{name} printed JSON that is nested too deep", "malformed") from None

    async def raw(self, execution: Execution) -> Given:
        """What the function returned as JSON text, or all that the program printed, unread. Raises Ended."""
        if isinstance(execution.target, str):
            return await self._python(execution, execution.target)
        return await self._command(execution, tuple(execution.target))

    async def close(self) -> None:
        """End every process, and wait until none is left."""
        self._closed = True
        self._idle.clear()
        for process in tuple(self._alive):
            process.kill()
        await asyncio.gather(*(self._gone(process) for process in tuple(self._alive)))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _python(self, execution: Execution, target: str) -> Given:
        path, _, function = target.rpartition(":")
        file, number = self._inside(path, target), next(self._asked)
        payload = execution.payload
        arguments = [payload] if execution.whole else [payload["output"], payload["context"]]
        request = {"id": number, "file": str(file), "function": function, "arguments": arguments}
        line = json.dumps(request, allow_nan=False).encode() + b"\n"
        async with self._places:
            worker = await self._idle_one() or await self._start(self._worker_argv(), target)
            keep = False
            try:
                async with asyncio.timeout(execution.timeout_s):
                    reply = await worker.ask(line, number)
                keep = True
            except TimeoutError:
                raise _late(target, execution.timeout_s) from None
            except Died as death:
                worker.kill()
                raise Ended(f"{target} {death}{await worker.last_words()}", death.kind) from None
            finally:
                if keep and not self._closed:
                    self._idle.append(worker)
                else:
                    await self._end(worker)
        return _told(reply, target)

    async def _command(self, execution: Execution, argv: tuple[str, ...]) -> Given:
        name = argv[0]
        if "/" in name and not name.startswith("/"):
            argv = (str(self._inside(name, name)), *argv[1:])
        given = json.dumps(execution.payload, allow_nan=False).encode()
        async with self._places:
            began = time.perf_counter()
            process = await self._start(argv, name)
            try:
                async with asyncio.timeout(execution.timeout_s):
                    output, code = await process.run(given)
                took_s = time.perf_counter() - began
            except TimeoutError:
                raise _late(name, execution.timeout_s) from None
            except Died as death:
                raise Ended(f"{name} {death}", death.kind) from None
            else:
                if code != 0:
                    raise Ended(f"{name} ended with {ending(code)}{await process.last_words()}", "crashed")
            finally:
                await self._end(process)
        return Given(output, took_s)

    def _inside(self, path: str, who: str) -> Path:
        """The file, which must be there and inside the project also where links lead."""
        file = (self._root / path).resolve()
        if not file.is_relative_to(self._root):
            raise Ended(f"{who} is outside the project", "not_run")
        if not file.is_file():
            raise Ended(f"{who}: there is no file {path}", "not_run")
        return file

    async def _idle_one(self) -> Process | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.running:
                return worker
            await self._end(worker)  # what it was asked last left a thread or a signal that ended it since
        return None

    def _worker_argv(self) -> tuple[str, ...]:
        return (sys.executable, "-I", "-B", str(Path(worker_main.__file__)), str(self._root))

    async def _start(self, argv: tuple[str, ...], who: str) -> Process:
        if self._closed:
            raise Ended(f"{who} was not run: the run is ending", "not_run")
        starting = asyncio.ensure_future(
            Process.start(argv, cwd=self._root, environment=self._environment, most_output=self._most_output)
        )
        try:
            process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # The process may exist by the time the cancellation arrives: take it, then let it go.
            with contextlib.suppress(OSError, ValueError):
                process = await starting
                process.kill()
                await process.gone()
            raise
        except (OSError, ValueError) as error:
            raise Ended(f"{who} could not be started: {error}", "not_run") from None
        self._alive.add(process)
        return process

    async def _end(self, process: Process) -> None:
        """Kill at once, and wait even when this task is being cancelled."""
        process.kill()
        await asyncio.shield(self._gone(process))

    async def _gone(self, process: Process) -> None:
        await process.gone()
        self._alive.discard(process)


def _late(who: str, timeout_s: float) -> Ended:
    return Ended(f"{who} took more than {timeout_s:g} s and was ended", "timeout")


def _told(reply: bytes, target: str) -> Given:
    seconds, kind, said = reply.split(b" ", 2)
    if kind == b"value":
        return Given(said, float(seconds))
    reason = str(json.loads(said))
    raise Ended(f"{target} {reason}", "malformed" if reason.startswith("returned") else "crashed")


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _start_of(output: bytes) -> str:
    return repr(output[:80].decode("utf-8", "replace"))
