"""The project's configuration: promptctl.yaml with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from promptctl.model.prompt import Json


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """Limits and endpoint of one litellm provider; None means no limit, or the provider's own."""

    rpm: int | None = None
    tpm: int | None = None
    api_base: str | None = None
    api_key_env: str | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """USD per million tokens."""

    input: float
    output: float
    cached_input: float | None = None


@dataclass(frozen=True, slots=True)
class EvalConfig:
    concurrency: int = 16
    timeout_s: float = 60
    total_timeout_s: float | None = None
    retries: int = 4
    samples: int = 1
    max_cost_usd: float | None = 5
    min_pass_rate: float | None = None
    allow_fallback: bool = False
    stream: bool = False
    judge: str | None = None


MEAN_METRICS = (
    "judge_score", "faithfulness", "answer_relevance", "context_precision", "context_recall", "retrieval_recall",
    "retrieval_precision", "retrieval_mrr", "retrieval_ndcg", "retrieval_average_precision", "refusal_rate",
)  # fmt: skip
RATE_METRICS = (
    "injection_success", "leak_rate", "pii_leak_rate", "tool_misuse_rate", "url_violation_rate", "over_refusal_rate",
    "under_refusal_rate",
)  # fmt: skip
"""The metrics of a run that a gate may bound: means of scores, and rates of what should not happen."""


@dataclass(frozen=True, slots=True)
class MetricBound:
    """What the head's metric may not fall below or exceed, in 0..1; None where that side is open."""

    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class GateConfig:
    rule: str = "evidence"
    max_drop: float = 0.02
    confidence: float = 0.95
    confirm: int = 4
    min_pass_rate: float | None = None
    min_judge_score: float | None = None
    min_tnr: float | None = None
    must_pass: tuple[str, ...] = ("critical",)
    max_cost_increase: float | None = None
    max_latency_p95_increase: float | None = None
    on_inconclusive: str = "warn"
    metrics: Mapping[str, MetricBound] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LintConfig:
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    per_path: Mapping[str, Json] = field(default_factory=dict)
    horizon_days: int = 90


@dataclass(frozen=True, slots=True)
class Config:
    """promptctl.yaml. `path` is None where the project has none and every value is a default."""

    path: str | None = None
    prompts: tuple[str, ...] = ("prompts",)
    golden: tuple[str, ...] = ("golden",)
    judges: tuple[str, ...] = ("judges",)
    recordings: str = "recordings"
    eval: EvalConfig = EvalConfig()
    providers: Mapping[str, ProviderConfig] = field(default_factory=dict)
    prices: Mapping[str, Price] = field(default_factory=dict)
    gate: GateConfig = GateConfig()
    lint: LintConfig = LintConfig()
