"""The one door to phonenumbers (libphonenumber's metadata): is this a telephone number, and of a line a person may have."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

# Toll-free, premium and company-wide numbers belong to nobody in person.
_PERSONAL = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
    }
)


def line(text: str, region: str | None) -> str | None:
    """The E.164 form of a phone number that exists in its country's numbering plan and may be a person's; else None.

    region: ISO 3166 code of the country it is dialled in, None where it is written with + and the country's code.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _PERSONAL:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
