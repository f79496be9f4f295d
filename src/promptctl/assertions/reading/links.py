"""The links of a text: where each leads, as a browser would follow it.

Found are Markdown's links, pictures, references and `<...>`, the attributes of HTML that load or lead somewhere, and bare
addresses: whatever has a `://`, and `www.` (GitHub Flavored Markdown's autolinks). A bare `host.example` without either is
no link there, and none here. Where browsers and parsers disagree about the host (backslashes, two @, controls), nobody is
right: such a link has no host.

An answer may be hostile and long: every pattern here ends at what begins its next match, so that no place is read often.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import unquote, urlsplit

from promptctl.assertions.reading.hosts import host_form

# A look ahead: what reads like a destination may hold another link. Within <> a bare < ends it (CommonMark 0.31, 6.3).
_DESTINATION = re.compile(r"(?=(\]\(\s*(?:<((?:\\.|[^<>\n\\])*+)>|([^\s()]*(?:\([^\s()]*\)[^\s()]*)*))))")
# A definition may stand in quotes and lists, and its label on two lines (CommonMark 0.31, 4.7).
_REFERENCE = re.compile(
    r"(?m)^(?:[ \t>*+-]|\d{1,9}[.)])*+\[(?:\\[\[\]\\]|[^\[\]])++\]:[ \t]*(?:\n[ \t>]*)?(?:<((?:\\.|[^<>\n\\])*+)>|(\S+))"
)
_ANGLES = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*)>")
_ATTRIBUTE = re.compile(
    r"(?i)[\s\"'/](href|src|srcset|action|formaction|background|poster|cite|data|ping|longdesc|manifest|xlink:href|content"
    r"|codebase)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"
)
_CSS = re.compile(r"(?i)(?:\burl\(\s*[\"']?|@import\s+[\"'])([^\"')\s]+)")
_REFRESH = re.compile(r"(?i)\burl\s*=\s*[\"']?([^\"'\s>]+)")
_BARE = re.compile(r"(?:[A-Za-z0-9+.-]{1,40}:[/\\]{2}|(?<![A-Za-z0-9./@-])www\d{0,3}[.\[])(?=[^\s<>\"`|^{}])")
_REST = re.compile(r"[^\s<>\"`|^{}]*")
_KNOWN = re.compile(r"(?i)(?:https?|hxxps?|wss?|ftp)\Z")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_IGNORED = re.compile("[\t\n\r]")  # what browsers drop inside of a URL (WHATWG URL, 4.4)
_EDGES = "".join(chr(code) for code in range(0x21)) + "\u00a0"
_TAIL = ".,;:!?'\"*_~)]}>。，、；：！？）】」』》”’"
_OWNED = ("'s", "’s")
_DEFANGED = re.compile(r"(?i)\[\.\]|\(\.\)|\[dot\]|\(dot\)|\{\.\}")
_FANGS = {"hxxp": "http", "hxxps": "https"}
_NOWHERE = frozenset({"tel", "sms"})
_RUN = frozenset({"javascript", "data", "vbscript", "file", "blob", "filesystem", "view-source"})
_LOADED = frozenset({"src", "srcset", "background", "poster", "data", "manifest", "ping"})
_LEADS = re.compile(r"(?i):|&|[/\\]{2}|www")  # what no destination elsewhere is without
LONGEST_AUTHORITY = 2048  # characters of the host with what stands around it; more is as if there was none
_PATH = re.compile(r"[/?#\\]")  # ends the authority of a URL
_BRACKET = re.compile(r"[\[\]]")


@dataclass(frozen=True, slots=True)
class Link:
    """A link. url: as it is written. host: as hosts are compared; None where it has none, or nobody can tell.

    port: as written, or None. loaded: fetched without a click. carries: has a query, which can hold what the answer knows.
    """

    url: str
    host: str | None
    port: int | None = None
    loaded: bool = False
    carries: bool = False


def links(text: str) -> tuple[Link, ...]:
    """Every link of a text that leads to a host, or to something a browser runs. The same link twice is one.

    Left out is what leads nowhere else: relative paths, fragments, `tel:` and `sms:`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: dict[str, Link] = {}
    for version in dict.fromkeys((text, html.unescape(text))):
        for url, loaded in _written(version):
            link = _read(url, loaded=loaded)
            if link is not None and (link.loaded or link.url not in found):
                found[link.url] = link
    return tuple(found.values())


def _written(text: str) -> Iterator[tuple[str, bool]]:
    """Everything that is written where a link can stand, and whether it is fetched at once."""
    taken: list[tuple[int, int]] = []
    pictures = _pictures(text)
    for found in _DESTINATION.finditer(text):
        url = found[2] or found[3] or ""
        if _LEADS.search(url) and _read(url, loaded=False) is not None:
            taken.append(found.span(1))
            yield url, found.start() in pictures
    for found in _REFERENCE.finditer(text):
        yield found[1] or found[2] or "", False
    for found in _ANGLES.finditer(text):
        yield found[1], False
    for found in _ATTRIBUTE.finditer(text):
        yield from _attribute(found[1].lower(), found[2] or found[3] or found[4] or "")
    for found in _CSS.finditer(text):
        yield found[1], True
    yield from _bare(_without(text, taken))


