"""Telephone numbers of people in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.fiction import is_fiction
from promptctl.rules.secrets.reading.gates import has_long_number
from promptctl.rules.secrets.reading.labels import names_a_thing, names_an_id
from promptctl.rules.secrets.reading.texts import Text, masked, texts_of

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
# What an answer must or must not say is the prompt's own text; the customer's number would stand in the input.
_ASSERTED = re.compile(
    r"(?:contains|equals|regex|starts-with|ends-with)(?:-any|-all)?[\"']?\s*:\s*(?:\[[^\]]*|[\"'>|]*)\Z|"
    r"^\s*(?:- )?[\"']?(?:not-)?(?:i?contains|equals|regex|starts-with|ends-with)"
)
_EDGE = frozenset("+.-/$€£#=&%_")


@rule("PL604", Severity.WARNING, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def phone_number(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A text holds a telephone number that may be a person's.

    Why: like an e-mail address it is personal data, copied into the history and sent to a provider with every run. Meant
    are numbers that exist in the numbering plan of their country (libphonenumber): with + and a country code, in the
    American form, or behind a word such as "call" or "mobile". Not meant are toll-free numbers, those reserved for
    fiction (555-0100 to 555-0199, Ofcom's and the Bundesnetzagentur's drama numbers, ...), a number the text calls a
    hotline or the office's, and those of orders, tickets and parts.

    Bad:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: call-back
        input: Call me back on +44 20 7183 8750, after six.
        assertions: [contains: Settings]
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: call-back
        input: Call me back on +44 20 7946 0018 about order 415-867-5309.
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        if not has_long_number(text.text):
            continue
        for start, end, regions in _candidates(text):
            written = text.text[start:end]
            number = next((found for region in regions if (found := context.world.phone(written, region))), None)
            if number is None or is_fiction(number):
                continue
            message = f"this is a telephone number: {masked(written)}"
            yield text.hit(start, end, message, "write one that is reserved for fiction, such as +1 202 555 0123")


def _candidates(text: Text) -> Iterator[tuple[int, int, tuple[str | None, ...]]]:
    done = 0
    for start, end, regions in sorted(_shapes(text.text), key=lambda found: found[:2]):
        if start < done or not _stands_alone(text.text, start):
            continue
        before = text.before(start, 80)
        if names_a_thing(before) or names_an_id(before) or text.is_contact(start):
            continue
        if _PUBLIC.search(before) or _ASSERTED.search(before):
            continue
        if len(regions) > 1 and not _SAID.search(before):
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
    before = text[start - 1 : start] if start else ""
    return before == "" or not (before.isalnum() or before in _EDGE)
