"""XML in a model's answer, by the standard library's expat; nothing is fetched and no entity is declared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from promptctl.assertions.reading.needles import split

Paths = str | tuple[str, ...]

_MOST_STARTS = 500
_START = re.compile(r"<[A-Za-z_:]")


@dataclass(frozen=True, slots=True)
class Fragment:
    """A well-formed element: the dotted paths of all elements in it, and where it ends, in bytes."""

    paths: frozenset[str]
    end: int


class _EntityError(Exception):
    pass


def paths_of(value: Paths | None) -> tuple[str, ...]:
    """Required elements as dotted paths: a list, or a string read as a line of CSV."""
    if value is None:
        return ()
    return split(value) if isinstance(value, str) else value


def document(text: str) -> Fragment:
    """A whole XML document. Raises ValueError with what is wrong."""
    return _parse(text.encode("utf-8", "replace"), whole=True)


def fragments(text: str) -> Iterator[Fragment]:
    """Every outermost well-formed element that stands in `text`."""
    data = text.encode("utf-8", "replace")
    at = 0
    for _ in range(_MOST_STARTS):
        start = _START.search(data.decode("latin-1"), at)
        if start is None:
            return
        at = start.start()
        try:
            found = _parse(data[at:], whole=False)
        except ValueError:
            at += 1
        else:
            yield found
            at += found.end


def _parse(data: bytes, *, whole: bool) -> Fragment:
    parser = expat.ParserCreate("utf-8")
    trail: list[str] = []
    paths: set[str] = set()
    end = 0

    def opened(name: str, _attributes: object) -> None:
        trail.append(name)
        paths.add(".".join(trail))

    def closed(name: str) -> None:
        nonlocal end
        trail.pop()
        if not trail:
            at = parser.CurrentByteIndex  # of the closing tag; of an empty element, just behind it
            end = data.index(b">", at) + 1 if data.startswith(f"</{name}".encode(), at) else at

    def declared(*_: object) -> None:
        raise _EntityError

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    parser.EntityDeclHandler = declared
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        if whole or not end:
            raise ValueError(f"{expat.ErrorString(error.code)} at line {error.lineno}") from error
    except _EntityError as error:
        raise ValueError("it declares an entity, which is not read") from error
    return Fragment(frozenset(paths), end)
