"""Telephone numbers that may be a person's."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from promptctl.text.personal.fiction import is_fiction
from promptctl.text.personal.found import Found, Line, before
from promptctl.text.personal.gates import has_long_number
from promptctl.text.personal.labels import names_a_thing, names_an_id

_GAP = r"[ \u00a0.()/-]{0,3}"
_INTERNATIONAL = re.compile(rf"\+[1-9](?:{_GAP}\d){{6,14}}(?!\d)")
_AMERICAN = re.compile(
    r"\(?[2-9]\d\d(?:\) ?|[-.\u2011])[2-9]\d\d[-.\u2011]\d{4}(?![\w-]|[.,]\d)|\([2-9]\d\d\) ?[2-9]\d\d \d{4}(?![\w-])"
)
_DIALLED = re.compile(r"\(?0\d(?:[ ()/.-]{0,2}\d){6,13}(?![\w-]|[.,]\d)|[2-9]\d\d ?[2-9]\d\d ?\d{4}(?![\w-]|[.,]\d)")
_SAID = re.compile(
    r"(?i)\b(?:tel|telephone|phone|mobile|mobil|cell|cellphone|fax|call|ring|text|whatsapp|telefon\w*|handy\w*|"
    r"rufnummer|t[ée]l|t[ée]l[ée]phone|portable|tel[ée]fono|m[óo]vil|cellulare|telefoon\w*|mobiel)\b[^\n\d+]{0,25}$"
)
_REGIONS = ("GB", "DE", "FR", "IT", "NL", "AT", "CH", "BE", "SE", "AU", "IE")

# Of an organisation, by the words before it: a number that is meant to be given to anyone.
_PUBLIC = re.compile(
    r"(?i)\b(?:hot ?line|help ?line|emergency|crisis|support|customer (?:service|care)|service|office|reception|front desk|"
    r"switchboard|headquarters|call cent(?:er|re)|our (?:phone |telephone )?number|call us|(?:reach|contact|text|ring) us|"
    r"notruf\w*|zentrale|kundenservice|standard)\b[^\n]{0,40}$"
)
_EDGE = frozenset("+.-/$€£#=&%_")


def _anywhere(_start: int) -> bool:
    return True


def phones_in(text: str, line: Line, counts: Callable[[int], bool] = _anywhere) -> Iterator[Found]:
    """The numbers that exist in their country's numbering plan: with + and a country code, in the American form, or behind
    a word such as "call"; not those the text calls a hotline's, an office's, an order's or a part's.

    counts: whether a number may stand at an offset at all.
    """
    if not has_long_number(text):
        return
    for start, end, regions in _candidates(text, counts):
        number = next((found for region in regions if (found := line(text[start:end], region))), None)
        if number is not None:
            yield Found("a telephone number", start, end, fiction=is_fiction(number))


def _candidates(text: str, counts: Callable[[int], bool]) -> Iterator[tuple[int, int, tuple[str | None, ...]]]:
    done = 0
    for start, end, regions in sorted(_shapes(text), key=lambda found: found[:2]):
        if start < done or not _stands_alone(text, start):
            continue
        words = before(text, start, 80)
        if names_a_thing(words) or names_an_id(words) or not counts(start) or _PUBLIC.search(words):
            continue
        if len(regions) > 1 and not _SAID.search(words):
            continue
        done = end
        yield start, end, regions


def _shapes(text: str) -> Iterator[tuple[int, int, tuple[str | None, ...]]]:
    """Places that have the form of a phone number, with the countries to try; several where only words can tell."""
    if "+" in text:
        yield from ((*found.span(), (None,)) for found in _INTERNATIONAL.finditer(text))
    yield from ((*found.span(), ("US",)) for found in _AMERICAN.finditer(text))
    for found in _DIALLED.finditer(text):
        yield *found.span(), ("US", "CA") if text[found.start()] in "23456789" else _REGIONS


def _stands_alone(text: str, start: int) -> bool:
    edge = text[start - 1 : start] if start else ""
    return edge == "" or not (edge.isalnum() or edge in _EDGE)
