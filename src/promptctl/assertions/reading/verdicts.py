"""What a judge said, to the one verdict in it. Strict: whatever could be read in two ways is no verdict.

A verdict is a JSON object with the score; a code fence or prose around it is tolerated. Judges that were not held to
JSON also say it alone (`8.5`, `4/5`, `pass`), on a line of its own (`Score: 4`) or in double brackets (`[[7]]`). What a
judge only quotes from the text it judges is never taken for its verdict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from promptctl.assertions.reading.json_text import compact, excerpt, spans
from promptctl.model.errors import AssertionBroken
from promptctl.model.judge import Scale
from promptctl.model.prompt import Json
from promptctl.text.scale import is_number

_KEYS: Mapping[str, tuple[str, ...]] = {
    "range": ("score",),
    "words": ("score", "verdict", "label", "category"),
    "pairwise": ("winner", "score", "verdict", "preference"),
}
_FLAGS = ("pass", "passed")
_PAIRWISE: Mapping[str, str] = {
    "a": "A", "b": "B", "tie": "tie", "c": "tie", "answer a": "A", "answer b": "B", "first": "A", "second": "B",
    "draw": "tie", "equal": "tie",
}  # fmt: skip
_NUMBERS = {
    word: number
    for number, word in enumerate(
        ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    )
}
_PASS_WORDS: Mapping[str, str] = {"passed": "pass", "failed": "fail", "yes": "pass", "no": "fail"}
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_OUT_OF = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*(?:/|out of)\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
_BRACKETS = re.compile(r"\[\[\s{0,5}([^\[\]\n]{1,40}?)\s{0,5}\]\]")
_LINE = re.compile(
    r"^[ \t>*_#-]{0,20}(?:final |overall )?(?:score|rating|grade|verdict|winner)[*_]{0,3}[ \t]{0,5}[:=][ \t]{0,5}[*_]{0,3}\s{0,5}([^\n]{1,40}?)[ \t*_.]{0,10}$",
    re.IGNORECASE | re.MULTILINE,
)
_INSIDE = re.compile(r"\"\s*:\s*\[?\s*\Z")  # before an object that is itself a value: of one that did not end
_CUT = re.compile(r"\{\s*\"[^{}]*\Z")
_NEAR = 200  # characters before an object in which the key it may be the value of is looked for
_LONGEST_VALUE = 60
_LONGEST_MODEL = 40
LONGEST = 200  # characters of what the judge said that stand in a reason; all of it stays with the call


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict that could be read. score: a number on the scale or one of its words; share: the same in 0..1."""

    score: float | str
    share: float
    reason: str = ""


@contextmanager
def named(judge: str, model: str) -> Iterator[None]:
    """Say of which judge what could not be read is: a case may have several. A long name of a model is left out."""
    try:
        yield
    except AssertionBroken as reason:
        who = f"{judge} ({model})" if len(model) <= _LONGEST_MODEL else judge
        raise AssertionBroken(f"{who}: {reason}") from None


def read_verdict(text: str, scale: Scale, *, judged: str = "") -> Verdict:
    """The one verdict in what a judge said.

    judged: the text under judgement; a verdict that stands in it word for word is a quotation. Raises AssertionBroken
    with the reason: there is none, there are two, it contradicts itself, it is off the scale, it was cut off.
    """
    said = said_by(text)
    found, quoted = _objects(said, scale, judged)
    if not found:
        found = [Verdict(*_placed(value, scale)) for value in _plain(said, scale, judged)]
    if not found:
        raise AssertionBroken(_nothing(said, quoted=quoted))
    if any(one.score != found[0].score for one in found):
        raise AssertionBroken(f"the judge gave two verdicts that differ: {excerpt(said, LONGEST)}")
    if _CUT.search(said) and not said.endswith("}"):
        raise AssertionBroken(
            f"the judge began another verdict, which was cut off: {excerpt(said[-LONGEST:], LONGEST)}"
        )
    return next((one for one in reversed(found) if one.reason), found[-1])


def said_by(text: str) -> str:
    """A judge's answer without the thinking before it. Raises AssertionBroken where nothing is left, or no end."""
    said = text.strip()
    for tag in ("think", "thinking"):
        if said.startswith(f"<{tag}>"):
            _, end, after = said.partition(f"</{tag}>")
            said = after.strip() if end else said
    if not said:
        raise AssertionBroken("the judge gave no verdict: it said nothing")
    if said.startswith(("<think>", "<thinking>")):
        raise AssertionBroken(f"the judge's answer was cut off before its verdict: {excerpt(said, LONGEST)}")
    return said


def _nothing(said: str, *, quoted: bool) -> str:
    if quoted:
        return f"the judge only repeats a verdict that stands in the answer: {excerpt(said, LONGEST)}"
    if said.count("{") > said.count("}"):
        return f"the judge's verdict was cut off: {excerpt(said, LONGEST)}"
    return f"the judge gave no verdict: {excerpt(said, LONGEST)}"


