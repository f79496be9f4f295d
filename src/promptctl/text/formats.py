"""What JSON Schema's `format` asserts, for every format of draft 2020-12 that can be checked offline.

jsonschema silently ignores a format whose library is not installed; a format that is not checked is a check
that passes, so each has its test here. An unknown format is ignored, as the specification says.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import uuid
from collections.abc import Callable

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_TIME = re.compile(r"(\d{2}):(\d{2}):(\d{2})(\.\d+)?([zZ]|([-+])(\d{2}):(\d{2}))\Z", re.ASCII)
_DURATION = re.compile(
    r"P(?:\d+W|(?=[\dT])(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?"
    r"(?:T(?=\d)(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)\Z",
    re.ASCII,
)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[^"\\\x00-\x1f]|\\.)*")@(?P<host>.+)\Z')
_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)\Z")
_URI_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})"
_IP_LITERAL = r"(?://(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*\[[0-9A-Fa-f:.v]+\](?::\d*)?(?=[/?#]|\Z))?"
_REST = rf"{_IP_LITERAL}{_URI_CHARACTER}*(?:#{_URI_CHARACTER}*)?\Z"
_URI = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*:{_REST}", re.ASCII)
_REFERENCE = re.compile(rf"(?:[A-Za-z][A-Za-z0-9+.-]*:)?{_REST}", re.ASCII)
_POINTER = re.compile(r"(?:/(?:[^~/]|~[01])*)*\Z", re.DOTALL)
_RELATIVE_POINTER = re.compile(r"(?:0|[1-9][0-9]*)(?:#\Z|(?:/(?:[^~/]|~[01])*)*\Z)", re.DOTALL)
_TEMPLATE = re.compile(r"(?:[^\x00-\x20\"'<>\\^`{|}]|\{[+#./;?&=,!@|]?[A-Za-z0-9_.%,:*]+\})*\Z")


def _date(text: str) -> bool:
    return _DATE.match(text) is not None and _raises_nothing(datetime.date.fromisoformat, text)


def _time(text: str) -> bool:
    found = _TIME.match(text)
    if found is None:
        return False
    hour, minute, second = (int(part) for part in found.group(1, 2, 3))
    shift = 0
    if found.group(6):
        if int(found.group(7)) > 23 or int(found.group(8)) > 59:
            return False
        shift = (int(found.group(7)) * 60 + int(found.group(8))) * (-1 if found.group(6) == "+" else 1)
    if second == 60:  # a leap second is the last second of a UTC day
        return hour < 24 and minute < 60 and (hour * 60 + minute + shift) % 1440 == 1439
    return hour < 24 and minute < 60 and second < 60


def _date_time(text: str) -> bool:
    return len(text) > 11 and text[10] in "tT" and _date(text[:10]) and _time(text[11:])


def _email(text: str) -> bool:
    found = _EMAIL.match(text)
    if found is None:
        return False
    host = found.group("host")
    if host.startswith("[") and host.endswith("]"):
        inner = host[1:-1]
        return _ipv6(inner[5:]) if inner.lower().startswith("ipv6:") else _ipv4(inner)
    return _hostname(host)


def _hostname(text: str) -> bool:
    return len(text) <= 253 and all(_HOST_LABEL.match(label) for label in text.split("."))


def _idn_hostname(text: str) -> bool:
    return _raises_nothing(lambda: text.encode("idna")) and bool(text)


def _ipv4(text: str) -> bool:
    return text.isascii() and _raises_nothing(ipaddress.IPv4Address, text)


def _ipv6(text: str) -> bool:
    return text.isascii() and "%" not in text and _raises_nothing(ipaddress.IPv6Address, text)


def _uuid(text: str) -> bool:
    return _raises_nothing(uuid.UUID, text) and len(text) == 36 and all(text[at] == "-" for at in (8, 13, 18, 23))


def _ascii_escaped(text: str) -> str:
    return "".join(c if c.isascii() else "a" for c in text)


def _raises_nothing(function: Callable[..., object], *arguments: object) -> bool:
    try:
        function(*arguments)
    except (ValueError, re.error):
        return False
    return True


FORMATS: dict[str, Callable[[str], bool]] = {
    "date": _date,
    "time": _time,
    "date-time": _date_time,
    "duration": lambda text: _DURATION.match(text) is not None,
    "email": lambda text: text.isascii() and _email(text),
    "idn-email": lambda text: _email(_ascii_escaped(text)),
    "hostname": _hostname,
    "idn-hostname": _idn_hostname,
    "ipv4": _ipv4,
    "ipv6": _ipv6,
    "uuid": _uuid,
    "uri": lambda text: _URI.match(text) is not None,
    "uri-reference": lambda text: _REFERENCE.match(text) is not None,
    "iri": lambda text: _URI.match(_ascii_escaped(text)) is not None,
    "iri-reference": lambda text: _REFERENCE.match(_ascii_escaped(text)) is not None,
    "uri-template": lambda text: _TEMPLATE.match(text) is not None,
    "json-pointer": lambda text: _POINTER.match(text) is not None,
    "relative-json-pointer": lambda text: _RELATIVE_POINTER.match(text) is not None,
    "regex": lambda text: _raises_nothing(re.compile, text),
}
