"""National ids: how they are written, and whether words must say what they are.

Chosen are ids whose check digits (and often a date of birth) leave little to chance. Where one number in ten or eleven
would pass, and eleven bare digits could be anything, words near it must name the id.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from promptctl.text.personal.found import CheckDigits, Found, around, before
from promptctl.text.personal.gates import has_long_number, long_words
from promptctl.text.personal.labels import names_a_thing

_NEAR = 60
_DIGITS = frozenset("0123456789")  # 111.111.111-11 passes many checks, and is nobody's
_DATE = r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_DAY = r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d"


@dataclass(frozen=True, slots=True)
class Identity:
    """A kind of id. kind: as the world checks it. said: the words that must stand near; None where the number suffices."""

    kind: str
    name: str
    shape: re.Pattern[str]
    said: re.Pattern[str] | None = None


def _id(kind: str, name: str, shape: str, said: str | None = None) -> Identity:
    words = re.compile(rf"(?i)\b(?:{said})\b") if said else None
    return Identity(kind, name, re.compile(rf"(?<![\w.+/#-])(?:{shape})(?![\w/]|[.-]\w)"), words)


IDENTITIES = (
    _id("be.nn", "a Belgian national number", r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d"),
    _id("br.cpf", "a Brazilian CPF", r"\d{3}\.\d{3}\.\d{3}-\d\d"),
    _id("br.cpf", "a Brazilian CPF", r"\d{11}", "cpf"),
    _id("ca.sin", "a Canadian social insurance number", r"\d{3}[ -]?\d{3}[ -]?\d{3}", "(?-i:SIN)|social insurance"),
    _id("ch.ssn", "a Swiss AHV number", r"756\.\d{4}\.\d{4}\.\d\d"),
    _id("cn.ric", "a Chinese resident identity number", rf"[1-9]\d{{5}}(?:19|20){_DATE}\d{{3}}[\dX]"),
    _id(
        "de.idnr",
        "a German tax id",
        r"\d{11}|\d\d \d{3} \d{3} \d{3}",
        r"steuer-?id\w*|steuer\w*nummer|idnr|tax id|(?-i:TIN)",
    ),
    _id("es.dni", "a Spanish DNI", r"\d{8}-?[A-HJ-NP-TV-Z]", "dni|nif|documento|identidad|identity"),
    _id("es.nie", "a Spanish NIE", r"[XYZ]-?\d{7}-?[A-HJ-NP-TV-Z]"),
    _id("fi.hetu", "a Finnish personal identity code", rf"{_DAY}[-+A-FU-Y]\d{{3}}[0-9A-Y]"),
    _id("fr.nir", "a French social security number", r"[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d"),
    _id("gb.nhs", "an NHS number", r"\d{3}[ -]?\d{3}[ -]?\d{4}", "nhs"),
    _id("ie.pps", "an Irish PPS number", r"\d{7}[A-W][A-IW]?", "pps|ppsn"),
    _id("in_.aadhaar", "an Indian Aadhaar number", r"[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}", "aadhaar|aadhar|uidai"),
    _id("it.codicefiscale", "an Italian codice fiscale", r"[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]"),
    _id("kr.rrn", "a South Korean resident number", rf"{_DATE}-[1-8]\d{{6}}"),
    _id("mx.curp", "a Mexican CURP", rf"[A-Z][AEIOUX][A-Z]{{2}}{_DATE}[HMX][A-Z]{{5}}[0-9A-Z]\d"),
    _id("nl.bsn", "a Dutch BSN", r"\d{9}|\d{4}\.\d\d\.\d{3}", r"bsn|burgerservice\w*|sofinummer"),
    _id("no.fodselsnummer", "a Norwegian birth number", rf"{_DAY} ?\d{{5}}"),
    _id("pl.pesel", "a Polish PESEL", r"\d{11}", "pesel"),
    _id("se.personnummer", "a Swedish personal number", rf"(?:19|20)?{_DATE}[-+]\d{{4}}"),
    _id("tr.tckimlik", "a Turkish identity number", r"[1-9]\d{10}", r"t\.?c\.?|kimlik"),
    _id(
        "us.ssn",
        "a US social security number",
        r"\d{3}[- ]?\d\d[- ]?\d{4}",
        r"ssns?|social security(?: number| no\.?)?|social(?! media| network| post)",
    ),
)
# What two kinds begin with that have fewer digits together.
_LETTERS = re.compile(r"[A-Z]{4}(?:\d{6}[HMX]|[A-Z]{2}\d\d[A-Z]\d\d)")


def identities_in(text: str, check_digits: CheckDigits) -> Iterator[Found]:
    """The ids in their order whose check digits are right; what is written like two of them is the first."""
    seen = 0
    candidates = sorted(_candidates(text), key=lambda found: found[1:])
    for identity, start, end in candidates:
        written = text[start:end]
        if start >= seen and len(set(written) & _DIGITS) != 1 and check_digits(identity.kind, written):
            seen = end
            yield Found(identity.name, start, end)


def _candidates(text: str) -> Iterator[tuple[Identity, int, int]]:
    """What is written like an id, and said to be one where that is needed; check digits are not looked at."""
    if not has_long_number(text) and _LETTERS.search(long_words(text)) is None:
        return
    for identity in IDENTITIES:
        for found in identity.shape.finditer(text):
            start, end = found.span()
            if identity.said is not None:
                if identity.said.search(around(text, start, end, _NEAR)) is None:
                    continue
            elif names_a_thing(before(text, start, _NEAR)):
                continue
            yield identity, start, end