def _objects(said: str, scale: Scale, judged: str) -> tuple[list[Verdict], bool]:
    """The verdicts among the JSON objects, and whether one was left out for being a quotation."""
    found, quoted = [], False
    for value, start, end in spans(said):
        read = None if _INSIDE.search(said, max(0, start - _NEAR), start) else _of_object(value, scale)
        if read is not None:
            if said[start:end] in judged:
                quoted = True
            else:
                found.append(read)
    return found, quoted


def _of_object(pairs: Json, scale: Scale) -> Verdict | None:
    """The verdict in an object, given as its (key, value) pairs; None where it has none."""
    said = [(key.strip().lower(), value) for key, value in pairs]
    keys = _KEYS[scale.kind]
    flags = [value for key, value in said if key in _FLAGS]
    values = [value for key, value in said if key in keys]
    if scale.kind == "words" and set(scale.words) == {"pass", "fail"}:
        values += flags
    if not values:
        return None
    read = [_placed(value, scale) for value in values]
    if any(score != read[0][0] for score, _ in read):
        raise AssertionBroken(f"the judge's verdict contradicts itself: {excerpt(_again(pairs), LONGEST)}")
    score, share = read[0]
    if any(isinstance(flag, bool) and share != 0.5 and flag is not (share > 0.5) for flag in flags):
        raise AssertionBroken(f"the judge's verdict contradicts itself: {excerpt(_again(pairs), LONGEST)}")
    reason = next((value for key, value in said if key in ("reason", "reasoning", "explanation", "rationale")), "")
    return Verdict(score, share, reason if isinstance(reason, str) else compact(_plain_json(reason)))


def _placed(value: Json, scale: Scale) -> tuple[float | str, float]:
    """A score and its share of 0..1. Raises AssertionBroken where it is not on the scale."""
    if scale.kind == "pairwise":
        word = _PAIRWISE.get(_folded(value)) if isinstance(value, str) else None
        if word is None:
            raise AssertionBroken(f"the judge named neither A nor B nor a tie: {_shown(value)}")
        return word, {"A": 1.0, "B": 0.0, "tie": 0.5}[word]
    if scale.kind == "words":
        return _word(value, scale)
    number = _number(value, scale)
    if number is None:
        raise AssertionBroken(f"the judge's score is not a number: {_shown(value)}")
    if not scale.low <= number <= scale.high:
        raise AssertionBroken(f"the judge's score {number:g} is off its scale of {scale.low:g} to {scale.high:g}")
    return number, scale.share(number)


def _number(value: Json, scale: Scale) -> float | None:
    """A number, also as a text: "4", "four", and "4/5" where the scale ends at 5."""
    if is_number(value):
        return float(value)
    if not isinstance(value, str):
        return None
    text = _folded(value)
    if text in _NUMBERS:
        return float(_NUMBERS[text])
    if _NUMBER.fullmatch(text):
        return float(text)
    parts = _OUT_OF.fullmatch(text)
    return float(parts[1]) if parts and float(parts[2]) == scale.high else None


def _word(value: Json, scale: Scale) -> tuple[str, float]:
    pass_fail = set(scale.words) == {"pass", "fail"}
    said = _folded(value) if isinstance(value, str) else ""
    if pass_fail and (isinstance(value, bool) or (is_number(value) and value in (0, 1))):
        said = "pass" if value else "fail"
    if pass_fail:
        said = _PASS_WORDS.get(said, said)
    for word, share in scale.words.items():
        if _folded(word) == said:
            return word, share
    known = ", ".join(scale.words)
    raise AssertionBroken(f"the judge's verdict {_shown(value)} is not on its scale of {known}")


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip(" .!*'\"`").casefold()


def _plain(said: str, scale: Scale, judged: str) -> Iterator[str]:
    """Verdicts without JSON: the whole text, double brackets, or lines that are nothing else."""
    if _is_value(said, scale):
        yield said
        return
    for pattern in (_BRACKETS, _LINE):
        found = [match for match in pattern.finditer(said) if match[0].strip() not in judged]
        if pattern is _BRACKETS or all(_is_value(match[1], scale) for match in found):
            yield from (match[1] for match in found)
        if found:
            return


def _is_value(text: str, scale: Scale) -> bool:
    """Whether a text reads as a score at all, on the scale or off it."""
    if len(text) > 40:
        return False
    if scale.kind == "range":
        return _number(text, scale) is not None
    try:
        _placed(text, scale)
    except AssertionBroken:
        return False
    return True


def _plain_json(value: Any) -> Json:  # noqa: ANN401 - an object here is its pairs
    if isinstance(value, tuple):
        return {key: _plain_json(item) for key, item in value}
    return [_plain_json(item) for item in value] if isinstance(value, list) else value


def _again(pairs: Json) -> str:
    """An object as JSON again, a key that is there twice twice."""
    return "{" + ", ".join(f"{compact(key)}: {compact(_plain_json(value))}" for key, value in pairs) + "}"


def _shown(value: Json) -> str:
    """A value in a reason. A text is quoted once, as JSON does; what is no text is JSON already."""
    if isinstance(value, str):
        return excerpt(value)
    said = compact(_plain_json(value))
    return said if len(said) <= _LONGEST_VALUE else f"{said[: _LONGEST_VALUE - 3]}..."
