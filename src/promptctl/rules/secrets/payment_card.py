"""Payment card numbers in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.fiction import is_test_card
from promptctl.rules.secrets.reading.gates import has_long_number
from promptctl.rules.secrets.reading.labels import names_a_thing, names_an_id
from promptctl.rules.secrets.reading.texts import masked, texts_of

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


@rule("PL605", Severity.ERROR, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def payment_card(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A text holds the number of a payment card.

    Why: a card number in a repository is outside of everything PCI DSS allows, and a run sends it to a provider. The
    number must have a scheme's prefix and length and a right check digit (Luhn). It is an error where it is grouped as on a
    card or the words around it speak of one, a warning where it is a bare row of digits, nothing where the words before it
    make it the number of an order. Numbers that processors document for tests belong to nobody and are only noted.

    Bad (a number of the documentation, noted):
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: pay
        input: My card is 4111 1111 1111 1111, why was it refused?
        assertions: [contains: Settings]
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: pay
        input: My card ends in 1111, why was it refused? Order 4111111111111111.
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        if not has_long_number(text.text):
            continue
        for found in _NUMBER.finditer(text.text):
            start, end = found.span()
            grouped = bool(found["gap"] or found["gap2"])
            digits = re.sub(r"\D", "", found.group())
            scheme = next((name for name, shape in _SCHEMES if shape.fullmatch(digits)), None)
            if scheme is None or not _stands_alone(text.text, start):
                continue
            said = _SAID.search(text.around(start, end, _NEAR)) is not None
            before = text.before(start, _NEAR)
            if not grouped and (names_a_thing(before) or (names_an_id(before) and not said)):
                continue
            if not context.world.check_digits("luhn", digits):
                continue
            if is_test_card(digits):
                message = f"this is a card number documented for tests ({scheme}): {masked(digits)}"
                yield text.hit(start, end, message, "keep it if the case is about cards", Severity.INFO)
                continue
            message = f"this is the number of a payment card ({scheme}): {masked(digits)}"
            hint = "write one that is documented for tests, such as 4242 4242 4242 4242"
            yield text.hit(start, end, message, hint, None if grouped or said else Severity.WARNING)


def _stands_alone(text: str, start: int) -> bool:
    before = text[start - 1 : start] if start else ""
    if before == ":":  # "card:4111..." is one, "12:34:4111..." is none
        return not text[max(0, start - 2) : start - 1].isdigit()
    return before == "" or not (before.isalnum() or before in _EDGE)
