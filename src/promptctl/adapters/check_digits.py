"""The one door to python-stdnum: does a number keep the rules of its kind, check digits included."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stdnum import iban, luhn
from stdnum.be import nn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cn import ric
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.ie import pps
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.us import ssn


def _is_iban(number: str) -> bool:
    """Length and structure by country, check digits; banks' own check digits are left out: a new bank is no error."""
    valid: bool = iban.is_valid(number, check_country=False)
    return valid


_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "be.nn": nn.is_valid,
    "br.cpf": cpf.is_valid,
    "ca.sin": sin.is_valid,
    "ch.ssn": ahv.is_valid,
    "cn.ric": ric.is_valid,
    "de.idnr": idnr.is_valid,
    "es.dni": dni.is_valid,
    "es.nie": nie.is_valid,
    "fi.hetu": hetu.is_valid,
    "fr.nir": nir.is_valid,
    "gb.nhs": nhs.is_valid,
    "iban": _is_iban,
    "ie.pps": pps.is_valid,
    "in_.aadhaar": aadhaar.is_valid,
    "it.codicefiscale": codicefiscale.is_valid,
    "kr.rrn": rrn.is_valid,
    "luhn": luhn.is_valid,
    "mx.curp": curp.is_valid,
    "nl.bsn": bsn.is_valid,
    "no.fodselsnummer": fodselsnummer.is_valid,
    "pl.pesel": pesel.is_valid,
    "se.personnummer": personnummer.is_valid,
    "tr.tckimlik": tckimlik.is_valid,
    "us.ssn": ssn.is_valid,
}
KINDS = frozenset(_CHECKS)


def holds(kind: str, number: str) -> bool:
    """Whether `number` is a valid number of `kind`: python-stdnum's module by name ("es.dni", "iban", "luhn")."""
    return _CHECKS[kind](number)
