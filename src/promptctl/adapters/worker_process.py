"""One process of the repository's code: the leader of a group of its own, bounded in what it may say."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping
from pathlib import Path

TAIL = 8 << 10  # bytes of stderr that are kept


class Died(Exception):  # noqa: N818 - an ending, told as a reason
    """A process gave no answer: kind is "crashed", or "malformed" where it said too much."""

    def __init__(self, reason: str, kind: str = "crashed") -> None:
        super().__init__(reason)
        self.kind = kind


class Process:
    """A process that leads its own group, its stderr kept by the tail."""

    def __init__(self, process: asyncio.subprocess.Process, most_output: int) -> None:
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise ValueError("a process without pipes")
        self._process = process
        self._stdin, self._stdout = process.stdin, process.stdout
        self._most_output = most_output
        self._tail = b""
        self._listening = asyncio.ensure_future(self._listen(process.stderr))

    @classmethod
    async def start(
        cls, argv: tuple[str, ...], *, cwd: Path, environment: Mapping[str, str], most_output: int
    ) -> Process:
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
                limit=most_output,
                start_new_session=True,
            ),
            most_output,
        )

    @property
    def running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.returncode is None

    async def ask(self, line: bytes, number: int) -> bytes:
        """Send a line and await the one that answers it, `value JSON` or `broken JSON`. Raises Died."""
        try:
            self._stdin.write(line)
            await self._stdin.drain()
            while True:
                answered, _, reply = (await self._stdout.readuntil(b"\n")).partition(b" ")
                if answered == str(number).encode():
                    return reply
        except asyncio.LimitOverrunError:
            raise Died(f"returned more than {self._most_output} bytes", "malformed") from None
        except (asyncio.IncompleteReadError, ConnectionError):
            code = await self._process.wait()
            raise Died(f"ended its process with {ending(code)}") from None

    async def run(self, given: bytes) -> tuple[bytes, int]:
        """Give it all of stdin, await all of stdout and the exit code. Raises Died."""
        feeding = asyncio.ensure_future(self._feed(given))
        try:
            output = bytearray()
            while piece := await self._stdout.read(1 << 16):
                output += piece
                if len(output) > self._most_output:
                    raise Died(f"printed more than {self._most_output} bytes", "malformed")
            return bytes(output), await self._process.wait()
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
            self._tail = (self._tail + piece)[-TAIL:]

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


def ending(code: int) -> str:
    """How a process ended, by its exit code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
