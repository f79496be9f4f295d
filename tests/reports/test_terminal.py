"""The text report is readable at any width, with and without colour, and harmless whatever it quotes."""

from __future__ import annotations

import re

import pytest
import report_hostile as hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from report_examples import reports

from promptctl.model.finding import Finding, Report, Section, Severity, Table
from promptctl.reports import cells, terminal

fuzz = settings(max_examples=50, deadline=None)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def test_piped_text_has_no_escape_codes_and_keeps_sentences_whole():
    text = terminal.render(reports()["run"])
    assert "\x1b" not in text
    assert "  contains     the output does not contain 'Settings > Security > Reset Password'\n" in text


@pytest.mark.parametrize("width", [200, 120, 80, 60, 40, 30])
@pytest.mark.parametrize("kind", ["run", "run-green", "run-empty", "lint", "lint-clean"])
def test_nothing_is_wider_than_the_terminal(kind, width):
    """But for a place in a file, which stays whole so that it can be clicked and copied."""
    for one in terminal.render(reports()[kind], width=width, color=True).splitlines():
        assert "--> " in one or cells.width(ESCAPES.sub("", one)) <= width, one


@pytest.mark.parametrize("kind", ["run", "run-green", "lint", "diff"])
@pytest.mark.parametrize("width", [None, 80, 40])
def test_colour_changes_nothing_but_colour(kind, width):
    report = reports()[kind]
    coloured = terminal.render(report, width=width, color=True)
    assert "\x1b[" in coloured
    plain = "\n".join(line.rstrip() for line in ESCAPES.sub("", coloured).split("\n"))
    assert plain == terminal.render(report, width=width)


def test_no_line_ends_in_blanks():
    for report in reports().values():
        for width in (None, 80, 40):
            assert not re.search(r"[ \t]$", terminal.render(report, width=width), re.MULTILINE)


def test_the_conclusion_is_the_last_line_and_failures_are_first():
    lines = terminal.render(reports()["run"], width=80).splitlines()
    assert lines[0].startswith("FAIL support-bot / hostile")
    assert lines[-1] == "FAIL: 3 of 14 cases failed; 8 could not be judged"


def test_the_caret_stands_below_what_is_meant_also_after_wide_characters():
    lines = terminal.render(reports()["lint"], width=80).splitlines()
    source = next(n for n, one in enumerate(lines) if one.startswith("4 | "))
    before = lines[source][: lines[source].index("😀")]
    assert lines[source + 1] == "  |" + " " * (cells.width(before) - 3) + "^^"
    model = next(n for n, one in enumerate(lines) if one.startswith("3 | "))
    assert lines[model + 1] == "  |        ^^^^^^^^^^^^^"


def test_a_place_far_to_the_right_is_shown_with_what_is_around_it():
    lines = terminal.render(reports()["lint"], width=40).splitlines()
    source = next(n for n, one in enumerate(lines) if one.startswith("6 | "))
    column = lines[source + 1].index("^")
    assert lines[source][column : column + 7] == "qestion"
    assert lines[source].startswith("6 | …")


def test_a_table_too_wide_for_the_terminal_becomes_a_list():
    table = Table("Wide", ("Name", "One", "Two"), (("n" * 12, "1" * 20, "2" * 20),), ("left", "right", "right"))
    report = Report(kind="x", title="t", outcome="pass", conclusion="done", data={}, tables=(table,))
    assert terminal.render(report, width=40).splitlines()[1:4] == [
        "n" * 12,
        "  One 11111111111111111111, Two",
        "  22222222222222222222",
    ]
    assert "Name          " in terminal.render(report, width=80)


def _report(text: str, width_of: int) -> Report:
    return Report(
        kind="lint",
        title=text,
        outcome="fail",
        conclusion=text,
        data={},
        findings=(Finding(text, text, Severity.ERROR, text, path=text, line=1, column=width_of, hint=text),),
        sections=(
            Section(text, text, style="failure", facts=((text, text),), lines=9),
            Section("d", text, style="diff"),
        ),
        tables=(Table(text, (text, "b"), ((text, text),)),),
        summary=((text, text),),
        notes=(text,),
        sources={text: text},
    )


@fuzz
@given(hostile.texts, st.integers(1, 40), st.sampled_from([None, 20, 40, 80]), st.booleans())
def test_hostile_text_anywhere_commands_nobody(text, column, width, color):
    shown = terminal.render(_report(text, column), width=width, color=color)
    assert not re.search(r"[\x00-\x09\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    plain = ESCAPES.sub("", shown)
    assert "\x1b" not in plain
    assert not re.search(r"##\w*\[", plain)
    for one in plain.split("\n"):
        assert not one.strip().startswith("::")
    shown.encode("utf-8")
