"""A process on a real pseudo-terminal, driven key by key: what it shows is awaited before a key is sent."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PROMPT = "> "


class Terminal:
    """A process whose stdin and stderr are a terminal of `columns` by `rows`; its stdout too, or the file `out`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str],
        cwd: Path | None = None,
        columns: int = 80,
        rows: int = 40,
        out: Path | None = None,
    ) -> None:
        self.fd, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (rows, columns))
        self._before = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.all = ""
        stdout = theirs if out is None else os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env={"TERM": "xterm", **env},
            stdin=theirs,
            stdout=stdout,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: _own(theirs),
        )
        if out is not None:
            os.close(stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        with suppress(OSError):
            os.close(self._theirs)
        with suppress(OSError):
            os.close(self.fd)

    def until(self, text: str = PROMPT, *, timeout: float = 20) -> str:
        """What is shown from here to the next `text`."""
        shown, deadline = "", time.monotonic() + timeout
        while text not in shown:
            assert time.monotonic() < deadline, f"waited for {text!r}; shown: {shown!r}"
            assert self.process.poll() is None or select.select([self.fd], [], [], 0)[0], f"ended: {shown!r}"
            shown += self._more()
        return shown

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def answer(self, keys: str, text: str = PROMPT) -> str:
        """Wait until a single key is awaited, type, and give what is shown up to the next prompt."""
        self.ready()
        self.press(keys)
        return self.until(text)

    def ready(self, *, timeout: float = 10) -> None:
        """Wait until the terminal hands over single keys: what is typed before is thrown away."""
        deadline = time.monotonic() + timeout
        while self.lines():
            assert time.monotonic() < deadline, self.all
            assert self.process.poll() is None, self.all
            time.sleep(0.002)

    def lines(self) -> bool:
        """Whether the terminal hands over whole lines, as at the start."""
        return bool(termios.tcgetattr(self._theirs)[3] & termios.ICANON)

    def as_before(self) -> bool:
        """Whether the terminal is set as it was when the process was started."""
        return termios.tcgetattr(self._theirs) == self._before

    def end(self, *, timeout: float = 20) -> int:
        """Wait for the exit code; the rest that was shown is in `all`."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.all
            self._more()
        while select.select([self.fd], [], [], 0)[0] and self._more():
            pass
        return self.process.returncode

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        self.process.send_signal(number)

    def _more(self) -> str:
        if not select.select([self.fd], [], [], 0.02)[0]:
            return ""
        with suppress(OSError):
            data = os.read(self.fd, 65536).decode("utf-8", "replace")
            self.all += data
            return data
        return ""


def _own(terminal: int) -> None:
    """Make it the controlling terminal, so that its Ctrl-C is a signal."""
    import fcntl

    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
