"""What a judge said of each claim, to the one list in it. Strict: whatever could be read in two ways is no list.

The list is that of one JSON object, `{"claims": [{"claim": text, "verdict": word, "reason": text}]}`; a code fence or prose
around it is tolerated. A list that the judge only quotes from the text it judges is never taken for its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from promptctl.assertions.reading.json_text import compact, excerpt, spans
from promptctl.assertions.reading.verdicts import LONGEST, said_by
from promptctl.model.errors import AssertionBroken
from promptctl.model.prompt import Json

SUPPORTED = (
    "supported", "fully supported", "yes", "true", "1", "relevant", "attributable", "attributed", "entailed", "useful",
)  # fmt: skip
UNSUPPORTED = (
    "unsupported", "no", "false", "0", "irrelevant", "not relevant", "not supported", "not attributable",
    "not attributed", "not entailed", "unattributable", "contradicted", "contradiction", "refuted", "not useful",
    # What is not shown to be supported is not supported: a judge that hesitates has not said yes.
    "partially supported", "partially", "partial", "partly supported", "partly", "partially relevant", "unclear",
    "unknown", "unsure", "uncertain", "idk", "i don't know", "cannot say", "neutral", "borderline", "not verifiable",
    "unverifiable", "not enough information", "insufficient information",
)  # fmt: skip
_WORDS: Mapping[str, bool] = {**dict.fromkeys(SUPPORTED, True), **dict.fromkeys(UNSUPPORTED, False)}
_TEXTS = ("claim", "statement")
_INSIDE = re.compile(r"\"\s*:\s*\[?\s*\Z")  # before an object that is itself a value: of one that did not end
_BEGUN = re.compile(r"\{\s*\"")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim and what the judge says of it; reason is empty where it gave none."""

    text: str
    supported: bool
    reason: str = ""


def read_claims(text: str, *, judged: str = "", passages: int | None = None) -> tuple[Claim, ...]:
    """The claims in what a judge said, a claim that is there twice once.

    judged: all that the judge was shown; a list that stands in it word for word is a quotation. passages: how many
    entries there must be where each is about one passage, in order; they need no text then. Raises AssertionBroken
    with the reason: there is no list, there are two that differ, it was cut off, an entry has no verdict or one that is
    neither word, it is empty, it has more or fewer entries than passages.
    """
    said = said_by(text)
    lists, quoted, end = _lists(said, judged)
    if not lists:
        raise AssertionBroken(_nothing(said, quoted=quoted))
    found = [_claims(entries, by_place=passages is not None) for entries in lists]
    if any(_core(one) != _core(found[0]) for one in found):
        raise AssertionBroken(f"the judge gave two lists of claims that differ: {excerpt(said, LONGEST)}")
    if said.count("{", end) > said.count("}", end) and _BEGUN.search(said, end):
        raise AssertionBroken(f"the judge began another list, which was cut off: {excerpt(said[-LONGEST:], LONGEST)}")
    claims = found[-1]
    if passages is not None and len(claims) != passages:
        raise AssertionBroken(f"the judge spoke of {len(claims)} passages, and there are {passages}")
    if not claims:
        raise AssertionBroken("the judge found nothing to judge: its list of claims is empty")
    return claims


def _core(claims: Iterable[Claim]) -> list[tuple[str, bool]]:
    return [(claim.text, claim.supported) for claim in claims]


def _lists(said: str, judged: str) -> tuple[list[Json], bool, int]:
    """The lists of claims, whether one was left out for being a quotation, and where the last of them ends."""
    found: list[Json] = []
    quoted, last = False, 0
    for pairs, start, end in spans(said):
        lists = [value for key, value in pairs if key.strip().lower() == "claims"]
        if not lists or _INSIDE.search(said, 0, start):
            continue
        if said[start:end] in judged:
            quoted = True
        else:
            found += lists
            last = end
    return found, quoted, last


def _nothing(said: str, *, quoted: bool) -> str:
    if quoted:
        return f"the judge only repeats a list of claims that stands in what it judges: {excerpt(said, LONGEST)}"
    if said.count("{") > said.count("}"):
        return f"the judge's list of claims was cut off: {excerpt(said, LONGEST)}"
    return f"the judge gave no list of claims: {excerpt(said, LONGEST)}"


def _claims(entries: Json, *, by_place: bool) -> tuple[Claim, ...]:
    if not isinstance(entries, list):
        raise AssertionBroken(f"the judge's `claims` is not a list: {excerpt(compact(_plain(entries)), LONGEST)}")
    claims = [_claim(entry, place, by_place=by_place) for place, entry in enumerate(entries, 1)]
    return tuple(claims) if by_place else tuple(_once(claims))


def _once(claims: Iterable[Claim]) -> Iterator[Claim]:
    """Each claim once. Raises AssertionBroken where one is said to be both."""
    seen: dict[str, bool] = {}
    for claim in claims:
        key = _folded(claim.text)
        if key not in seen:
            yield claim
        elif seen[key] is not claim.supported:
            raise AssertionBroken(f"the judge contradicts itself about a claim: {excerpt(claim.text, LONGEST)}")
        seen[key] = claim.supported


def _claim(entry: Json, place: int, *, by_place: bool) -> Claim:
    if not isinstance(entry, tuple):
        raise AssertionBroken(f"entry {place} of the judge's claims is no object: {excerpt(compact(_plain(entry)))}")
    said = [(key.strip().lower(), value) for key, value in entry]
    verdicts = [value for key, value in said if key == "verdict"]
    if not verdicts or any(value is None or value == "" for value in verdicts):
        raise AssertionBroken(f"entry {place} of the judge's claims has no verdict: {excerpt(compact(_plain(entry)))}")
    read = {_supported(value, place) for value in verdicts}
    if len(read) > 1:
        raise AssertionBroken(
            f"entry {place} of the judge's claims has two verdicts: {excerpt(compact(_plain(entry)))}"
        )
    texts = [value.strip() for key, value in said if key in _TEXTS and isinstance(value, str) and value.strip()]
    if not texts and not by_place:
        raise AssertionBroken(f"entry {place} of the judge's claims names no claim: {excerpt(compact(_plain(entry)))}")
    reason = next((value for key, value in said if key in ("reason", "reasoning", "explanation")), None)
    return Claim(texts[0] if texts else "", read.pop(), reason.strip() if isinstance(reason, str) else "")


def _supported(value: Json, place: int) -> bool:
    """The verdict in a word, true or false, or 1 or 0."""
    if isinstance(value, bool | int | float) and value in (0, 1):
        return bool(value)
    word = _folded(value) if isinstance(value, str) else ""
    if word not in _WORDS:
        shown = excerpt(compact(_plain(value)))
        raise AssertionBroken(f"entry {place} of the judge's claims is neither supported nor unsupported: {shown}")
    return _WORDS[word]


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.replace("’", "'")).strip(' .!*"`').casefold()


def _plain(value: Json) -> Json:
    """A value of `spans` as plain JSON."""
    if isinstance(value, tuple):
        return {key: _plain(item) for key, item in value}
    return [_plain(item) for item in value] if isinstance(value, list) else value
