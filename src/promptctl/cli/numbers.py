"""What numbers are, for rules and assertions: the doors to the libraries that know open when one is asked for."""

from __future__ import annotations

from promptctl.model.answer import Numbers


def check_digits(kind: str, number: str) -> bool:
    """Whether `number` is valid as a kind ("iban", "luhn", "es.dni"), check digits included."""
    from promptctl.adapters.check_digits import holds

    return holds(kind, number)


def phone(text: str, region: str | None) -> str | None:
    """The E.164 form of a telephone number that a person may have, dialled in `region`; else None."""
    from promptctl.adapters.phones import line

    return line(text, region)


NUMBERS = Numbers(check_digits, phone)
