"""A walk with a person at a terminal: one item a screen, one key an answer, every answer handed on at once.

Used by `review` and `judge label`. The screen is drawn on stderr, so that a report on stdout can go elsewhere.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import termios
import tty
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from types import FrameType
from typing import NoReturn, TextIO, TypeVar

from promptctl.adapters.leaks import leaks_of
from promptctl.cli.boundary import ExitCode
from promptctl.cli.person_screen import Look, drawn
from promptctl.model.errors import InputError, Problem

Item = TypeVar("Item")
_END = b"\x04"
_ESCAPE = "\x1b"
_ARROWS = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]")  # and their kin: what they send in a line that is typed


class Control(Enum):
    """What a person can do beside answering; the value is the key."""

    SKIP = "s"
    UNDO = "u"
    NOTE = "n"
    ALL = "a"
    QUIT = "q"


@dataclass(frozen=True, slots=True)
class Screen:
    """What a person sees of one item, and what may be answered.

    sections: (title, text) in the order shown; text is untrusted and may be long. keys: each answer's key and its
    meaning; keys of one character are single presses. typed: what turns a typed line that is no key into an answer
    (a number on a scale), raising ValueError with what to say where it is none; the answer then ends with Enter.
    Raises ValueError where a key is one of `Control`.
    """

    title: str
    sections: Sequence[tuple[str, str]]
    question: str
    keys: Mapping[str, str]
    typed: Callable[[str], str] | None = None

    def __post_init__(self) -> None:
        taken = sorted({one.value for one in Control} & set(self.keys))
        if taken:
            raise ValueError(f"the keys {', '.join(taken)} are taken by the walk itself")

    @property
    def by_line(self) -> bool:
        """Whether an answer may take more than one key press."""
        return self.typed is not None or any(len(key) != 1 for key in self.keys)


@dataclass(frozen=True, slots=True)
class Answer:
    """A key of the screen, or what its `typed` made of a line; and the person's note."""

    key: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Walked:
    """How a walk ended. ended: whether every item was shown, not left with `q` or the end of input."""

    answered: int
    skipped: int
    ended: bool


