"""The live line of a run: on a terminal only, redrawn in place, gone when it is closed."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO

from promptctl.reports import figures
from promptctl.reports.cells import clip, width
from promptctl.reports.escape import line

_SHORTEST_INTERVAL_S = 0.1
_RATE_WINDOW_S = 20.0
_BAR_CELLS = 20
_BAR_FROM_COLUMNS = 70
_LEAST_WAIT_CELLS = 8
_ERASE = "\r\x1b[2K"


@dataclass(frozen=True, slots=True)
class State:
    """What the line says: samples done and failed so far, USD spent (None: nothing priced yet), what is waited for."""

    done: int = 0
    failed: int = 0
    errored: int = 0
    cost_usd: float | None = None
    waiting: str = ""


class Progress:
    """A progress line. `update` as often as you like: it redraws at most ten times a second. `close` erases it.

    Does nothing at all where `stream` is no terminal (a file, a pipe, a CI log) or `quiet` is set. Not for threads.
    """

    def __init__(
        self,
        stream: TextIO,
        *,
        total: int,
        label: str = "eval",
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
        columns: Callable[[], int] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        term = (os.environ if environ is None else environ).get("TERM", "")
        self.enabled = not quiet and stream.isatty() and term != "dumb"
        self._stream = stream
        self._total = total
        self._label = label
        self._clock = clock
        self._columns = columns or (lambda: _columns_of(stream))
        self._state = State()
        self._drawn_at: float | None = None
        self._history: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._unicode = (getattr(stream, "encoding", None) or "").lower().replace("-", "") in {"utf8", "utf16"}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def update(
        self,
        *,
        done: int | None = None,
        failed: int | None = None,
        errored: int | None = None,
        cost_usd: float | None = None,
        waiting: str | None = None,
    ) -> None:
        """Say what has changed (totals, not steps); None leaves a figure as it was. waiting="" ends a wait."""
        was = self._state
        self._state = State(
            done=was.done if done is None else done,
            failed=was.failed if failed is None else failed,
            errored=was.errored if errored is None else errored,
            cost_usd=was.cost_usd if cost_usd is None else cost_usd,
            waiting=was.waiting if waiting is None else waiting,
        )
        if not self.enabled:
            return
        now = self._clock()
        if self._drawn_at is not None and now - self._drawn_at < _SHORTEST_INTERVAL_S:
            return
        self._remember(now)
        self._draw(now)

    def write(self, message: str) -> None:
        """A line that stays (a warning), written to the same stream above the progress line."""
        if self.enabled and self._drawn_at is not None:
            self._stream.write(_ERASE)
        self._stream.write(f"{message}\n")
        self._stream.flush()
        self._drawn_at = None

    def close(self) -> None:
        """Erase the line; nothing is left behind."""
        if self.enabled and self._drawn_at is not None:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._drawn_at = None

    def _remember(self, now: float) -> None:
        self._history.append((now, self._state.done))
        while len(self._history) > 2 and now - self._history[0][0] > _RATE_WINDOW_S:
            self._history.popleft()

    def _draw(self, now: float) -> None:
        self._drawn_at = now
        columns = max(self._columns(), 10)
        self._stream.write(_ERASE + clip(self._line(columns), columns - 1))
        self._stream.flush()

    def _line(self, columns: int) -> str:
        """The most telling parts first; what does not fit whole is left out, but for the wait, which is cut."""
        state = self._state
        left = self._left_s()
        parts = [
            self._bar() if columns >= _BAR_FROM_COLUMNS and self._total else "",
            f"{state.failed:,} failed" if state.failed else "",
            figures.count(state.errored, "error") if state.errored else "",
            "" if state.cost_usd is None else figures.usd(state.cost_usd),
            "" if left is None else f"{_clock_time(left)} left",
        ]
        shown = f"{self._label} {state.done:,}/{self._total:,}"
        for part in filter(None, parts):
            if width(shown) + 2 + width(part) < columns:
                shown += f"  {part}"
        room = columns - 1 - width(shown) - 2
        return f"{shown}  {clip(line(state.waiting), room)}" if state.waiting and room >= _LEAST_WAIT_CELLS else shown

    def _bar(self) -> str:
        filled = min(_BAR_CELLS, _BAR_CELLS * self._state.done // self._total)
        full, empty = ("━", "─") if self._unicode else ("#", "-")
        return full * filled + empty * (_BAR_CELLS - filled)

    def _left_s(self) -> float | None:
        """Seconds left at the pace of the last twenty; None until a second and three samples tell it."""
        (first_at, first_done), (last_at, last_done) = self._history[0], self._history[-1]
        if last_at - first_at < 1 or last_done - first_done < 3 or last_done >= self._total:
            return None
        return (self._total - last_done) * (last_at - first_at) / (last_done - first_done)


def _clock_time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _columns_of(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80
