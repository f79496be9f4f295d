"""The repository's own checks, run in processes that see no keys and do not outlive their time.

A `python:` check runs in a worker that is used again; a `command:` is started afresh. Both are leaders of a process group
of their own, which is killed as a whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from promptctl.adapters import worker_main
from promptctl.model.errors import AssertionBroken
from promptctl.model.prompt import Json
from promptctl.model.run import Execution

MOST_OUTPUT = 1 << 20  # bytes of a reply or of a program's stdout
_TAIL = 8 << 10  # bytes of stderr that are kept
_ALLOWED = re.compile(r"PATH|HOME|LANG|LC_[A-Z]+|TMPDIR|TZ|USER|LOGNAME|SHELL|TERM|SYSTEMROOT|VIRTUAL_ENV")
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.IGNORECASE)


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What a check may see of the environment: an allow-list, and nothing whose name speaks of a secret."""
    return {name: value for name, value in environ.items() if _ALLOWED.fullmatch(name) and not _SECRET.search(name)}


class Workers:
    """Runs executions, `size` at a time; the `Execute` of model/answer.py.

    root: the project's root: where files are found and programs run. environ: the environment that
    `clean_environment` is drawn from. Use as `async with`, or call `close`.
    """

    def __init__(self, root: Path, *, size: int = 2, environ: Mapping[str, str] | None = None) -> None:
        self._root = root.resolve()
        self._environment = clean_environment(os.environ if environ is None else environ)
        self._places = asyncio.Semaphore(size)
        self._idle: list[_Process] = []
        self._alive: set[_Process] = set()
        self._closed = False

    async def __call__(self, execution: Execution) -> Json:
        """The JSON value the function returned or the program printed. Raises AssertionBroken with the reason."""
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

    async def _python(self, execution: Execution, target: str) -> Json:
        path, _, function = target.rpartition(":")
        file = self._inside(path, target)
        request = {"file": str(file), "function": function, "payload": execution.payload}
        line = json.dumps(request, allow_nan=False).encode() + b"\n"
        async with self._places:
            worker = await self._idle_one() or await self._start(self._worker_argv(), target)
            keep = False
            try:
                async with asyncio.timeout(execution.timeout_s):
                    reply = await worker.ask(line)
                keep = True
            except TimeoutError:
                raise AssertionBroken(f"{target} took more than {execution.timeout_s:g} s and was ended") from None
            except _Died as death:
                worker.kill()
                raise AssertionBroken(f"{target} {death}{await worker.last_words()}") from None
            finally:
                if keep and not self._closed:
                    self._idle.append(worker)
                else:
                    await self._end(worker)
        return _told(reply, target)

    async def _command(self, execution: Execution, argv: tuple[str, ...]) -> Json:
        name = argv[0]
        if "/" in name and not name.startswith("/"):
            argv = (str(self._inside(name, name)), *argv[1:])
        given = json.dumps(execution.payload, allow_nan=False).encode()
        async with self._places:
            process = await self._start(argv, name)
            try:
                async with asyncio.timeout(execution.timeout_s):
                    output, code = await process.run(given)
            except TimeoutError:
                raise AssertionBroken(f"{name} took more than {execution.timeout_s:g} s and was ended") from None
            except _Died as death:
                raise AssertionBroken(f"{name} {death}") from None
            else:
                if code != 0:
                    raise AssertionBroken(f"{name} ended with {_ending(code)}{await process.last_words()}")
            finally:
                await self._end(process)
        try:
            return json.loads(output, parse_constant=_refuse)
        except ValueError as error:
            raise AssertionBroken(f"{name} printed no JSON: {error}: {_start_of(output)}") from None
        except RecursionError:
            raise AssertionBroken(f"{name} printed JSON that is nested too deep") from None

    def _inside(self, path: str, who: str) -> Path:
        """The file, which must be there and inside the project also where links lead."""
        file = (self._root / path).resolve()
        if not file.is_relative_to(self._root):
            raise AssertionBroken(f"{who} is outside the project")
        if not file.is_file():
            raise AssertionBroken(f"{who}: there is no file {path}")
        return file

    async def _idle_one(self) -> _Process | None:
        while self._idle:
            worker = self._idle.pop()
            if worker.running:
                return worker
            await self._end(worker)  # what it was asked last left a thread or a signal that ended it since
        return None

    def _worker_argv(self) -> tuple[str, ...]:
        return (sys.executable, "-I", "-B", str(Path(worker_main.__file__)), str(self._root))

    async def _start(self, argv: tuple[str, ...], who: str) -> _Process:
        if self._closed:
            raise AssertionBroken(f"{who} was not run: the run is ending")
        starting = asyncio.ensure_future(_Process.start(argv, cwd=self._root, environment=self._environment))
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
            raise AssertionBroken(f"{who} could not be started: {error}") from None
        self._alive.add(process)
        return process

    async def _end(self, process: _Process) -> None:
        """Kill at once, and wait even when this task is being cancelled."""
        process.kill()
        await asyncio.shield(self._gone(process))

    async def _gone(self, process: _Process) -> None:
        await process.gone()
        self._alive.discard(process)


