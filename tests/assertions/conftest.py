"""Assertions as a user writes them, read and bound the way an evaluation does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from promptctl.assertions.engine import Bound, bind
from promptctl.cli.numbers import NUMBERS
from promptctl.model.answer import Answer, Bench
from promptctl.model.errors import InputError, Problem
from promptctl.model.golden import AssertionSpec, Case
from promptctl.model.judge import Scale
from promptctl.model.prompt import Input, Message, Prompt
from promptctl.model.run import ToolCall
from promptctl.model.source import Blob, Source
from promptctl.text.golden import parse_golden

SOURCE = Source("golden/set.yaml")

JUDGE = Prompt(
    name="fair",
    version="1.0.0",
    model="scripted/judge.yaml",
    messages=(Message("user", "{{ rubric }}\n---\n{{ output }}", template=True),),
    inputs=(Input("rubric", {"type": "string"}), Input("output", {"type": "string"})),
    source=Source("judges/fair.yaml"),
    digest="0" * 64,
)

FILES = {
    "checks/tone.py": b"def polite(output, context):\n    return True\n",
    "checks/spelling": b"#!/bin/sh\necho true\n",
    "schemas/answer.json": b'{"type": "object", "required": ["a"], "$ref": "part.json"}',
    "schemas/part.json": b'{"properties": {"a": {"type": "integer"}}}',
    "schemas/broken.json": b'{"type": "objekt"}',
}


def read(path: str) -> bytes:
    """A repository in memory."""
    if path.startswith(".."):
        raise InputError(Problem("leads out of the project", path=path))
    if path not in FILES:
        raise InputError(Problem("there is no such file", path=path))
    return FILES[path]


TEXT = {"type": "string"}
COMPARE = replace(
    JUDGE,
    name="compare",
    scale=Scale("pairwise"),
    messages=(Message("user", "A: {{ first }}\nB: {{ second }}", template=True),),
    inputs=(Input("first", TEXT), Input("second", TEXT)),
    source=Source("judges/compare.yaml"),
)
SUPPORT = replace(
    JUDGE,
    name="support",
    scale=Scale("claims"),
    messages=(Message("user", "{{ output }}\n---\n{{ context }}", template=True),),
    inputs=(Input("output", TEXT), Input("context", {"type": "array"})),
    source=Source("judges/support.yaml"),
)
LOOKS_AT = {
    "faithfulness": ("output", "context"),
    "answer-relevance": ("question", "output"),
    "context-precision": ("question", "context"),
    "context-recall": ("expected_output", "context"),
}


def of_claims(name: str, *seen: str) -> Prompt:
    """A judge of claims that looks at these."""
    messages = (Message("user", "\n---\n".join(f"{{{{ {one} }}}}" for one in seen), template=True),)
    inputs = tuple(Input(one, {"type": "array"} if one == "context" else TEXT) for one in seen)
    return replace(SUPPORT, name=name, messages=messages, inputs=inputs, source=Source(f"judges/{name}.yaml"))


CLAIMS = {name: of_claims(name, *seen) for name, seen in LOOKS_AT.items()}
STRICT, MILD = (replace(JUDGE, name=name, source=Source(f"judges/{name}.yaml")) for name in ("strict", "mild"))
JUDGES = {one.name: one for one in (JUDGE, STRICT, MILD, COMPARE, SUPPORT)}
BENCH = Bench(read=read, judges=JUDGES | CLAIMS, default_judge="fair", numbers=NUMBERS)


def case_of(entries: Sequence[Mapping[str, Any]], expected: Any = None) -> Case:
    """A case with these assertions, read from YAML (which JSON is)."""
    case = {"id": "one", "input": {"question": "why?"}, "assertions": list(entries)}
    if expected is not None:
        case["expected_output"] = expected
    text = json.dumps({"prompt": "p", "cases": [case]})
    return parse_golden(Blob("golden/set.yaml", text.encode())).cases[0]


@pytest.fixture
def specs() -> Callable[..., tuple[AssertionSpec, ...]]:
    """Entries as written to their specs."""
    return lambda *entries: case_of(entries).assertions


@pytest.fixture
def bound() -> Callable[..., Bound]:
    """An entry as written to an assertion that can judge; `expected` is the case's expected_output."""

    def make(entry: Mapping[str, Any], *, expected: Any = None, bench: Bench = BENCH) -> Bound:
        case = case_of([entry], expected)
        return bind(case.assertions[0], bench, SOURCE, case)

    return make


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """An answer from its text, or from a mapping of its fields."""

    def make(given: str | Mapping[str, Any], **more: Any) -> Answer:
        fields = {"output": given} if isinstance(given, str) else dict(given)
        calls = tuple(ToolCall(**call) for call in fields.pop("tool_calls", ()))
        return replace(Answer(**(fields | more)), tool_calls=calls)

    return make


@pytest.fixture
def bench() -> Bench:
    """The project's judges and files."""
    return BENCH
