"""A person at a real terminal: keys, undo, notes, long and hostile text, and every way to leave."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.eval_projects import environment
from tests.cli.terminals import Terminal

from promptctl.cli.person import Screen
from promptctl.cli.person_screen import Look, drawn
from promptctl.reports.cells import width

WALK = """
import json, sys
from promptctl.cli import boundary
from promptctl.cli.person import Person, Screen, walk

texts, mode, path = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]

def on_scale(said):
    if 0 <= float(said) <= 1:
        return str(float(said))
    raise ValueError(f"{said} is off the scale 0..1")

def show(text):
    keys = {"p": "pass", "f": "fail"} if mode == "keys" else {}
    return Screen(title="case", sections=(("Input", "what?"), ("Answer", text)), question="Good?", keys=keys,
        typed=on_scale if mode == "typed" else None)

def keep(text, answer):
    with open(path, "a") as file:
        file.write(json.dumps(None if answer is None else [text, answer.key, answer.note]) + "\\n")

def run():
    walked = walk(texts, person=Person.here(hint="--export FILE.csv writes a table"), show=show, keep=keep, done=2)
    print("WALKED", walked.answered, walked.skipped, walked.ended, flush=True)
    return 0

sys.exit(boundary.guarded(run))
"""


class Walk(Terminal):
    """The walk above over `texts` on a terminal; its answers are in `kept`."""

    def __init__(self, tmp_path: Path, *texts: str, mode: str = "keys", **options) -> None:
        self.path = tmp_path / "kept.jsonl"
        env = environment(**options.pop("env", {}))
        command = [sys.executable, "-c", WALK, json.dumps(texts), mode, str(self.path)]
        super().__init__(command, env=env, **options)

    @property
    def kept(self) -> list[object]:
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []


def test_one_key_answers_and_every_answer_is_kept_at_once(tmp_path: Path) -> None:
    with Walk(tmp_path, "one", "two", "three") as walk:
        first = walk.until()
        assert "3 of 5" in first
        assert "one" in first
        assert "p pass   f fail" in first
        assert "all of the text" not in first
        assert "two" in walk.answer("p")
        assert walk.kept == [["one", "p", None]]
        assert "5 of 5" in walk.answer("s")
        walk.answer("f", "WALKED 2 1 True")
        assert walk.end() == 0
        assert walk.kept == [["one", "p", None], ["three", "f", None]]
        assert walk.as_before()


def test_undo_takes_the_last_answer_back_and_stops_at_the_first(tmp_path: Path) -> None:
    with Walk(tmp_path, "one", "two") as walk:
        walk.until()
        first = walk.answer("u")
        assert "one" in first
        assert "nothing to undo" in first
        assert "nothing to undo" not in walk.answer("p")
        assert "3 of 4" in walk.answer("u")
        walk.answer("f")
        assert "quit\r\nWALKED" in walk.answer("q", "WALKED 1 0 False")
        assert walk.kept == [["one", "p", None], None, ["one", "f", None]]


def test_a_note_goes_with_the_answer(tmp_path: Path) -> None:
    with Walk(tmp_path, "one", "two") as walk:
        walk.until()
        walk.answer("n", "takes it back): ")
        walk.press("not polite\n")
        assert "note: not polite" in walk.until()
        walk.answer("f")
        walk.answer("p", "WALKED")
        assert walk.kept == [["one", "f", "not polite"], ["two", "p", None]]


def test_escape_leaves_the_note_as_it_was(tmp_path: Path) -> None:
    with Walk(tmp_path, "one") as walk:
        walk.until()
        for typed, kept in (("\x1b", None), ("od\x1b[Dd", "odd"), ("other\x1b", "odd")):
            walk.answer("n", "takes it back): ")
            walk.press(f"{typed}\n")
            shown = walk.until()
            assert (f"note: {kept}" in shown) == (kept is not None)
        walk.answer("f", "WALKED")
        assert walk.kept == [["one", "f", "odd"]]


def test_what_is_no_answer_answers_nothing(tmp_path: Path) -> None:
    """Another letter, an arrow, a paste, and what was typed before the item was there."""
    with Walk(tmp_path, "one", "two", "three") as walk:
        walk.press("pppp")
        walk.until()
        assert "'x' is none of the answers: p, f, s, u, n, q" in walk.answer("x")
        assert "that is none of the answers" in walk.answer("\x1b[A")
        assert "none of the answers" in walk.answer("pf")
        assert walk.kept == []


def test_a_typed_answer_ends_with_enter_and_is_checked(tmp_path: Path) -> None:
    with Walk(tmp_path, "one", "two", mode="typed") as walk:
        walk.until()
        walk.press("1.5\n")
        assert "1.5 is off the scale 0..1" in walk.until()
        walk.press("0.25\n")
        walk.until()
        walk.press("q\n")
        walk.until("WALKED 1 0 False")
        assert walk.kept == [["one", "0.25", None]]


def test_long_text_is_cut_to_the_terminal_and_a_key_shows_all(tmp_path: Path) -> None:
    long = "\n".join(f"line {number}" for number in range(300))
    with Walk(tmp_path, long, "two", rows=24) as walk:
        shown = walk.until()
        assert "more characters" in shown
        assert "line 0" in shown
        assert "line 299" in shown
        assert "line 150" not in shown
        assert shown.count("\n") < 24
        assert "a all of the text" in shown
        assert "line 150" in walk.answer("a")
        assert "two" in walk.answer("p")


def test_a_narrow_terminal_holds_every_line_and_hostile_text_is_spelt_out(tmp_path: Path) -> None:
    with Walk(tmp_path, "wörter 文字 " * 30 + "\x1b[31mred\x07\u202e", columns=40, env={"NO_COLOR": "1"}) as walk:
        shown = walk.until().removeprefix("\x1b[H\x1b[2J")
        assert "\x1b" not in shown
        assert "\x07" not in shown
        assert "\\x1b[31mred\\x07" in shown
        assert max(width(line.rstrip("\r")) for line in shown.split("\n")) <= 40


def test_colour_is_only_where_it_is_wanted(tmp_path: Path) -> None:
    with Walk(tmp_path, "one") as walk:
        assert "\x1b[1m" in walk.until()
    with Walk(tmp_path, "one", env={"TERM": "dumb"}) as walk:
        assert "\x1b" not in walk.until()
        walk.press("p\n")  # a terminal that knows nothing hands over lines
        walk.until("WALKED 1 0 True")


def test_a_key_is_not_shown(tmp_path: Path) -> None:
    secret = "sk-proj-Secret0123456789abcdefghijKLMNOP"
    with Walk(tmp_path, f"use {secret} now", env={"OPENAI_API_KEY": secret}) as walk:
        shown = walk.until()
        assert secret not in shown
        assert "[key removed]" in shown


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_was_answered_and_the_terminal(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with Walk(tmp_path, "one", "two") as walk:
        walk.until()
        walk.answer("p")
        walk.ready()
        if number is signal.SIGINT:
            walk.press("\x03")
        else:
            walk.kill(number)
        assert walk.end() == code
        assert "> \r\n" in walk.all  # what is said next begins a line
        assert walk.kept == [["one", "p", None]]
        assert walk.as_before()


def test_a_killed_walk_has_lost_nothing(tmp_path: Path) -> None:
    with Walk(tmp_path, "one", "two") as walk:
        walk.until()
        walk.answer("f")
        walk.kill(signal.SIGKILL)
        walk.end()
        assert walk.kept == [["one", "f", None]]


def test_the_end_of_input_is_quit(tmp_path: Path) -> None:
    with Walk(tmp_path, "one") as walk:
        walk.until()
        walk.answer("\x04", "WALKED 0 0 False")
    with Walk(tmp_path, "one", mode="typed") as walk:
        walk.until()
        walk.press("\x04")
        assert "\r\nWALKED" in walk.until("WALKED 0 0 False")


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WALK, '["one"]', "keys", str(tmp_path / "kept")]
    done = subprocess.run(
        command, env=environment(TERM="xterm"), input="p\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no terminal" in done.stderr
    assert "--export FILE.csv" in done.stderr
    assert not (tmp_path / "kept").exists()


def test_a_key_of_the_walk_itself_cannot_be_an_answer() -> None:
    with pytest.raises(ValueError, match="q"):
        Screen(title="", sections=(), question="", keys={"q": "quick"})


def test_a_very_low_terminal_still_shows_the_question() -> None:
    shown = drawn(
        title="t",
        progress="1 of 1",
        sections=[("A", "x\n" * 50), ("B", "short")],
        question="Good?",
        keys={"p": "pass"},
        controls={"a": "all", "q": "quit"},
        all_key="a",
        remarks=(),
        columns=40,
        rows=5,
        look=Look(clears=False, bold=False),
    )
    assert shown.endswith("Good?\n  p pass\n  a all   q quit\n> ")
