"""Text in which nothing is hidden: what every other escape begins with (`reports/escape.py`)."""

from __future__ import annotations

import re

# Everything that moves a cursor, reorders or hides text, or is no character at all: C0 and C1 but tab and newline,
# soft hyphen, bidirectional marks, embeddings, overrides and isolates, zero-width space and its kin (not the joiners,
# which emoji and Persian need), line and paragraph separators, byte order mark, interlinear annotations, lone
# surrogates, non-characters, tags.
_HIDDEN_CLASS = (
    "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f"
    "\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff\\ufffe\\uffff\\U000e0000-\\U000e007f"
)
HIDDEN = re.compile(f"[{_HIDDEN_CLASS}]")


def _spelt(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible(text: str) -> str:
    """`text` with every character that controls, reorders or hides spelt out (`\\x1b`); tabs and newlines stay.

    >>> visible("\\x1b[31mred\\u202e")
    '\\\\x1b[31mred\\\\u202e'
    """
    if text.isascii() and text.isprintable():
        return text
    return HIDDEN.sub(_spelt, text.replace("\r\n", "\n"))