def _pictures(text: str) -> frozenset[int]:
    """Where the labels of pictures end: the place of the `]` whose `[` has a `!` before it."""
    found, opened = set[int](), list[int]()
    for bracket in _BRACKET.finditer(text):
        at = bracket.start()
        if bracket.group() == "[":
            opened.append(at)
        elif opened:
            start = opened.pop()
            if start and text[start - 1] == "!":
                found.add(at)
    return frozenset(found)


def _attribute(name: str, value: str) -> Iterator[tuple[str, bool]]:
    if name == "srcset":
        yield from ((part.split()[0], True) for part in value.split(",") if part.split())
    elif name == "content":
        yield from ((one, True) for one in _REFRESH.findall(value))
    else:
        yield value, name in _LOADED


def _without(text: str, taken: list[tuple[int, int]]) -> str:
    """The text with blanks in the given places."""
    pieces, done = [], 0
    for start, end in taken:
        pieces += [text[done:start], " "]
        done = max(done, end)
    return "".join((*pieces, text[done:]))


def _bare(text: str) -> Iterator[tuple[str, bool]]:
    """The bare addresses. Each ends where the next begins, so that a row of them is read once."""
    last = (len(text), len(text))
    for (start, path), following in pairwise((*_beginnings(text), last)):
        rest = _REST.match(text, path, following[0])
        end = rest.end() if rest else path
        if end == following[0] and text[end - 1] not in ",;" and _PATH.search(text, path, end) is None:
            end = following[1]  # `https://acme.news://`: what looks like a beginning is still of the host
        yield _without_tail(text[start:end]), False


def _beginnings(text: str) -> Iterator[tuple[int, int]]:
    """Where a bare address begins, and where what follows its `://` or `www.` does."""
    for found in _BARE.finditer(text):
        start = found.start()
        head = found.group()
        colon = head.find(":")
        if colon >= 0:
            known = _KNOWN.search(head[:colon])
            start += known.start() if known else 0
            if text[max(0, start - 1) : start] in ("=", "/"):
                continue  # a parameter or a path of the link around it
        yield start, found.end()


def _without_tail(url: str) -> str:
    """A bare address without the marks of the sentence around it."""
    kept = url.rstrip(_TAIL)
    return kept[:-2] if kept.endswith(_OWNED) else kept


def _read(url: str, *, loaded: bool) -> Link | None:
    """The link that a destination is; None where it leads nowhere else."""
    clean = _IGNORED.sub("", url).strip(_EDGES)
    plain = _DEFANGED.sub(".", clean)
    found = _SCHEME.match(plain)
    scheme = found[1].lower() if found else ""
    scheme = _FANGS.get(scheme, scheme)
    rest = plain[found.end() :] if found else plain
    if re.match(r"(?i)www\d{0,3}\.", plain):
        scheme, rest = "http", f"//{plain}"
    slashes = rest[:2].replace("\\", "/") == "//"
    if scheme in _NOWHERE or (not scheme and not slashes):
        return None
    if scheme == "mailto":
        return _mail(clean, rest, loaded=loaded)
    if not slashes and scheme not in _RUN and re.search(r"\s", plain):
        return None  # `data="Note: this"` is a text
    if not slashes or "\\" in rest or scheme in _RUN:
        return Link(clean, None, loaded=loaded, carries="?" in rest)
    return _addressed(clean, rest[2:], loaded=loaded)


def _addressed(url: str, rest: str, *, loaded: bool) -> Link:
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    carries = "?" in rest.partition("#")[0]
    crowded = len(authority) > LONGEST_AUTHORITY or authority.count("@") > 1
    if crowded or not authority.isprintable():
        return Link(url, None, loaded=loaded, carries=carries)
    try:
        parts = urlsplit(f"https://{authority}")
        host, port = host_form(parts.hostname or ""), parts.port
    except ValueError:
        host, port = None, None
    return Link(url, host, port, loaded, carries)


def _mail(url: str, rest: str, *, loaded: bool) -> Link:
    """A letter goes to its address's host; one to several addresses goes to nobody that could be allowed."""
    to, _, query = rest.partition("?")
    address = unquote(to)
    several = "," in address or address.count("@") != 1 or re.search(r"(?i)(?:^|&)(?:to|cc|bcc)=", query)
    host = None if several else host_form(address.rpartition("@")[2])
    return Link(url, host, loaded=loaded, carries=bool(query))
