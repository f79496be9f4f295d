"""Widths agree with a terminal's, and nothing that fits is lost."""

from __future__ import annotations

import pytest
import report_hostile as hostile
from hypothesis import given, settings
from hypothesis import strategies as st

from promptctl.reports import cells
from promptctl.reports.escape import line

fuzz = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("ｆｕｌｌ", 8),
        ("ﾊﾝｶｸ", 4),
        ("e\u0301", 1),
        ("👍", 2),
        ("👍🏽", 2),
        ("👩‍👩‍👧", 2),
        ("🇩🇪🇫🇷", 4),
        ("❤️", 2),
        ("한국어", 6),
        ("…│", 2),
    ],
)
def test_width_is_the_terminals(text, width):
    assert cells.width(text) == width


@fuzz
@given(hostile.texts, st.integers(1, 60))
def test_wrapped_lines_fit_and_lose_only_spaces(text, width):
    shown = line(text)
    lines = cells.wrap(shown, width)
    for one in lines:
        assert cells.width(one) <= width or len(list(cells.clusters(one))) == 1
    assert "".join("".join(lines).split()) == "".join(shown.split())


@fuzz
@given(hostile.texts, st.integers(2, 40))
def test_clipped_text_fits(text, width):
    shown = line(text)
    clipped = cells.clip(shown, width)
    assert cells.width(clipped) <= width
    assert clipped == shown or clipped.endswith("…")


def test_words_stay_whole_where_they_fit():
    assert cells.wrap("one two three", 7) == ("one two", "three")
    assert cells.wrap("extraordinarily", 6) == ("extrao", "rdinar", "ily")
    assert cells.wrap("日本語", 4) == ("日本", "語")
    assert cells.wrap("    indented code line", 14) == ("    indented", "code line")
    assert cells.wrap("as it is " * 50, None) == ("as it is " * 50,)


def test_an_emoji_sequence_is_never_split():
    assert list(cells.clusters("a👩‍👩‍👧b🇩🇪e\u0301")) == ["a", "👩‍👩‍👧", "b", "🇩🇪", "e\u0301"]


@fuzz
@given(hostile.texts, st.integers(4, 60), st.integers(3, 12))
def test_an_excerpt_keeps_its_bounds(text, width, lines):
    shown = cells.excerpt(text, width=width, lines=lines)
    assert 1 <= len(shown) <= lines
    assert all("\n" not in one for one in shown)


def test_an_excerpt_keeps_head_and_tail_and_counts_the_rest():
    text = "\n".join(f"line {n}" for n in range(1, 101))
    shown = cells.excerpt(text, width=80, lines=6)
    assert shown[0] == "line 1"
    assert shown[-1] == "line 100"
    left_out = sum(len(f"line {n}") for n in range(4, 99))
    assert shown == ("line 1", "line 2", "line 3", f"… {left_out:,} more characters …", "line 99", "line 100")
    assert cells.excerpt(text, width=80, lines=None) == tuple(text.split("\n"))


def test_an_excerpt_says_that_there_is_nothing():
    assert cells.excerpt("", width=80, lines=5) == ("(empty)",)
    assert cells.excerpt(" \n\t", width=80, lines=5) == ("(only white space: ' \\n\\t')",)


def test_an_excerpt_of_ten_megabytes_is_quick_and_bounded():
    shown = cells.excerpt("word " * 2_000_000, width=80, lines=None)
    assert sum(map(len, shown)) < 1.1 * cells.EXCERPT_CHARACTERS
    assert any("9,980,000 more characters" in one for one in shown)
