"""Texts that say something in disguise: decoded, turned round, spelled with other letters.

What is undone are the disguises that models produce when they are asked to hide what they say: encodings whose reading
needs no key. `plain` is the form in which two texts are compared whatever their case, their spacing and the family of
their letters.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

# Letters that look like Latin ones in most fonts: Cyrillic, Greek and small capitals (of Unicode's confusables, UTS 39, the
# common ones), and the enclosed letters that Unicode gives no decomposition.
_CAPITALS = dict(zip("АВЕЅКМНОРСТУХІЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABESKMHOPCTYXIJABEZHIKMNOPTYX", strict=True))
_SMALL = dict(
    zip(
        "авекмнорстухіјѕԁԛԝһӏгпѵԍαβεηικνορτυχγωıɩɡᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ",
        "abekmhopctyxijsdqwhlrnvgabenikvoptuxywiigabcdefghijklmnoprstuvwyz",
        strict=True,
    )
)
_ENCLOSED = {chr(first + at): chr(97 + at) for first in (0x1F150, 0x1F170, 0x1F1E6) for at in range(26)}
_BEFORE_FOLDING = str.maketrans(_CAPITALS | _ENCLOSED)
_AFTER_FOLDING = str.maketrans(_SMALL)
_LEET = str.maketrans("013457@$!|i", "oleastaslll")
_SOFT = frozenset({"Mn", "Me", "Cf"})  # combining marks, and characters without width
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}(?:\r?\n[A-Za-z0-9+/_-]{4,})*")
_HEX = re.compile(r"(?:(?:0x|\\x)?[0-9A-Fa-f]{2}[ \t,:;-]{0,2}){6,}")
_PIECE = 256  # characters that are decomposed together
_SHORT = 100_000  # characters; a longer text is undone once, a shorter one twice


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it may be meant. how: what was undone, outermost first; empty for the text as it stands."""

    how: tuple[str, ...]
    text: str


def readings(text: str) -> Iterator[Reading]:
    """`text` as it stands, then with each disguise undone, then (up to 100,000 characters) with two.

    >>> [one.text for one in readings("cGFzc3dvcmQ6IGJsdWU=") if one.how == ("base64",)]
    ['password: blue']
    """
    first = Reading((), text)
    yield first
    layer = list(_undone(first))
    yield from layer
    if len(text) <= _SHORT:
        for reading in layer:
            yield from _undone(reading)


def plain(text: str) -> str:
    """The letters and digits of a text alone, in lower case, look-alikes and accented letters as Latin ones.

    >>> plain("Ａ-с\\u200bМ é")
    'acme'
    """
    if text.isascii():
        return re.sub(r"[^a-z0-9]+", "", text.lower())
    return "".join(one for one in _latin(text) if one.isalnum())


def words(text: str) -> list[str]:
    """The words of a text, letter by letter as `plain` has them."""
    return re.findall(r"\w+", text.lower() if text.isascii() else _latin(text))


def without_leet(text: str) -> str:
    """What digits and signs stand for where they stand for letters; `i`, `l` and `1` become one.

    >>> plain(without_leet("S3CR3T")) == plain(without_leet("secret"))
    True
    """
    return text.lower().translate(_LEET)


def _latin(text: str) -> str:
    # In pieces: putting a row of marks into order takes the square of its length, and they are dropped anyhow.
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    decomposed = "".join(unicodedata.normalize("NFKD", piece) for piece in pieces)
    folded = decomposed.translate(_BEFORE_FOLDING).casefold()
    kept = "".join(one for one in folded if unicodedata.category(one) not in _SOFT)
    return kept.translate(_AFTER_FOLDING)


def _undone(reading: Reading) -> Iterator[Reading]:
    for name, undo in _DISGUISES.items():
        if name in reading.how and name in _OWN_INVERSE:
            continue
        found = undo(reading.text)
        if found and found != reading.text:
            yield Reading((*reading.how, name), found)


def _base64(text: str) -> str:
    return "\n".join(_from_base64(found.group()) for found in _BASE64.finditer(text)).strip()


def _from_base64(run: str) -> str:
    """The text of a run of base64, which may begin inside of another word; empty where it is none."""
    packed = re.sub(r"\s", "", run).translate(str.maketrans("-_", "+/"))
    for start in range(4):
        part = packed[start:]
        part = part[: len(part) - 1] if len(part) % 4 == 1 else part
        try:
            decoded = _text(base64.b64decode(part + "=" * (-len(part) % 4)))
        except binascii.Error:
            continue
        if decoded:
            return decoded
    return ""


def _hex(text: str) -> str:
    runs = (re.sub(r"0x|\\x|[^0-9A-Fa-f]", "", found.group()) for found in _HEX.finditer(text))
    return "\n".join(_text(bytes.fromhex(run[: len(run) // 2 * 2])) for run in runs).strip()


def _text(data: bytes) -> str:
    """Bytes as text, where nearly all of it can be read; else nothing."""
    text = data.decode("utf-8", "ignore")
    readable = sum(one.isprintable() or one.isspace() for one in text)
    return text if len(data) >= 6 and readable >= 0.9 * len(text) and len(text.encode()) >= 0.9 * len(data) else ""


_DISGUISES: Mapping[str, Callable[[str], str]] = {
    "base64": _base64,
    "hex": _hex,
    "url-encoding": lambda text: unquote(text) if "%" in text else "",
    "html entities": lambda text: html.unescape(text) if "&" in text else "",
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "reversed": lambda text: text[::-1],
}
_OWN_INVERSE = frozenset({"rot13", "reversed"})