class _Died(Exception):  # noqa: N818 - an ending, told as a reason
    pass


class _Process:
    """A process that leads its own group, its stderr kept by the tail."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a process without pipes")
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._tail = b""
        self._listening = asyncio.ensure_future(self._listen(process.stderr))

    @classmethod
    async def start(cls, argv: tuple[str, ...], *, cwd: Path, environment: Mapping[str, str]) -> _Process:
        """Raises OSError where the program cannot be started."""
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                *argv,
                cwd=cwd,
                env=dict(environment),
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                limit=MOST_OUTPUT,
                start_new_session=True,
            )
        )

    @property
    def running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.returncode is None

    async def ask(self, line: bytes) -> bytes:
        """Send a line and await one. Raises _Died."""
        try:
            self._stdin.write(line)
            await self._stdin.drain()
            return await self._stdout.readuntil(b"\n")
        except asyncio.LimitOverrunError:
            raise _Died(f"returned more than {MOST_OUTPUT} bytes") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await self._process.wait()
            raise _Died(f"ended its process with {_ending(code)}") from None

    async def run(self, given: bytes) -> tuple[bytes, int]:
        """Give it all of stdin, await all of stdout and the exit code. Raises _Died."""
        feeding = asyncio.ensure_future(self._feed(given))
        try:
            output = b""
            while piece := await self._stdout.read(1 << 16):
                output += piece
                if len(output) > MOST_OUTPUT:
                    raise _Died(f"printed more than {MOST_OUTPUT} bytes")
            return output, await self._process.wait()
        finally:
            feeding.cancel()
            await asyncio.gather(feeding, return_exceptions=True)

    async def _feed(self, given: bytes) -> None:
        with contextlib.suppress(ConnectionError):  # a program need not read what it is given
            self._stdin.write(given)
            await self._stdin.drain()
            self._stdin.close()

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        while piece := await stderr.read(1 << 12):
            self._tail = (self._tail + piece)[-_TAIL:]

    async def last_words(self) -> str:
        """The last line of stderr, as an ending of a sentence, or nothing."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._listening), 1)
        lines = [line for line in self._tail.decode("utf-8", "replace").splitlines() if line.strip()]
        return f": {lines[-1].strip()[:500]}" if lines else ""

    def kill(self) -> None:
        """End it and all of its group. Safe to call again."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def gone(self) -> None:
        """Wait until it is gone and its pipes are closed."""
        await self._process.wait()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)
        self._stdin.close()
        self._process._transport.close()  # type: ignore[attr-defined]  # asyncio has no public way to close the pipes


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _told(reply: bytes, target: str) -> Json:
    said = json.loads(reply)
    if "broken" in said:
        raise AssertionBroken(f"{target} {said['broken']}")
    return said["value"]


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


def _start_of(output: bytes) -> str:
    return repr(output[:80].decode("utf-8", "replace"))
