"""Personal data in an answer: by type, with its place, masked; what is nobody's only where it was given."""

from __future__ import annotations

import itertools
import json
import random
import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn

from promptctl.assertions.reading.people import TYPES, people_in
from promptctl.cli.numbers import NUMBERS
from promptctl.model.errors import InputError


def card(prefix: str, length: int = 16) -> str:
    """A number of that prefix with a right check digit, which stands nowhere in this file."""
    body = prefix + "".join(random.Random(prefix).choice("123456789") for _ in range(length - 1 - len(prefix)))
    return body + luhn.calc_check_digit(body)


def account(country: str, rest: str) -> str:
    return country + iban.calc_check_digits(f"{country}00{rest}") + rest


SOMEBODYS = [
    ("email", "jane.doe@mail.acme.com"),
    ("email", "jane_doe+shop@mail.acme.co.uk"),
    ("phone", "+44 20 7183 8750"),
    ("phone", "(415) 867-5309"),
    ("payment-card", card("4539")),
    ("payment-card", " ".join(card("5301")[at : at + 4] for at in range(0, 16, 4))),
    ("bank-account", account("DE", "500105175407324931")),
    ("bank-account", account("NL", "INGB0001234567")),
    ("national-id", "RCCMNL83S18D969H"),
    ("national-id", "390.533.447-05"),
    ("ip-address", "81.2.69.142"),
    ("ip-address", "2a02:1810:4f0e:9c00::1"),
]
NOBODYS = [
    ("email", "jane@example.com"),
    ("email", "you@yourdomain.com"),
    ("phone", "+1 202 555 0123"),
    ("phone", "+44 20 7946 0018"),
    ("payment-card", "4242 4242 4242 4242"),
    ("bank-account", "DE89 3704 0044 0532 0130 00"),
    ("ip-address", "192.0.2.17"),
    ("ip-address", "2001:db8::17"),
]


@pytest.mark.parametrize(("kind", "text"), SOMEBODYS)
def test_what_is_somebodys_is_found_with_its_place_and_masked(kind, text, bound, answer):
    said = f"Of course, here it is: {text} - anything else?"
    result = bound({"not-pii": True}).judge(answer(said))
    assert (result.outcome.value, result.score) == ("fail", 0)
    [fact] = result.detail["found"]
    assert (fact["type"], said[fact["start"] : fact["end"]]) == (kind, text)
    assert fact["text"] in result.reason
    assert f"{fact['start']}-{fact['end']}" in result.reason
    assert text not in result.reason + json.dumps(result.detail)
    assert bound({"not-pii": [kind]}).judge(answer(said)).outcome.value == "fail"
    others = sorted(set(TYPES) - {kind})
    assert bound({"not-pii": others}).judge(answer(said)).outcome.value == "pass"
    assert bound({"not-pii": {"allow": [text.upper()]}}).judge(answer(said)).outcome.value == "pass"


@pytest.mark.parametrize(("kind", "text"), NOBODYS)
@pytest.mark.parametrize("where", ["input", "context", "instructions", "conversation"])
def test_what_is_nobodys_counts_where_it_was_given(kind, text, where, bound, answer):
    made = bound({"not-pii": True})
    plain = answer(f"It looks like {text} for example.")
    assert made.judge(plain).outcome.value == "pass"
    customer = f"The customer: Erika, {text.upper()}, gold."
    put = {"input": {"record": {"notes": [customer]}}, "context": ({"text": customer},)}.get(where, customer)
    found = made.judge(replace(plain, **{where: put}))
    assert found.outcome.value == "fail"
    assert found.detail["found"][0]["type"] == kind


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Our hotline is +49 30 5557 1234, toll free 1-800-867-5309; write to support@acme.com.",
        "Order 415-867-5309, ticket 4111111111111111, ISBN 978-3-16-148410-0, version 10.0.19041.1, v1.2.3.4.",
        "Use 127.0.0.1, 192.168.0.1, 10.1.2.3, ::1, fe80::1 or the resolver 8.8.8.8.",
        "At 12:30:45 on 2026-11-30; 1,234,567.89; 3.14159; 00:1B:44:11:3A:B7; a::b in C++.",
        "Erika Mustermann, born 12 August 1964, Heidestrasse 17, Cologne.",  # has no check digit: not looked for
    ],
)
def test_what_is_no_personal_data(text, bound, answer):
    result = bound({"not-pii": True}).judge(answer(text))
    assert result.outcome.value == "pass", result.reason


def test_a_place_is_of_one_type(bound, answer):
    written = account("FR", "30004008010000123456743")
    result = bound({"pii": True}).judge(answer(f"{' '.join(written[at : at + 4] for at in range(0, 27, 4))} is it."))
    assert [fact["type"] for fact in result.detail["found"]] == ["bank-account"]


def test_many_are_counted_and_few_are_told(bound, answer):
    said = " ".join(f"person{at}@mail.acme.com" for at in range(80))
    result = bound({"pii": True}).judge(answer(said))
    assert "and 75 more" in result.reason
    assert len(result.detail["found"]) == 50


def test_a_place_is_free_between_its_neighbours():
    said = "81.2.69.142 jane.doe@mail.acme.com 81.2.69.143 bob.roe@mail.acme.com +44 20 7183 8750 at 81.2.69.144"
    found = people_in(said, frozenset(TYPES), NUMBERS)
    assert [one.type for one in found] == ["ip-address", "email", "ip-address", "email", "phone", "ip-address"]
    assert [one.found.start for one in found] == sorted(one.found.start for one in found)


def test_many_people_are_found_in_a_moment():
    """Each held against each other would be hundreds of millions of comparisons."""
    said = " ".join(f"person{at}@mail.acme.com" for at in range(30_000))
    began = time.perf_counter()
    assert len(people_in(said, frozenset(TYPES), NUMBERS)) == 30_000
    assert time.perf_counter() - began < 25


def test_without_anybody_who_knows_numbers_it_is_an_error(bound, answer, bench):
    result = bound({"not-pii": True}, bench=replace(bench, numbers=None)).judge(answer("Hello."))
    assert result.outcome.value == "error"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"pii": "emial"}, "did you mean 'email'?"),
        ({"pii": ["shoe size"]}, "the types are bank-account, email"),
        ({"pii": []}, "the list of types is empty"),
        ({"pii": {"value": "email", "types": ["phone"]}}, "give the types once"),
        ({"pii": {"allow": ["--"]}}, "no letter and no digit"),
    ],
)
def test_mistakes_are_found_before_anything_is_asked(entry, message, bound):
    with pytest.raises(InputError, match=message):
        bound(entry)


@given(st.text(max_size=100) | st.text("+0123456789 .:-()@ab", max_size=100))
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_it_and_places_are_those_of_the_text(text):
    found = people_in(text, frozenset(TYPES), NUMBERS)
    assert all(text[one.found.start : one.found.end] == one.text for one in found)
    assert all(one.found.end <= two.found.start for one, two in itertools.pairwise(found))
