"""A prompt: everything a prompt file says, checked and normalised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from promptctl.model.judge import Scale
from promptctl.model.source import Source
from promptctl.model.target import Target

Json = Any  # a JSON value: None, bool, int, float, str, list, dict


@dataclass(frozen=True, slots=True)
class Input:
    """A variable a prompt takes. `schema` is a JSON Schema; `default` counts only when not `required`."""

    name: str
    schema: Mapping[str, Json]
    required: bool = True
    default: Json = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt or of a case's history.

    template: whether `content` is a Jinja2 template; few-shot examples and history are literal.
    extra: other keys of the message that go on the wire as they are (tool_calls, tool_call_id, name).
    """

    role: str
    content: str | None
    template: bool = False
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a prompt may cost: tokens of the rendered prompt, USD per call, p95 latency in seconds."""

    prompt_tokens: int | None = None
    cost_usd_per_call: float | None = None
    latency_s_p95: float | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt file, version resolved.

    includes: the text of every included file by root-relative path, so that a Prompt is complete.
    golden: root-relative path as written in the file, or None (the golden set of the same stem is used).
    version: None where the file gives none (lint reports it).
    document: the parsed mapping as written, for lint and diff.
    digest: sha256 (hex) of the canonical form of everything that can reach the wire.
    scale, rubric, threshold: of a judge alone: how it says how good an answer is, the rubric where an assertion gives
    none, and the least score that passes, on the scale (as a share of 0..1 where the scale is no range).
    target: the system that answers in a model's place, None for a model; `model` is then the target's name.
    """

    name: str
    version: str | None
    model: str
    messages: tuple[Message, ...]
    inputs: tuple[Input, ...]
    source: Source
    digest: str
    description: str | None = None
    owner: str | None = None
    fallbacks: tuple[str, ...] = ()
    parameters: Mapping[str, Json] = field(default_factory=dict)
    tools: tuple[Mapping[str, Json], ...] = ()
    output_format: str | None = None
    output_schema: Mapping[str, Json] | None = None
    retrieval: Mapping[str, Json] = field(default_factory=dict)
    golden: str | None = None
    limits: Limits = Limits()
    includes: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Json] = field(default_factory=dict)
    scale: Scale | None = None
    rubric: str | None = None
    threshold: float | None = None
    target: Target | None = None
    document: Mapping[str, Json] = field(default_factory=dict, compare=False, repr=False)
