"""Numbers of payment cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.text.personal.fiction import is_test_card
from promptctl.text.personal.found import CheckDigits, Found, around, before
from promptctl.text.personal.gates import has_long_number
from promptctl.text.personal.labels import names_a_thing, names_an_id

_NUMBER = re.compile(
    r"[2-6]\d{3}(?:(?P<gap>[ \u00a0-])\d{4}(?P=gap)\d{4}(?P=gap)\d{4}(?:(?P=gap)\d{3})?"
    r"|(?P<gap2>[ \u00a0-])\d{6}(?P=gap2)\d{4,5}|\d{10,15})(?![\w-]|[.,]\d)"
)
# Issuer prefixes and lengths of the schemes' numbers (ISO/IEC 7812). Visa's thirteen digits and Maestro are left out: too
# many other numbers look like them.
_SCHEMES = (
    ("Visa", re.compile(r"4\d{15}(?:\d{3})?")),
    ("Mastercard", re.compile(r"(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}")),
    ("American Express", re.compile(r"3[47]\d{13}")),
    ("Discover", re.compile(r"(?:6011|64[4-9]\d|65\d\d)\d{12}")),
    ("JCB", re.compile(r"35(?:2[89]|[3-8]\d)\d{12}")),
    ("Diners Club", re.compile(r"(?:3(?:0[0-5]|[689]\d)\d{11})|30\d{14}")),
    ("UnionPay", re.compile(r"62\d{14,17}")),
)
_SAID = re.compile(
    r"(?i)\bcards?\b|credit|debit|\bvisa\b|master ?card|\bamex\b|american express|diners|\bdiscover\b|\bjcb\b|union ?pay|"
    r"\bcv[vc]2?\b|\bpan\b|karte|\bcarte\b|tarjeta|\bcarta\b|cartão|expir"
)
_NEAR = 80
_EDGE = frozenset("+.-/$€£#=&%_:")


def cards_in(text: str, check_digits: CheckDigits) -> Iterator[Found]:
    """The numbers with a scheme's prefix and length and a right check digit (Luhn); `name` is the scheme.

    Not those the words before them make an order's. Sure where it is grouped as on a card, or words around speak of one.
    """
    if not has_long_number(text):
        return
    for found in _NUMBER.finditer(text):
        start, end = found.span()
        grouped = bool(found["gap"] or found["gap2"])
        digits = re.sub(r"\D", "", found.group())
        scheme = next((name for name, shape in _SCHEMES if shape.fullmatch(digits)), None)
        if scheme is None or not _stands_alone(text, start):
            continue
        said = _SAID.search(around(text, start, end, _NEAR)) is not None
        words = before(text, start, _NEAR)
        if not grouped and (names_a_thing(words) or (names_an_id(words) and not said)):
            continue
        if check_digits("luhn", digits):
            yield Found(scheme, start, end, fiction=is_test_card(digits), sure=grouped or said)


def _stands_alone(text: str, start: int) -> bool:
    edge = text[start - 1 : start] if start else ""
    if edge == ":":  # "card:4111..." is one, "12:34:4111..." is none
        return not text[max(0, start - 2) : start - 1].isdigit()
    return edge == "" or not (edge.isalnum() or edge in _EDGE)
