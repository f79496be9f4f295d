"""Word diffs: both texts can be had back, nothing that stayed is called changed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from promptctl.changes.words import GONE, MOST_PAIRS, NEW, SAME, Piece, word_changes
from promptctl.reports.word_diff import diff_lines

texts = st.text(alphabet="ab é\n.\r\u2028 ", max_size=40)


@given(texts, texts)
def test_both_texts_are_in_the_pieces(before: str, after: str) -> None:
    pieces = word_changes(before, after)
    assert "".join(one.text for one in pieces if one.kind != NEW) == before
    assert "".join(one.text for one in pieces if one.kind != GONE) == after
    assert all(one.text for one in pieces)
    assert all(left.kind != right.kind for left, right in pairwise(pieces))


@given(texts)
def test_a_text_is_not_changed_into_itself(text: str) -> None:
    assert word_changes(text, text) == ((Piece(SAME, text),) if text else ())


def test_only_the_word_that_differs_is_told() -> None:
    assert word_changes("Be brief, please.", "Be kind, please.") == (
        Piece(SAME, "Be "),
        Piece(GONE, "brief"),
        Piece(NEW, "kind"),
        Piece(SAME, ", please."),
    )


def test_a_place_with_too_many_words_is_replaced_as_a_whole() -> None:
    many = int(MOST_PAIRS**0.5) + 2
    before, after = "a " * many, "b " * many
    assert word_changes(before, after) == (Piece(GONE, before), Piece(NEW, after))


@given(texts, texts)
def test_the_lines_of_a_diff_are_marked_by_their_first_character(before: str, after: str) -> None:
    shown = list(diff_lines(word_changes(before, after)))
    assert all(one[:1] in "+-@ " and one for one in shown)
    assert (before == after) is not any(one[0] in "+-" for one in shown)


def test_lines_that_stay_are_counted_and_words_that_differ_are_marked() -> None:
    kept = "".join(f"line {number}\n" for number in range(9))
    shown = list(diff_lines(word_changes(f"{kept}Be brief.", f"{kept}Be very brief.\nThanks.")))
    assert shown == ["@ 8 unchanged lines", " line 8", "-Be brief.", "+Be{+ very+} brief.", "+{+Thanks.+}"]
