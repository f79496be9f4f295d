"""JSON as models write it by mistake: comments, single quotes, bare keys, trailing commas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from promptctl.model.errors import InputError
from promptctl.model.prompt import Json
from promptctl.model.source import Blob
from promptctl.text import yaml

_MOST_STARTS = 200
# A string is matched as a whole, so that the // and # in it are not taken for comments.
_PIECE = re.compile(r""""(?:\\.|[^"\\])*"|'(?:''|[^'])*'|(?P<comment>//[^\n]*|/\*.*?\*/|(?<=\s)#[^\n]*)""", re.DOTALL)


def lenient_objects(text: str) -> Iterator[Json]:
    """Every outermost `{...}` in `text` that reads as a flow mapping of YAML, comments removed."""
    plain = _PIECE.sub(lambda piece: "" if piece["comment"] else piece[0], text)
    at = plain.find("{")
    for _ in range(_MOST_STARTS):
        if at < 0:
            return
        end = _closing(plain, at)
        value = _read(plain[at:end]) if end else None
        if isinstance(value, dict):
            yield value
            at = plain.find("{", end)
        else:
            at = plain.find("{", at + 1)


def _closing(text: str, start: int) -> int:
    """Where the brace that opens at `start` is closed, one past it; 0 where it is not."""
    depth = 0
    for piece in re.finditer(r""""(?:\\.|[^"\\])*"|[{}]""", text[start:], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(piece[0], 0)
        if depth == 0:
            return start + piece.end()
    return 0


def _read(text: str) -> Json:
    try:
        return yaml.load(Blob("answer", text.encode("utf-8", "replace"))).value
    except InputError:
        return None
