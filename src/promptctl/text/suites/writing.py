"""Cases added to the text of a golden set: at the end, in its own format, and nothing else of it changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.source import Blob, NodePath
from promptctl.text.decode import decode
from promptctl.text.entries import NoEditError, Written
from promptctl.text.golden_table import jsonl_cases
from promptctl.text.merging import same
from promptctl.text.suites.made import Made
from promptctl.text.yaml import load

_BARE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
_INDENT = 2


def new_golden(prompt: str, suite: str, made: Sequence[Made]) -> bytes:
    """A golden set in YAML that holds these cases."""
    head = (
        f"# The golden set of {prompt}. Cases of `promptctl golden add-suite {suite}`; add ordinary ones of your own.\n"
    )
    return f"{head}prompt: {_scalar(prompt)}\ncases:\n{yaml_cases(made, column=_INDENT)}\n".encode()


def appended(blob: Blob, made: Sequence[Made]) -> bytes:
    """The file's bytes with the cases at its end. Raises InputError where the file has no safe place for them."""
    suffix = PurePosixPath(blob.path).suffix.lower()
    if suffix == ".csv":
        hint = "write them to a set in YAML or JSONL, which hold history and long texts; --dry-run prints them as YAML"
        raise InputError(Problem("a golden set in CSV has no place for cases like these", blob.path, hint=hint))
    text = _jsonl(blob, made) if suffix == ".jsonl" else _yaml(blob, made)
    data = text.encode()
    try:
        found = _cases(Blob(blob.path, data))
    except InputError:
        found = []
    if not same(found, [*_cases(blob), *(one.case for one in made)]):
        raise _no_place(blob.path)
    return data


def yaml_cases(made: Sequence[Made], *, column: int, newline: str = "\n", gap: int = 2) -> str:
    """The cases as entries of a list whose dashes stand in `column` (0-based), without a line end behind the last.

    gap: how many line ends stand between two of them.
    """
    return (newline * gap).join(newline.join(_entry(one, " " * column)) for one in made)


def _cases(blob: Blob) -> list[Json]:
    if blob.path.lower().endswith(".jsonl"):
        return list(jsonl_cases(blob)[0])
    value = load(blob).value
    found: list[Json] = value["cases"]
    return found


def _jsonl(blob: Blob, made: Sequence[Made]) -> str:
    text = decode(blob)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = "".join(json.dumps(one.case, ensure_ascii=False) + newline for one in made)
    return text + ("" if not text or text.endswith("\n") else newline) + lines


def _yaml(blob: Blob, made: Sequence[Made]) -> str:
    if not blob.data.endswith(b"\n"):  # the place of an end is a line that has to be there
        blob = replace(blob, data=blob.data + b"\n")
    document = load(blob)
    written = Written(blob, document)
    newline = "\r\n" if "\r\n" in written.text else "\n"
    last = ("cases", len(document.value["cases"]) - 1)
    try:
        if written.flow_top(last) is not None:
            return _in_brackets(written, last, made)
        start, end = written.entry(last)
        gap = 2 if f"{newline}{newline}" in written.text[:start] else 1
        more = yaml_cases(made, column=written.column(start), newline=newline, gap=gap)
        return written.text[:end] + newline * gap + more + (written.text[end:] or newline)
    except NoEditError:
        raise _no_place(blob.path) from None


def _in_brackets(written: Written, last: NodePath, made: Sequence[Made]) -> str:
    """Behind the last case, before a comment, a comma or the bracket that may follow it."""
    _, end = written.value_span(last)
    more = ", ".join(json.dumps(one.case, ensure_ascii=False) for one in made)
    return f"{written.text[:end]}, {more}{written.text[end:]}"


def _no_place(path: str) -> InputError:
    message = "the cases cannot be added safely: the file is written in a way that has no place for them"
    hint = "write `cases:` as a list with one dash a case, or copy in what --dry-run prints"
    return InputError(Problem(message, path, hint=hint))


def _entry(made: Made, pad: str) -> Iterator[str]:
    yield f"{pad}# {made.note}"
    first = True
    for key, value in made.case.items():
        lead = f"{pad}- " if first else f"{pad}  "
        first = False
        yield from _field(key, value, lead, f"{pad}  ")


def _field(key: str, value: Json, lead: str, pad: str) -> Iterator[str]:
    name = f"{lead}{_key(key)}:"
    if isinstance(value, str) and _is_block(value):
        yield f"{name} |-"
        yield from (f"{pad}  {line}" if line else "" for line in value.split("\n"))
    elif isinstance(value, dict) and value and _is_long(value):
        yield name
        for inner, part in value.items():
            yield from _field(inner, part, f"{pad}  ", f"{pad}  ")
    elif isinstance(value, list) and value and any(isinstance(one, dict) or _is_long(one) for one in value):
        yield name
        for one in value:
            yield from _item(one, f"{pad}  ")
    else:
        yield f"{name} {_inline(value)}"


def _item(value: Json, pad: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        for number, (key, part) in enumerate(value.items()):
            yield from _field(key, part, f"{pad}{'  ' if number else '- '}", f"{pad}  ")
    elif isinstance(value, str) and _is_block(value):
        yield f"{pad}- |-"
        yield from (f"{pad}  {line}" if line else "" for line in value.split("\n"))
    else:
        yield f"{pad}- {_inline(value)}"


def _is_long(value: Json) -> bool:
    """Whether a value is easier to read on lines of its own."""
    if isinstance(value, dict):
        return any(isinstance(one, str | dict | list) for one in value.values())
    return isinstance(value, str) and (len(value) > 60 or "\n" in value)


def _is_block(text: str) -> bool:
    """Whether a text of several lines can stand as a block: as it is, without escapes."""
    lines = text.split("\n")
    if len(lines) == 1 or not lines[-1].strip() or text[:1].isspace():
        return False
    return all(line.isprintable() and line == line.rstrip() for line in lines)


def _inline(value: Json) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(key)}: {_inline(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    return _scalar(value)


def _key(key: str) -> str:
    return key if _BARE.match(key) else _scalar(key)


def _scalar(value: Json) -> str:
    """A scalar as YAML: bare where it is a plain word, else in quotes with every character that is not printable escaped."""
    if not isinstance(value, str):
        return json.dumps(value, allow_nan=False)
    if _BARE.match(value) and value.lower() not in _WORDS:
        return value
    if '"' in value and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    quoted = json.dumps(value, ensure_ascii=False)
    return "".join(one if one.isprintable() else _escaped(one) for one in quoted)


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
