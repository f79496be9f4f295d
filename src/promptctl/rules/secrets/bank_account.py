"""Bank accounts (IBANs) in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.finding import Severity
from promptctl.model.prompt import Prompt
from promptctl.rules.engine.context import Context
from promptctl.rules.engine.file import File
from promptctl.rules.engine.rule import Hit, Subject, rule
from promptctl.rules.secrets.reading.fiction import is_example_iban
from promptctl.rules.secrets.reading.gates import has_long_number
from promptctl.rules.secrets.reading.texts import masked, texts_of

# As registered (ISO 13616): 15 to 34 characters, written together or in fours.
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?:[ \u00a0]?[A-Z0-9]{1,4}(?![a-z])){3,8}")
_SHORTEST, _LONGEST = 15, 34


@rule("PL606", Severity.ERROR, Subject.FILE, Subject.PROMPT, Subject.JUDGE)
def bank_account(subject: File | Prompt, context: Context) -> Iterator[Hit]:
    """A text holds an IBAN.

    Why: a bank account belongs to somebody, and a debit needs little more than its number. The country's length and
    structure and the check digits must be right, so that nothing else looks like one. Examples that banks and registries
    document are only noted.

    Bad (an example of the registry, noted):
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: refund
        input: Please refund it to GB29 NWBK 6016 1331 9268 19.
        assertions: [contains: Settings]
    ```
    Good:
    ```yaml
    # file: golden/bot.yaml
    cases:
      - id: refund
        input: Please refund it to my account, order GB12 ABCD 3456 7890 1234 56.
        assertions: [contains: Settings]
    ```
    """
    for text in texts_of(subject):
        if not has_long_number(text.text):
            continue
        for found in _IBAN.finditer(text.text):
            start = found.start()
            if start and text.text[start - 1].isalnum():
                continue
            end = _end(text.text, start, found.end(), context)
            if end is None:
                continue
            iban = re.sub(r"\s", "", text.text[start:end])
            if is_example_iban(iban):
                message = f"this is an IBAN documented as an example: {masked(iban)}"
                yield text.hit(start, end, message, "keep it if the case is about accounts", Severity.INFO)
            else:
                hint = "write a documented example, such as DE89 3704 0044 0532 0130 00"
                yield text.hit(start, end, f"this is the number of a bank account: {masked(iban)}", hint)


def _end(text: str, start: int, last: int, context: Context) -> int | None:
    """Where the IBAN ends: the pattern may have taken in the words behind it."""
    for end in range(last, start + _SHORTEST - 1, -1):
        compact = re.sub(r"\s", "", text[start:end])
        if len(compact) > _LONGEST or text[end : end + 1].isalnum() or text[end - 1].isspace():
            continue
        if context.world.check_digits("iban", compact):
            return end
    return None
