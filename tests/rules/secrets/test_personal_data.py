"""Personal data: what belongs to somebody is found, what belongs to nobody is not."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from rule_bench import lint_files
from stdnum import iban, luhn

from promptctl.adapters.check_digits import KINDS, holds
from promptctl.model.finding import Finding
from promptctl.text.personal.fiction import EXAMPLE_IBANS, TEST_CARDS, is_fiction
from promptctl.text.personal.identities import IDENTITIES
from promptctl.text.suites.pii import PAYING

CODES = ("PL603", "PL604", "PL605", "PL606", "PL607")


def personal(folder: Path, *texts: str) -> list[Finding]:
    """What the rules about personal data find in a golden set with one case a text."""
    cases = [{"id": str(at), "input": text, "assertions": [{"contains": "x"}]} for at, text in enumerate(texts)]
    lines = "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)
    return [one for one in lint_files(folder, {"golden/bot.jsonl": lines}).findings if one.rule in CODES]


def card(prefix: str, length: int = 16) -> str:
    """A number of that prefix with a right check digit, which stands nowhere in this file."""
    body = prefix + "".join(random.Random(prefix).choice("123456789") for _ in range(length - 1 - len(prefix)))
    return body + luhn.calc_check_digit(body)


def account(country: str, rest: str) -> str:
    """An IBAN with right check digits."""
    return country + iban.calc_check_digits(f"{country}00{rest}") + rest


def fours(text: str, gap: str = " ") -> str:
    return gap.join(text[at : at + 4] for at in range(0, len(text), 4))


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        ("Write to jane.doe@gmail.com please", "PL603", "warning"),
        ("Here:\njane_doe+shop@mail.acme.co.uk", "PL603", "warning"),
        ("<mailto:j.o'neil@acme.de>", "PL603", "warning"),
        ("Call +44 20 7183 8750", "PL604", "warning"),
        ("Ruf mich an: +49 171 5551234", "PL604", "warning"),
        ("my number is (415) 867-5309", "PL604", "warning"),
        ("my number is 415-867-5309.", "PL604", "warning"),
        ("call me at 4158675309", "PL604", "warning"),
        ("Mobile: 07911 223344", "PL604", "warning"),
        ("Meine Handynummer ist 0171 5551234", "PL604", "warning"),
        (f"card {fours(card('4539'))}", "PL605", "error"),
        (f"it is {fours(card('5301'), '-')}, exp 04/27", "PL605", "error"),
        (f"it is {card('4716')}", "PL605", "warning"),
        (f"my visa {card('4716')}", "PL605", "error"),
        (f"amex {card('3712', 15)}", "PL605", "error"),
        (f"refund to {account('DE', '500105175407324931')}", "PL606", "error"),
        (f"refund to {fours(account('NL', 'INGB0001234567'))} please", "PL606", "error"),
        (f"refund to {fours(account('FR', '30004008010000123456743'))} PLEASE NOW", "PL606", "error"),
    ],
)
def test_what_belongs_to_somebody_is_found_and_not_repeated(
    text: str, code: str, severity: str, tmp_path: Path
) -> None:
    found = personal(tmp_path, text)
    assert [(one.rule, one.severity) for one in found] == [(code, severity)], found
    told = found[0].message
    assert not any(
        text[at : at + 8] in told for at in range(len(text) - 8) if any(c.isdigit() for c in text[at : at + 8])
    )
    assert "jane.d" not in told


def test_numbers_documented_for_tests_are_at_home_in_golden_sets_and_noted_elsewhere(tmp_path: Path) -> None:
    """What `add-suite pii` writes and what the hints of these rules ask for is nothing to remark on."""
    assert personal(tmp_path / "golden", PAYING) == []
    prompt = f"version: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\nuser_prompt: 'Ask for what is like{PAYING}'\n"
    found = lint_files(tmp_path / "prompt", {"prompts/bot.yaml": prompt}).findings
    assert [(one.rule, one.severity) for one in found if one.rule in CODES] == [("PL605", "info"), ("PL606", "info")]


# The examples of python-stdnum's documentation, one for each kind.
IDS = {
    "be.nn": "85.07.30-033.28",
    "br.cpf": "390.533.447-05",
    "ca.sin": "SIN 123-456-782",
    "ch.ssn": "756.9217.0769.85",
    "cn.ric": "360426199101010071",
    "de.idnr": "Steuer-ID 36 574 261 809",
    "es.dni": "DNI 54362315K",
    "es.nie": "X2482300W",
    "fi.hetu": "131052-308T",
    "fr.nir": "2 95 10 99 126 111 93",
    "gb.nhs": "NHS 943 476 5870",
    "ie.pps": "PPS number 6433435F",
    "in_.aadhaar": "Aadhaar 2341 2341 2346",
    "it.codicefiscale": "RCCMNL83S18D969H",
    "kr.rrn": "971013-9019902",
    "mx.curp": "BOXW310820HNERXN09",
    "nl.bsn": "BSN 111222333",
    "no.fodselsnummer": "151086 95088",
    "pl.pesel": "PESEL 44051401359",
    "se.personnummer": "880320-0016",
    "tr.tckimlik": "TC kimlik 17291716060",
    "us.ssn": "social security number 536-90-4399",
}


@pytest.mark.parametrize("kind", sorted({identity.kind for identity in IDENTITIES}))
def test_every_kind_of_id_is_found_and_only_with_right_check_digits(kind: str, tmp_path: Path) -> None:
    written = IDS[kind]
    found = personal(tmp_path / "right", f"I am {written}, you know.")
    if kind == "kr.rrn":  # the documented example is of a sex digit that was given out before 1900
        found = personal(tmp_path / "later", "I am 971013-1019901, you know.") or found
    assert [one.rule for one in found] == ["PL607"], found
    digits = [at for at, character in enumerate(written) if character.isdigit()]
    last = digits[-1] if kind != "ie.pps" else digits[0]
    wrong = written[:last] + str((int(written[last]) + 1) % 10) + written[last + 1 :]
    if kind != "us.ssn":  # has no check digit: words near it stand in for one
        assert [one for one in personal(tmp_path / "wrong", f"I am {wrong}, you know.") if one.rule == "PL607"] == []


def test_every_kind_that_is_looked_for_can_be_checked() -> None:
    assert {identity.kind for identity in IDENTITIES} | {"iban", "luhn"} == KINDS


@pytest.mark.parametrize(
    "text",
    [
        "jane@example.com, joe@mail.example.org, a@b.test, c@d.invalid, e@f.example",
        "support@acme.com, no-reply@acme.com, privacy@acme.de and sales+eu@acme.fr",
        "you@yourdomain.com or name@company.com",
        "git clone git@github.com:acme/bot.git, https://alice@dev.acme.com/repo",
        "actions/checkout@v4, icon@2x.png, vertex_ai/claude@default, @jane, @scope/name@1.2.3",
        "+1 202 555 0123, 020 7946 0018, +44 7700 900123, +49 30 23125 500, +33 1 99 00 12 34",
        "our hotline +49 30 5557 1234, toll free 1-800-867-5309 and +1 800 867 5309",
        "order 415-867-5309, ticket #415-867-5309, ISBN 978-3-16-148410-0",
        "on 2024-08-06 at 12:30, 192.168.100.200, 1,234,567.89, 3.14159265358979",
        "x = 1+2345678901, $4158675309, v415.867.5309-beta",
        "call 911, dial 112, press 1234567",
        "order 4111111111111111, tracking number 4111 or id: 4111111111111111",
        "timestamps 1700000000000 and 1700000000123456789",
        f"the digest {'4' * 16}",
        "DE00 3704 0044 0532 0130 00 and GB12 ABCD 3456 7890 1234 56",
        "part number 12345678Z, sin 123456782, 536-90-4399",
        "RSSMRA00X00X000X, 111.111.111-11, 990230-1234",
    ],
)
def test_what_belongs_to_nobody_is_left_alone(text: str, tmp_path: Path) -> None:
    assert personal(tmp_path, text) == []


def test_an_owner_and_an_author_are_contacts_and_no_leaks(tmp_path: Path) -> None:
    prompt = (
        "model: openai/gpt-4o-2024-08-06\nowner: jane.doe@acme.com\nauthor: joe@acme.com\nsystem_prompt: |\n"
        "  Forward to ann@acme.com\n"
    )
    found = [one for one in lint_files(tmp_path, {"prompts/a.yaml": prompt}).findings if one.rule == "PL603"]
    assert [(one.line, one.column, one.end_column) for one in found] == [(5, 14, 26)]


def test_a_number_an_answer_must_name_is_the_prompts_own(tmp_path: Path) -> None:
    golden = (
        "cases:\n  - id: a\n    input: Help!\n    assertions:\n      - contains: +49 30 5557 1234\n"
        "      - not-contains-any: ['+49 30 5557 1234']\n"
    )
    assert [one for one in lint_files(tmp_path, {"golden/a.yaml": golden}).findings if one.rule == "PL604"] == []


def test_documented_numbers_are_what_they_are_taken_for() -> None:
    assert [number for number in TEST_CARDS if not luhn.is_valid(number)] == []
    assert [number for number in EXAMPLE_IBANS if not holds("iban", number)] == []


def test_numbers_for_fiction_by_their_ranges() -> None:
    assert is_fiction("+12025550100")
    assert is_fiction("+12025550199")
    assert not is_fiction("+12025550200")
    assert is_fiction("+442079460999")
    assert not is_fiction("+442079461000")


def rows(digits: int, seed: int, count: int = 400) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(count):
        yield "".join(chance.choice("0123456789") for _ in range(digits))


@pytest.mark.parametrize("digits", [7, 8, 9, 10, 11, 12, 13])
def test_bare_rows_of_digits_are_nothing(digits: int, tmp_path: Path) -> None:
    assert personal(tmp_path, *(f"see {row} there" for row in rows(digits, digits))) == []


def test_order_numbers_are_nothing_whatever_their_form(tmp_path: Path) -> None:
    orders = [f"My order {row} is late" for row in rows(16, 1)]
    orders += [f"Order no. {row[:3]}-{row[3:6]}-{row[6:]} is late" for row in rows(10, 2)]
    orders += [f"Bestellnummer {row[:3]}-{row[3:10]}-{row[10:]}" for row in rows(17, 3)]
    assert personal(tmp_path, *orders) == []


def test_real_instructions_hold_one_phone_number_and_nothing_else(shared_data: Path, tmp_path: Path) -> None:
    """1,346 instructions people wrote. One asks for a letter that ends in a telephone number."""
    texts = [
        json.loads(line)["prompt"] for line in (shared_data / "ifeval/cases.jsonl").read_text("utf-8").splitlines()
    ]
    alpaca = (shared_data / "alpacaeval_prompts/instructions.jsonl").read_text("utf-8").splitlines()
    texts += [json.loads(line)["instruction"] for line in alpaca]
    assert len(texts) > 1300
    files = {f"golden/{at}.jsonl": json.dumps({"id": "a", "input": text}) + "\n" for at, text in enumerate(texts)}
    found = [one for one in lint_files(tmp_path, files).findings if one.rule.startswith("PL6")]
    assert [(one.rule, "631" in one.message) for one in found] == [("PL604", True)]
