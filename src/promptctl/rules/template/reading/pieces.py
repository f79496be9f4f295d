"""A template taken apart: constant text, what is written out, statements; includes followed.

Jinja2's tree knows lines only, and says nothing about what stands around an expression; this scanner knows every
character. It is asked about templates that Jinja2 accepts (or, for includes, might accept).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

_STRING = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
# Every alternative is behind one brace, so that the search leaps from brace to brace.
_TOKEN = re.compile(
    r"\{(?:(?P<comment>#.*?#\})"
    r"|%[-+]?\s*raw\s*[-+]?%\}(?P<raw>.*?)\{%[-+]?\s*endraw\s*[-+]?%\}"
    rf"|\{{(?P<output>(?:[^\"'}}]|{_STRING}|\}}(?!\}}))*)\}}\}}"
    rf"|%(?P<statement>(?:[^\"'%]|{_STRING}|%(?!\}}))*)%\}}"
    r"|(?P<unclosed>[{%#]))",
    re.DOTALL,
)
_STRINGS = re.compile(_STRING, re.DOTALL)
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?!\w|\s*=(?!=))")
_NOT_NAMES = re.compile(r"\|\s*[A-Za-z_]\w*|\bis\s+(?:not\s+)?[A-Za-z_]\w*")
_FOR = re.compile(r"for\s+(?P<targets>[\w\s,()]+?)\s+in\s+(?P<source>.*)", re.DOTALL)
_SET = re.compile(r"set\s+(?P<targets>[\w\s,]+?)\s*=\s*(?P<source>.*)", re.DOTALL)
_INCLUDE = re.compile(r"include\b(?P<what>.*)", re.DOTALL)
_CONSTANT = re.compile(rf"\s*(?:{_STRING})\s*(?:with(?:out)?\s+context\s*)?\Z", re.DOTALL)
_WORDS = frozenset(
    [
        "for",
        "in",
        "if",
        "else",
        "elif",
        "endif",
        "endfor",
        "set",
        "endset",
        "block",
        "endblock",
        "macro",
        "endmacro",
        "call",
        "endcall",
        "filter",
        "endfilter",
        "include",
        "with",
        "without",
        "context",
        "endwith",
        "not",
        "and",
        "or",
        "is",
        "loop",
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "raw",
        "endraw",
        "ignore",
        "missing",
        "recursive",
        "scoped",
        "do",
    ]
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template. kind: "text", "output" or "statement"; comments are left out.

    start, end: where it stands in the template; what came by an include stands where the include does.
    body: the text, or what stands between the marks. names: the outside names that what it holds is made of.
    """

    kind: str
    start: int
    end: int
    body: str
    names: frozenset[str] = frozenset()


def pieces(template: str, includes: Mapping[str, str] | None = None) -> tuple[Piece, ...]:
    """The pieces of a template in their order; `includes` holds the texts of the files it includes."""
    return tuple(_pieces(template, includes, {}, None, 0)) if includes else _alone(template)


def constant_include(piece: Piece) -> str | None:
    """The file that `{% include "file" %}` names, or None where the piece is something else."""
    found = _INCLUDE.match(_said(piece)) if piece.kind == "statement" else None
    named = _STRINGS.search(found["what"]) if found is not None and _CONSTANT.match(found["what"]) else None
    return named[0][1:-1] if named is not None else None


def other_include(piece: Piece) -> bool:
    """Whether the piece reads another file in a way that names none: an expression, a list, an inheritance."""
    if piece.kind != "statement":
        return False
    words = _said(piece).split(maxsplit=1)
    if words and words[0] in {"extends", "import", "from"}:
        return True
    return bool(words) and words[0] == "include" and constant_include(piece) is None


@lru_cache(maxsize=64)
def _alone(template: str) -> tuple[Piece, ...]:
    """The pieces of a template without includes; several rules ask for those of one prompt, one after another."""
    return tuple(_pieces(template, {}, {}, None, 0))


def _pieces(
    template: str,
    includes: Mapping[str, str],
    made_of: dict[str, frozenset[str]],
    place: tuple[int, int] | None,
    depth: int,
) -> Iterator[Piece]:
    """made_of: the template's own variables and the outside names they come from. place: the include's, inside one."""
    position = 0
    for found in _TOKEN.finditer(template):
        if found["unclosed"] is not None:
            break  # Jinja2 refuses the template here; to look on would cost the square of its length
        if found.start() > position:
            yield _piece("text", (position, found.start()), place, template[position : found.start()])
        position = found.end()
        if found["raw"] is not None:
            yield _piece("text", found.span(), place, found["raw"])
        elif found["output"] is not None:
            names = _resolved(found["output"], made_of)
            yield _piece("output", found.span(), place, found["output"], names)
        elif found["statement"] is not None:
            piece = _statement(found, made_of, place)
            yield piece
            name = constant_include(piece)
            if name is not None and name in includes and depth < 20:
                yield from _pieces(includes[name], includes, made_of, (piece.start, piece.end), depth + 1)
    if position < len(template):
        yield _piece("text", (position, len(template)), place, template[position:])


def _piece(
    kind: str, own: tuple[int, int], place: tuple[int, int] | None, body: str, names: frozenset[str] = frozenset()
) -> Piece:
    start, end = place or own
    return Piece(kind, start, end, body, names)


def _statement(found: re.Match[str], made_of: dict[str, frozenset[str]], place: tuple[int, int] | None) -> Piece:
    said = found["statement"].strip("-+ \t\r\n")
    binding = _FOR.match(said) or _SET.match(said)
    names = _resolved(binding["source"] if binding else said, made_of)
    if binding:
        made_of.update(dict.fromkeys(re.findall(r"\w+", binding["targets"]), names))
    return _piece("statement", found.span(), place, found["statement"], names)


def _resolved(expression: str, made_of: Mapping[str, frozenset[str]]) -> frozenset[str]:
    names: set[str] = set()
    plain = _NOT_NAMES.sub(" ", _STRINGS.sub("''", expression))
    for name in _NAME.findall(plain):
        if name not in _WORDS:
            names |= made_of.get(name, frozenset({name}))
    return frozenset(names)


def _said(piece: Piece) -> str:
    return piece.body.strip("-+ \t\r\n")