class Person:
    """A person at a terminal: keys come from `source`, a terminal's descriptor; screens go to `stream`."""

    def __init__(self, source: int, stream: TextIO, environ: Mapping[str, str]) -> None:
        self._source = source
        self._stream = stream
        dumb = environ.get("TERM", "") in ("", "dumb")
        self._look = Look(clears=not dumb, bold=not dumb and "NO_COLOR" not in environ)
        self._single = not dumb
        self._redact = leaks_of(environ).redact
        self._note: str | None = None

    @staticmethod
    def is_here() -> bool:
        """Whether somebody at this process's terminal can be asked: stdin and stderr are one."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    @classmethod
    def here(cls, *, hint: str) -> Person:
        """The person at this process's terminal. Raises InputError, with `hint`, where stdin or stderr is none."""
        if not cls.is_here():
            raise InputError(Problem("there is no terminal here to ask a person at", hint=hint))
        return cls(sys.stdin.fileno(), sys.stderr, os.environ)

    def ask(self, screen: Screen, *, progress: str, remark: str = "") -> Answer | Control:
        """Show the screen until it is answered; `Control` for skip, undo and quit. What comes after it begins a line."""
        try:
            return self._asked(screen, progress, remark)
        except (KeyboardInterrupt, SystemExit):
            with suppress(OSError):  # the terminal may be what is gone
                self._write("\n")
            raise

    def _asked(self, screen: Screen, progress: str, remark: str) -> Answer | Control:
        whole, self._note = False, None
        while True:
            self._show(screen, progress, whole=whole, remark=remark)
            by_line = screen.by_line or not self._single
            said = self._line() if by_line else self._key()
            whole, remark = False, ""
            if said == Control.ALL.value:
                whole = True
            elif said == Control.NOTE.value:
                self._take_note()
            elif said in {one.value for one in Control}:
                if said == Control.QUIT.value and not by_line:
                    self._write("quit\n")
                return Control(said)
            elif said in screen.keys:
                self._write(f"{screen.keys[said]}\n")
                return Answer(said, self._note)
            else:
                try:
                    return Answer(_typed(screen, said), self._note)
                except ValueError as error:
                    remark = str(error)

    def _show(self, screen: Screen, progress: str, *, whole: bool, remark: str) -> None:
        about = f"note: {self._note}" if self._note else ""
        size = self._size()
        self._write(
            drawn(
                title=self._redact(screen.title),
                progress=progress,
                sections=[(title, self._redact(text)) for title, text in screen.sections],
                question=self._redact(screen.question),
                keys=screen.keys,
                controls={one.value: _MEANINGS[one] for one in Control},
                all_key=Control.ALL.value,
                remarks=tuple(filter(None, (about, remark))),
                columns=size.columns,
                rows=None if whole else size.lines,
                look=self._look,
            )
        )

    def _size(self) -> os.terminal_size:
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except OSError:
            size = os.terminal_size((0, 0))
        return os.terminal_size((size.columns or 80, size.lines or 24))

    def _take_note(self) -> None:
        self._write("note (Escape and Enter leave it as it was, an empty one takes it back): ")
        said = _ARROWS.sub("", self._cooked() or "")
        if _ESCAPE not in said:
            self._note = said or None

    def _write(self, text: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self._stream.flush()

    def _line(self) -> str:
        said = self._cooked()
        if said is None:
            self._write("\n")
            return Control.QUIT.value
        return said

    def _key(self) -> str:
        """One key press; the arrows and their kin are none. What was typed before the screen was there is dropped."""
        before = termios.tcgetattr(self._source)
        try:
            tty.setcbreak(self._source)  # discards what was typed ahead: nobody has seen this screen yet
            data = self._read(64)
        finally:
            termios.tcsetattr(self._source, termios.TCSADRAIN, before)
        if data in (b"", _END):
            return Control.QUIT.value
        return data.decode("utf-8", "replace").strip()  # a terminal resumed with `fg` may want Enter

    def _cooked(self) -> str | None:
        """A line, edited by the terminal itself; None at the end of input."""
        data = b""
        while not data.endswith(b"\n"):
            more = self._read(4096)
            if not more:
                return None
            data += more
        return data.decode("utf-8", "replace").strip()

    def _read(self, most: int) -> bytes:
        """Input, or nothing where the terminal is gone."""
        try:
            return os.read(self._source, most)
        except OSError:
            return b""


_MEANINGS = {
    Control.SKIP: "skip",
    Control.UNDO: "undo",
    Control.NOTE: "note",
    Control.ALL: "all of the text",
    Control.QUIT: "quit",
}


def _typed(screen: Screen, said: str) -> str:
    """The answer in a typed line. Raises ValueError."""
    if screen.typed is not None and said:
        return screen.typed(said)
    shown = "that" if not said.isprintable() or len(said) > 20 or not said else repr(said)
    keys = (*screen.keys, *(one.value for one in Control if one is not Control.ALL))
    raise ValueError(f"{shown} is none of the answers: {', '.join(keys)}")


def walk(
    items: Sequence[Item],
    *,
    person: Person,
    show: Callable[[Item], Screen],
    keep: Callable[[Item, Answer | None], None],
    done: int = 0,
) -> Walked:
    """Take a person through `items`. keep: called at once with each answer, and with None for one taken back by undo.

    done: how many were answered before this walk; they count in the progress that is shown. A skipped item is not
    handed on. Ctrl-C raises KeyboardInterrupt and SIGTERM SystemExit(143), with the terminal as it was before; what was
    answered has been handed on by then.
    """
    answered: set[int] = set()
    place, remark = 0, ""
    with _terminable():
        while place < len(items):
            progress = f"{done + place + 1:,} of {done + len(items):,}"
            reply = person.ask(show(items[place]), progress=progress, remark=remark)
            remark = ""
            if reply is Control.QUIT:
                break
            if reply is Control.UNDO:
                if place == 0:
                    remark = "nothing to undo: this is the first one since you began"
                    continue
                place -= 1
                if place in answered:
                    keep(items[place], None)
                    answered.remove(place)
                continue
            if isinstance(reply, Answer):
                keep(items[place], reply)
                answered.add(place)
            place += 1
    return Walked(len(answered), place - len(answered), place == len(items))


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM unwinds, so that the terminal is given back as it was."""

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(ExitCode.TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
