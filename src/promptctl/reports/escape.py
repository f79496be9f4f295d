"""The one module that makes untrusted text safe for where it goes.

A model's answer and a repository's files are input: they may carry terminal control sequences, the commands that CI
runners read from a log, markup, or characters that a format cannot hold. Every function here takes any `str` at all,
lone surrogates included, and returns text that the place named by the function takes as text and nothing else.

Sources: workflow commands as GitHub's runner parses them (a trimmed line that starts with `::`; `##[` anywhere) and
Azure's (`##vso[` anywhere); XML 1.0 section 2.2 for the characters of XML; RFC 8259 for JSON; CommonMark 0.31
section 4.5 for fences.
"""

from __future__ import annotations

import re

from promptctl.text.visible import HIDDEN
from promptctl.text.visible import visible as visible

_BLANK_START = r"(?m)^((?:[^\S\n]|\x1b\[[0-9;]*m)*):(?=:)"
_LINE_COMMAND = re.compile(_BLANK_START)
_INLINE_COMMAND = re.compile(r"##(\w*)\[")
_MARKER = re.compile(r"<!--(?=\s*promptctl)")
_MARKDOWN = re.compile(r"[\\`*_{}\[\]|#~$!]")
_MARKDOWN_BLOCK_START = re.compile(r"^(\s*)(?:([-+=])|(\d{1,9})([.)])(?=\s|$))")
_REFERENCE = re.compile(r"@(?=[\w\[])|(?<=\\#)(?=\d)|(?<=GH-)(?=\d)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_ZERO_WIDTH_SPACE = "\u200b"


def line(text: str) -> str:
    """`text` as one visible line: newlines are spelt `\\n`, tabs become a space."""
    return visible(text).replace("\n", "\\n").replace("\t", " ")


def log(text: str) -> str:
    """A whole output, promptctl's own colours allowed, in which no line is a command to a CI runner."""
    if "::" in text:
        text = _LINE_COMMAND.sub(r"\1\\:", text)
    return _INLINE_COMMAND.sub(r"##\1\\[", text) if "##" in text else text


def workflow_message(text: str) -> str:
    """The message of a GitHub workflow command."""
    return visible(text).replace("%", "%25").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property (file, title) of a GitHub workflow command."""
    return workflow_message(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str) -> str:
    """One line of GitHub-flavoured Markdown that shows `text`: no markup, table cell, link, mention or reference.

    A zero-width space is what keeps `@name`, `#1` and `https://` from becoming links; nothing shorter does so in every
    renderer, because they look for references after Markdown's own escapes are gone.
    """
    shown = _MARKDOWN.sub(r"\\\g<0>", line(text))
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = _MARKDOWN_BLOCK_START.sub(_block_start, shown)
    return _REFERENCE.sub(lambda match: match.group() + _ZERO_WIDTH_SPACE, shown)


def _block_start(match: re.Match[str]) -> str:
    blank, sign, number, after = match.groups()
    return f"{blank}\\{sign}" if sign else f"{blank}{number}\\{after}"


def fence(text: str, language: str = "text") -> str:
    """A fenced Markdown block of `text` that no line of `text` can close. `language` is ours, never foreign."""
    shown = _MARKER.sub(r"<\\!--", visible(text))
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{shown}\n{ticks}"


def html(text: str) -> str:
    """`text` as HTML character data, also between quotes."""
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _as_entities(shown.replace('"', "&quot;").replace("'", "&#39;"))


def xml(text: str) -> str:
    """`text` as XML 1.0 character data; what XML forbids is spelt out, and `]]>` cannot occur."""
    shown = visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _as_entities(shown)


def xml_attribute(text: str) -> str:
    """`text` as the value of a double-quoted XML attribute; newlines and tabs survive attribute normalisation."""
    return xml(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def _as_entities(shown: str) -> str:
    """Runner commands broken by entities, which leave the value as it was."""
    shown = _LINE_COMMAND.sub(r"\1&#58;", shown)
    return _INLINE_COMMAND.sub(r"##\1&#91;", shown)


def json_document(serialised: str) -> str:
    """A serialised JSON document of the same value, safe on a terminal, in a log and as UTF-8.

    JSON's own escapes do it: hostile characters and the bracket of a runner's command become `\\uXXXX`.
    """
    shown = HIDDEN.sub(_json_escape, serialised)
    return _INLINE_COMMAND.sub(r"##\1\\u005b", shown)


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
