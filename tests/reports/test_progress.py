"""The live line: on a terminal, at most ten times a second, nothing left behind; nowhere else anything."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import select
import struct
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from promptctl.reports.progress import Progress

DRAWN = re.compile(r"\r\x1b\[2K([^\r]*)")


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def terminal(columns: int) -> Iterator[tuple[io.TextIOWrapper, int]]:
    """A real pseudo terminal: the stream to write to, and the descriptor to read from what it shows."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with os.fdopen(follower, "w", encoding="utf-8", newline="") as stream:
        try:
            yield stream, leader
        finally:
            os.close(leader)


def received(leader: int) -> str:
    """All the terminal was sent; the kernel hands it over a moment later."""
    parts = []
    while select.select([leader], [], [], 0.1)[0]:
        parts.append(os.read(leader, 1 << 16))
    return b"".join(parts).decode()


def drawn(leader: int) -> list[str]:
    return DRAWN.findall(received(leader))


def progress(stream: io.TextIOBase, clock: Clock, **options: object) -> Progress:
    return Progress(stream, total=120, clock=clock, environ={"TERM": "xterm"}, **options)


def test_a_terminal_sees_what_is_done_failed_spent_and_left():
    clock = Clock()
    with terminal(100) as (stream, leader):
        live = progress(stream, clock)
        clock.now += 10
        live.update(done=30, failed=2, errored=1, cost_usd=0.0123, waiting="waiting 3 s for openai's rate limit")
        assert drawn(leader) == [
            "eval 30/120  ━━━━━───────────────  2 failed  1 error  $0.0123  0:30 left  waiting 3 s for openai's…"
        ]
        clock.now += 1
        live.update(done=120, waiting="")
        assert drawn(leader) == ["eval 120/120  ━━━━━━━━━━━━━━━━━━━━  2 failed  1 error  $0.0123"]
        live.close()
        assert drawn(leader) == [""]


def test_it_redraws_at_most_ten_times_a_second():
    clock = Clock()
    with terminal(100) as (stream, leader):
        live = progress(stream, clock)
        for n in range(1000):
            clock.now += 0.002
            live.update(done=n % 120)
        assert 15 <= len(drawn(leader)) <= 21


def test_a_narrow_terminal_keeps_the_counts_on_one_line():
    clock = Clock()
    with terminal(40) as (stream, leader):
        live = progress(stream, clock)
        clock.now += 10
        live.update(done=30, failed=2, cost_usd=1.5, waiting="waiting for openai")
        (shown,) = drawn(leader)
        assert shown == "eval 30/120  2 failed  $1.50  0:30 left"
        assert len(shown) <= 39


def test_a_message_stands_above_the_line_and_stays():
    clock = Clock()
    with terminal(100) as (stream, leader):
        live = progress(stream, clock)
        live.update(done=1)
        live.write("warning: unpriced model")
        live.update(done=2)
        live.close()
        shown = received(leader)
    assert "\r\x1b[2Kwarning: unpriced model\r\n\r\x1b[2Keval 2/120" in shown
    assert shown.endswith("\r\x1b[2K")


def test_a_file_or_pipe_sees_nothing_but_messages():
    stream = io.StringIO()
    with progress(stream, Clock()) as live:
        live.update(done=5, failed=1)
        live.write("a warning")
    assert stream.getvalue() == "a warning\n"
    assert not live.enabled


def test_quiet_and_dumb_terminals_see_nothing():
    with terminal(100) as (stream, leader):
        for live in (
            Progress(stream, total=9, quiet=True, environ={"TERM": "xterm"}),
            Progress(stream, total=9, environ={"TERM": "dumb"}),
        ):
            live.update(done=5)
            live.close()
        assert drawn(leader) == []


def test_an_exception_leaves_nothing_behind():
    clock = Clock()
    with terminal(100) as (stream, leader):
        try:
            with progress(stream, clock) as live:
                live.update(done=5)
                raise KeyboardInterrupt
        except KeyboardInterrupt:
            pass
        assert drawn(leader)[-1] == ""


def test_time_left_follows_the_pace_of_late():
    """A burst from the cache says nothing about the live calls after it."""
    clock = Clock()
    with terminal(100) as (stream, leader):
        live = progress(stream, clock)
        clock.now += 0.5
        live.update(done=60)
        for n in range(61, 91):
            clock.now += 1
            live.update(done=n)
        assert drawn(leader)[-1].endswith("0:30 left")


def test_hostile_text_cannot_move_the_cursor():
    clock = Clock()
    with terminal(100) as (stream, leader):
        live = progress(stream, clock)
        live.update(done=1, waiting="\x1b[2J\nx")
        (shown,) = drawn(leader)
    assert "\\x1b[2J\\nx" in shown
