"""The normal form of a prompt or a golden set: the text that git shows and compares in place of the file.

A heading in brackets begins each part and stands in the first column. Under it, a line of a text begins with `| `; its
further sentences follow on lines of their own, so that a changed word is one changed line and a line break that the
model sees stays visible. Everything else is one `key: value` a line, indented, in the order of the keys.

The form depends on nothing but the file's own text (git keeps it by blob id), so includes are not followed and a name
that stands only in the path is not shown. What is not understood as a prompt or a golden set has no normal form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from promptctl.model.errors import InputError
from promptctl.model.prompt import Json
from promptctl.model.source import Blob
from promptctl.text.assertion_spec import SHARED
from promptctl.text.canonical import canonical
from promptctl.text.golden_case import CASE_KEYS
from promptctl.text.golden_table import csv_cases, jsonl_cases
from promptctl.text.messages import DEFAULT_USER_PROMPT, THREE_FIELDS
from promptctl.text.template import undeclared
from promptctl.text.yaml import load

NORMAL_FORM = 1
"""Counts up when the same file begins to give another form, so that nobody is shown an old one."""

_HEAD_KEYS = ("name", "version", "model", "fallbacks", "description", "owner", "golden", "tags", "eval_score",
              "created_at", "author")  # fmt: skip
_PARTS = ("parameters", "output", "retrieval", "limits", "metadata")
_AFTER = ("retrieval", "limits", "metadata")
_CASE_ORDER = tuple(key for key in CASE_KEYS if key != "id")
# A sentence ends at its mark and what closes a quotation or bracket, before blanks and what can begin another.
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’»)\]*_`]* +(?=[^\sa-z])|(?<=[。！？])(?=[^\s」』）])")
_JSON_WORD = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z|true\Z|false\Z|null\Z|[\"\[{]")


def normal_form(blob: Blob) -> str | None:
    """The normal form of a prompt, a judge or a golden set; None where the file is none of them or cannot be read."""
    try:
        lines = list(_lines(blob))
    except (InputError, RecursionError):
        return None
    return "\n".join(lines).strip("\n") + "\n" if lines else None


def _lines(blob: Blob) -> Iterator[str]:
    tables = {".jsonl": jsonl_cases, ".csv": csv_cases}
    read = tables.get(PurePosixPath(blob.path).suffix.lower())
    if read is not None:
        items, _ = read(blob)
        if all(isinstance(item, dict) and "id" in item for item in items):
            yield from _golden({"cases": items})
        return
    value = load(blob).value
    if not isinstance(value, dict):
        return
    if isinstance(value.get("cases"), list):
        yield from _golden(value)
    elif isinstance(value.get("model"), str) and any(key in value for key in (*THREE_FIELDS, "messages")):
        yield from _prompt(value)


def _prompt(value: Mapping[str, Json]) -> Iterator[str]:
    yield "[prompt]"
    for key in _HEAD_KEYS:
        if value.get(key) is not None:
            yield from entry(key, value[key])
    known = {*_HEAD_KEYS, *_PARTS, *THREE_FIELDS, "messages", "inputs", "tools"}
    for key in sorted(set(value) - known):
        yield from entry(key, value[key])
    yield from _part("parameters", value.get("parameters"))
    messages = list(_messages(value))
    yield from _inputs(value, messages)
    for heading, content, extra in messages:
        yield from ("", f"[{heading}]")
        if content is not None:
            yield from text_lines(content)
        for key in sorted(extra):
            yield from entry(key, extra[key])
    output = value.get("output")
    if isinstance(output, dict) and "schema" in output:
        output = {"format": "json"} | output
    for heading, part in (("output", output), *((key, value.get(key)) for key in _AFTER)):
        yield from _part(heading, part)
    yield from _tools(value.get("tools"))


def _part(heading: str, value: Json) -> Iterator[str]:
    if value not in (None, {}, []):
        yield from ("", f"[{heading}]")
        yield from leaves("", value)


def _inputs(value: Mapping[str, Json], messages: list[tuple[str, Json, Mapping[str, Json]]]) -> Iterator[str]:
    inputs = value.get("inputs")
    if inputs is None:
        inputs = {name: {} for name in sorted(_used(messages))}
    if not isinstance(inputs, dict):
        yield from _part("inputs", inputs)
        return
    for name in sorted(inputs):
        schema = {} if inputs[name] is None else inputs[name]
        yield from ("", f"[input {_one_line(name)}]")
        if isinstance(schema, dict) and "default" not in schema:
            yield "  required: true"
        if schema != {}:
            yield from leaves("", schema)


def _used(messages: list[tuple[str, Json, Mapping[str, Json]]]) -> frozenset[str]:
    names: frozenset[str] = frozenset()
    for heading, content, _ in messages:
        if isinstance(content, str) and not heading.startswith("example"):
            try:
                names |= undeclared(content)
            except InputError:
                continue
    return names


def _messages(value: Mapping[str, Json]) -> Iterator[tuple[str, Json, Mapping[str, Json]]]:
    """Every message: its heading, its content, its other keys."""
    written = value.get("messages")
    if isinstance(written, list):
        for item in written:
            if isinstance(item, dict):
                rest = {key: part for key, part in item.items() if key not in ("role", "content")}
                content = item.get("content")
                yield _one_line(str(item.get("role"))), _dropped(content), rest
            else:
                yield "message", canonical(item), {}
        return
    if value.get("system_prompt") is not None:
        yield "system", _dropped(value["system_prompt"]), {}
    examples = value.get("few_shot_examples")
    for number, item in enumerate(examples if isinstance(examples, list) else [], start=1):
        turns = item if isinstance(item, dict) else {"?": item}
        for role, content in turns.items():
            yield f"example {number}, {_one_line(role)}", content, {}
    user = value.get("user_prompt")
    yield "user", _dropped(DEFAULT_USER_PROMPT if user is None else user), {}


def _dropped(content: Json) -> Json:
    """A template without the one trailing newline that rendering drops."""
    return content.removesuffix("\n") if isinstance(content, str) else content


def _tools(tools: Json) -> Iterator[str]:
    for number, tool in enumerate(tools if isinstance(tools, list) else [], start=1):
        function = tool.get("function") if isinstance(tool, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        yield from _part(f"tool {_one_line(str(name or number))}", tool if function is None else function)


def _golden(value: Mapping[str, Json]) -> Iterator[str]:
    head = {key: part for key, part in value.items() if key not in ("cases", "defaults")}
    if head:
        yield "[golden set]"
        yield from leaves("", head)
    defaults = value.get("defaults")
    if isinstance(defaults, dict) and defaults:
        yield from ("", "[defaults]")
        yield from _case(defaults)
    for number, case in enumerate(value["cases"], start=1):
        if not isinstance(case, dict):
            yield from ("", f"[case {number}]", f"  {canonical(case)}")
            continue
        yield from ("", f"[case {_one_line(str(case.get('id', number)))}]")
        yield from _case(case)


def _case(case: Mapping[str, Json]) -> Iterator[str]:
    for key in (*_CASE_ORDER, *sorted(set(case) - set(CASE_KEYS))):
        value = case.get(key)
        if value is None:
            continue
        if key == "assertions" and isinstance(value, list):
            for item in value:
                yield from _assertion(item)
        elif key == "tags" and isinstance(value, list) and value:
            yield f"  tags: {', '.join(scalar(tag) for tag in value)}"
        else:
            yield from entry(key, value)


def _assertion(item: Json) -> Iterator[str]:
    """`assert NAME: VALUE`, both spellings alike; what stands beside the name follows."""
    if isinstance(item, str):
        yield f"  assert {_one_line(item)}"
        return
    if not isinstance(item, dict):
        yield f"  assert {canonical(item)}"
        return
    if isinstance(item.get("type"), str):
        name, rest = item["type"], {key: value for key, value in item.items() if key not in ("type", *SHARED)}
        value = rest.get("value") if set(rest) <= {"value"} else rest
    else:
        name = next((key for key in item if key not in SHARED), "?")
        value = item.get(name)
    shared = {key: item[key] for key in SHARED if key in item and key != name}
    if value is None:
        yield f"  assert {_one_line(name)}"
    else:
        yield from entry(f"assert {_one_line(name)}", value)
    for key in sorted(shared):
        yield f"    {key}: {scalar(shared[key])}"


def entry(key: str, value: Json, indent: str = "  ") -> Iterator[str]:
    """`key: value`; a text of several lines or sentences stands below its key."""
    if isinstance(value, str) and len(pieces := list(text_lines(value))) > 1:
        yield f"{indent}{key}:"
        yield from (f"{indent}  {piece}" for piece in pieces)
    elif isinstance(value, dict | list) and value:
        yield from leaves(key, value, indent)
    else:
        yield f"{indent}{key}: {scalar(value)}"


def leaves(at: str, value: Json, indent: str = "  ") -> Iterator[str]:
    """Every leaf of a JSON value as `path: value`, keys in order, `[]` for each item of a list of scalars."""
    if isinstance(value, dict) and value:
        for key in sorted(value):
            name = _one_line(key)
            yield from entry(f"{at}.{name}" if at else name, value[key], indent)
    elif isinstance(value, list) and value:
        nested = any(isinstance(item, dict | list) for item in value)
        for number, item in enumerate(value):
            yield from entry(f"{at}[{number if nested else ''}]", item, indent)
    else:
        yield f"{indent}{at}: {scalar(value)}" if at else f"{indent}{scalar(value)}"


def text_lines(text: Json) -> Iterator[str]:
    """A text with every sentence on a line of its own; only the first of each of the text's lines begins with `| `.

    Nothing of the text is lost but the one blank between two sentences of a line.
    """
    if not isinstance(text, str):
        yield f"| {canonical(text)}"
        return
    for line in text.split("\n"):
        mark = "| "
        for sentence in _sentences(line):
            yield f"{mark}{sentence}" if sentence else "|"
            mark = "  "


def _sentences(line: str) -> Iterator[str]:
    start = 0
    for found in _SENTENCE_END.finditer(line):
        end = found.end()
        if not line[start : found.start()].strip(" \t0123456789.#*-"):
            continue  # `1. First`: the number of a list is no sentence
        yield line[start:end].removesuffix(" ")
        start = end
    yield line[start:]


def scalar(value: Json) -> str:
    """A JSON value on one line: text bare where nobody can take it for anything else, else as JSON."""
    if isinstance(value, str) and value.strip() == value and value and not _JSON_WORD.match(value):
        return value if _one_line(value) == value else json.dumps(value, ensure_ascii=False)
    return canonical(value)


def _one_line(text: str) -> str:
    """`text` with its line breaks and other controls written as JSON escapes."""
    return text if text.isprintable() else json.dumps(text, ensure_ascii=False)[1:-1]
