"""The keys that only a judge's file has."""

from __future__ import annotations

import pytest

from promptctl.model.errors import InputError
from promptctl.model.source import Blob
from promptctl.text.prompt import parse_prompt


def parsed(text: str, *, judge: bool = True):
    return parse_prompt(
        Blob("judges/tone.yaml", f"model: m/1\nsystem_prompt: Judge.\n{text}".encode()), _none, judge=judge
    )


def _none(path: str) -> Blob:
    raise InputError(f"no {path}")


def test_a_judges_own_keys() -> None:
    judge = parsed("scale: 1-5\nrubric: Is kind.\nthreshold: 4")
    assert (str(judge.scale), judge.rubric, judge.threshold) == ("1-5", "Is kind.", 4)
    words = parsed("scale: [wrong, partly, right]\nthreshold: right")
    assert words.threshold == 1
    assert words.scale is not None
    assert dict(words.scale.words) == {"wrong": 0, "partly": 0.5, "right": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scale: high", "the text 'high' is no scale"),
        ("scale: [5, 1]", "a list is no scale: the lower end comes first: write 1-5"),
        ("scale: 5-1", "the text '5-1' is no scale: the lower end comes first: write 1-5"),
        ("scale: [1, 2, 3]", "a list is no scale: a range has two ends: write 1-3"),
        ("scale: [bad, Bad]", "a list is no scale: 'Bad' stands twice"),
        ("scale: [bad]", "a list is no scale: it needs two words at least"),
        ("scale: [0, bad]", "a list is no scale: every entry must be a word"),
        ("scale: []", "a list is no scale: it needs two words at least"),
        ("scale: {min: 1, mx: 5}", "a mapping is no scale: 'mx' is not known: min and max"),
        ("scale: {min: 1}", "a mapping is no scale: 'max' is missing"),
        ("scale: {min: 5, max: 1}", "a mapping is no scale: min is above max"),
        ("scale: {low: 1, high: 1}", "a mapping is no scale: low is the same as high"),
        ("scale: {min: 1, max: x}", "a mapping is no scale: 'max' must be a number"),
        ("scale: {bad: 0, good: x}", "a mapping is no scale: the share of 'good' must be a number from 0 to 1"),
        ("scale: {bad: 1, good: 5}", "a mapping is no scale: the worst word must have the share 0 and the best 1"),
        ("scale: 1-5\nmetadata: {scale: [1, 5]}", "the scale is given twice"),
        ("scale: 1-5\nthreshold: 1", "threshold must be a number above 1 and at most 5"),
        ("scale: 1-5\nthreshold: 6", "threshold must be a number above 1 and at most 5"),
        (
            "scale: [bad, good]\nthreshold: best",
            "threshold must be one of bad, good, or a number above 0 and at most 1",
        ),
        ("threshold: 2", "at most 1"),
        ('rubric: " "', "the rubric is empty"),
        ("rubric: 5", "rubric must be text"),
        ("scal: 1-5", "did you mean 'scale'?"),
    ],
)
def test_what_is_wrong_with_them(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(text)
    assert message in str(caught.value)
    assert "judges/tone.yaml:" in str(caught.value)


def test_a_prompt_has_none_of_them() -> None:
    with pytest.raises(InputError, match="unknown key 'scale' in the prompt\n  hint: only a judge has it"):
        parsed("scale: 1-5", judge=False)


def test_they_are_part_of_the_digest_and_nothing_else_changes_it() -> None:
    texts = ("", "scale: 1-5", "scale: 1-4", "rubric: Is kind.", "threshold: 0.5", "scale: [a, b]")
    assert len({parsed(text).digest for text in texts}) == len(texts)
    assert parsed("scale: 1-5").digest == parsed("scale: [1, 5]").digest
    assert parsed("").digest == parsed("", judge=False).digest
