"""Bank accounts (IBANs)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.text.personal.fiction import is_example_iban
from promptctl.text.personal.found import CheckDigits, Found
from promptctl.text.personal.gates import has_long_number

# As registered (ISO 13616): 15 to 34 characters, written together or in fours.
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?:[ \u00a0]?[A-Z0-9]{1,4}(?![a-z])){3,8}")
_SHORTEST, _LONGEST = 15, 34


def accounts_in(text: str, check_digits: CheckDigits) -> Iterator[Found]:
    """The IBANs whose country's length and structure and check digits are right."""
    if not has_long_number(text):
        return
    for found in _IBAN.finditer(text):
        start = found.start()
        if start and text[start - 1].isalnum():
            continue
        end = _end(text, start, found.end(), check_digits)
        if end is not None:
            yield Found("an IBAN", start, end, fiction=is_example_iban(_compact(text[start:end])))


def _end(text: str, start: int, last: int, check_digits: CheckDigits) -> int | None:
    """Where the IBAN ends: the pattern may have taken in the words behind it."""
    for end in range(last, start + _SHORTEST - 1, -1):
        compact = _compact(text[start:end])
        if len(compact) > _LONGEST or text[end : end + 1].isalnum() or text[end - 1].isspace():
            continue
        if check_digits("iban", compact):
            return end
    return None


def _compact(text: str) -> str:
    return re.sub(r"\s", "", text)
