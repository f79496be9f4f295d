"""From a request to a run: what was asked, what came back, how it was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from promptctl.model.prompt import Json
from promptctl.model.target import Target


class Outcome(StrEnum):
    """FAIL: the answer is bad. ERROR: it could not be judged. SKIP: it was not looked at."""

    PASS = "pass"
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"


def case_outcome(samples: Sequence[Outcome], *, pass_if: str | int) -> Outcome:
    """What its samples make of a case.

    `pass_if` is "all", "majority", "any" or a number of samples that must pass. A case whose errors leave it open is
    ERROR: it may still have passed.
    """
    if isinstance(pass_if, int):
        needed = pass_if
    else:
        needed = {"all": len(samples), "majority": len(samples) // 2 + 1, "any": 1}[pass_if]
    passes = samples.count(Outcome.PASS)
    if passes >= needed:
        return Outcome.PASS
    # A sample that is not there is no more a pass than one that could not be judged.
    undecided = samples.count(Outcome.ERROR) + max(0, needed - len(samples))
    return Outcome.ERROR if passes + undecided >= needed else Outcome.FAIL


class Source(StrEnum):
    """Where a completion came from."""

    LIVE = "live"
    CACHED = "cached"
    RECORDED = "recorded"
    GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Request:
    """The canonical request handed to the adapter.

    kind: "chat", "embedding" or "moderation" (then `texts` is what to embed or to moderate, and messages is empty), or
    "target" (then `target` is the system under test and `payload` what it is handed).
    body parameters are OpenAI / litellm argument names, tools and response_format included in `parameters`.
    endpoint: the configured api_base, or None for the provider's own; of a target its URL, or `sha256:` of its code.
    digest: sha256 of all of this (of a target without what only bounds an answer: time and money) plus
    a format version; it is the key of cache and recordings, together with the sample's number.
    """

    model: str
    messages: tuple[Mapping[str, Json], ...]
    digest: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    kind: str = "chat"
    texts: tuple[str, ...] = ()
    endpoint: str | None = None
    payload: Mapping[str, Json] = field(default_factory=dict)
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Execution:
    """A piece of the repository's code to run in a worker: `python` file.py:function or `command` argv.

    payload is the JSON object handed over, to a python function as one argument where `whole`, else as `output` and
    `context`; timeout in seconds.
    """

    kind: str
    target: str | tuple[str, ...]
    payload: Mapping[str, Json]
    timeout_s: float = 30.0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call of the model. `arguments` is the JSON text as the model wrote it."""

    name: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer, as the provider gave it.

    model: as reported by the provider, None where it reports none. cost_usd: None where no price is known,
    never 0 for unknown. cached_tokens: read from the provider's prefix cache. latency_s and
    first_token_s: seconds, our clock; a cached or recorded answer keeps the live one's.
    embeddings: for embedding requests only.
    """

    output: str
    tool_calls: tuple[ToolCall, ...] = ()
    model: str | None = None
    finish_reason: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    latency_s: float | None = None
    first_token_s: float | None = None
    source: Source = Source.LIVE
    attempts: int = 1
    fallback: bool = False
    embeddings: tuple[tuple[float, ...], ...] = ()
    context: tuple[Json, ...] | None = None
    received_at: str | None = None


@dataclass(frozen=True, slots=True)
class AssertionResult:
    """How one assertion judged one answer. score is None where the outcome is ERROR or SKIP.

    detail: the facts behind it, as its Score gave them.
    """

    type: str
    outcome: Outcome
    score: float | None
    reason: str
    digest: str
    name: str | None = None
    threshold: float | None = None
    weight: float = 1.0
    required: bool = False
    children: tuple[AssertionResult, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    detail: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call an assertion made (a judge, an embedding): its digest, cost and origin.

    output: the text that came back, whatever was made of it; None where there is none, as of an embedding.
    """

    request_digest: str
    model: str
    cost_usd: float | None
    input_tokens: int | None
    output_tokens: int | None
    source: Source
    output: str | None = None


@dataclass(frozen=True, slots=True)
class SampleResult:
    """One sample of one case, judged. `error` is the text of what kept it from an answer.

    pass_if is the case's: "all" | "majority" | "any" or a number of samples, so that a stored run can still tell
    which cases passed. cluster is the case's: the name of those it stands or falls together with, or None.
    prompt_digest: of the prompt that was asked; None in documents of before it was kept. threshold: the case's, that
    its weighted mean score has to reach; None where every assertion decides.
    """

    prompt: str
    case: str
    case_digest: str
    request_digest: str | None
    sample: int
    tags: tuple[str, ...]
    outcome: Outcome
    score: float | None
    error: str | None
    assertions: tuple[AssertionResult, ...]
    completion: Completion | None
    error_kind: str | None = None
    pass_if: str | int = "all"
    cluster: str | None = None
    prompt_digest: str | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Latency:
    """Quantiles of live latency in seconds."""

    p50: float | None = None
    p95: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of cases, money, tokens and time over a set of results. Absence is None, never 0."""

    cases: int
    samples: int
    passed: int
    failed: int
    errored: int
    pass_rate: float | None
    pass_rate_interval: tuple[float, float] | None
    metrics: Mapping[str, Json] = field(default_factory=dict)
    cost_usd: float | None = None
    judge_cost_usd: float | None = None
    unpriced: tuple[str, ...] = ()
    input_tokens: int | None = None
    output_tokens: int | None = None
    latency_s: Latency = Latency()
    completions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PromptRun:
    """What was run of one prompt."""

    name: str
    version: str | None
    path: str
    model: str
    prompt_digest: str
    golden_digest: str
    summary: Summary


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where and when a run was made. litellm is None where it was not imported."""

    promptctl: str
    litellm: str | None
    commit: str | None
    dirty: bool
    started_at: str
    duration_s: float
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation. status: complete | interrupted | partial."""

    id: str
    status: str
    provenance: Provenance
    summary: Summary
    prompts: tuple[PromptRun, ...]
    results: tuple[SampleResult, ...]
    notes: tuple[str, ...] = ()
