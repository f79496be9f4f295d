"""What an assertion sees, asks and says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from promptctl.model.prompt import Json, Prompt
from promptctl.model.run import Completion, Execution, Request, ToolCall
from promptctl.model.target import Target


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer together with its case: all an assertion may look at.

    latency_s in seconds; cost_usd None where unknown. received_at: ISO 8601, when the answer came, so that what is
    judged by its age is judged alike in every replay. count_tokens is the world handed in (offline, an estimate by the
    model's tokenizer); None where the caller has none. instructions: the rendered system and developer messages of the
    request; conversation: its other messages. Both are empty where nobody knows what was asked. retrieved: False where a
    system under test was asked and gave no context: `context` is then at most what the case handed to it.
    """

    output: str
    tool_calls: tuple[ToolCall, ...] = ()
    finish_reason: str | None = None
    model: str | None = None
    cost_usd: float | None = None
    latency_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    input: Mapping[str, Json] = field(default_factory=dict)
    expected_output: Json = None
    context: tuple[Json, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Json] = field(default_factory=dict)
    tools: tuple[Mapping[str, Json], ...] = ()
    received_at: str | None = None
    instructions: str = ""
    conversation: str = ""
    retrieved: bool = True
    count_tokens: Callable[[str], int] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Score:
    """What an assertion says: passed, a score in 0..1, and the reason in one sentence.

    detail: facts behind it as plain JSON, under names that the assertion's docstring gives; kept in the run document.
    """

    passed: bool
    score: float
    reason: str
    detail: Mapping[str, Json] = field(default_factory=dict)


Ask = Request | Execution
Reply = Completion | Json  # a Completion for a Request, a JSON value for an Execution


class Complete(Protocol):
    """Answers one request for one sample. Raises CallFailed."""

    def __call__(self, request: Request, sample: int) -> Awaitable[Completion]: ...


class Execute(Protocol):
    """Runs one execution and returns the JSON value it gave. Raises AssertionBroken."""

    def __call__(self, execution: Execution) -> Awaitable[Json]: ...


class Stop(Protocol):
    """Whether no further samples of (prompt, case) are needed; asked before each is begun."""

    def __call__(self, prompt: str, case: str) -> bool: ...


def own_endpoint(_model: str) -> str | None:
    """Every model is asked at its provider's own address."""
    return None


def no_address(_target: Target) -> str | None:
    """Nothing is known of where a target is."""
    return None


def takes_no_schema(_model: str) -> bool:
    """Nothing is known of any model's structured output."""
    return False


@dataclass(frozen=True, slots=True)
class Numbers:
    """What is known of numbers, handed in.

    check_digits: whether a number is valid as a kind ("iban", "luhn", "es.dni"). phone: (text, region or None) to the
    E.164 form of a telephone number that a person may have, or None.
    """

    check_digits: Callable[[str, str], bool]
    phone: Callable[[str, str | None], str | None]


@dataclass(frozen=True, slots=True)
class Bench:
    """What binding an assertion may need from the project.

    read: a root-relative path to the bytes of that file at the revision under test; raises InputError.
    judges: judge prompts by name. default_judge: name of the judge used by `rubric:`, or None.
    allow_exec: False under --no-exec; `python` and `command` assertions are then ERROR.
    endpoint: a model's configured api_base, or None for the provider's own; part of a judge's request.
    target_endpoint: what Request.endpoint holds for a target: its URL, or the digest of its code at that revision; raises
    InputError.
    takes_schema: whether a model is known to answer by a JSON Schema (structured output).
    numbers: who can tell a card, an account, an id or a telephone number; None where nobody can, and `pii` is ERROR.
    """

    read: Callable[[str], bytes]
    judges: Mapping[str, Prompt] = field(default_factory=dict)
    default_judge: str | None = None
    allow_exec: bool = True
    endpoint: Callable[[str], str | None] = own_endpoint
    target_endpoint: Callable[[Target], str | None] = no_address
    takes_schema: Callable[[str], bool] = takes_no_schema
    numbers: Numbers | None = None
