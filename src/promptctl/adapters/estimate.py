"""The worst a call can take, before it is made: tokens for the rate limit, money for the budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.adapters.access import provider_of
from promptctl.adapters.prices import ModelPrice
from promptctl.model.prompt import Json
from promptctl.model.run import Request

UNKNOWN_OUTPUT = 128_000  # tokens; the largest output in common use, for a model whose own is not known
SAME_TOKENIZER = frozenset({"openai", "azure", "azure_text", "scripted"})
EXACT, ROUGH = 110, 150  # per cent of what was counted
"""Counting with a tokenizer that is not the model's was off by up to a third; with its own the margin is for the
few tokens a provider adds."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """tokens: prompt and answer together, at most. cost_usd: at most; None where the price is unknown."""

    tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Estimator:
    """Estimates a request by a token counter and price list handed in.

    count: tokens of messages and tools for a model. price: of a model at a service tier (None: default).
    longest: the model's largest answer in tokens, or None.
    """

    count: Callable[[Sequence[Mapping[str, Json]], str, Sequence[Mapping[str, Json]]], int]
    price: Callable[[str, str | None], ModelPrice | None]
    longest: Callable[[str], int | None]

    def __call__(self, request: Request) -> Estimate:
        if request.target is not None:
            # Nobody can count what a system will do: what its prompt lets it cost is put aside, and what it reports counts.
            return Estimate(0, request.target.most_usd or 0.0)
        margin = EXACT if provider_of(request.model) in SAME_TOKENIZER else ROUGH
        asked = -(-self._prompt_tokens(request) * margin // 100)
        answered = self._answer_tokens(request)
        tier = request.parameters.get("service_tier")
        price = self.price(request.model, tier)
        if price is None:
            return Estimate(asked + answered, None)
        rates = price.at(asked)
        dearest_in = max(rates.input, rates.cache_write or 0.0)
        dearest_out = max(rates.output, rates.reasoning or 0.0)
        return Estimate(asked + answered, asked * dearest_in + answered * dearest_out)

    def _prompt_tokens(self, request: Request) -> int:
        if request.kind != "chat":
            return self.count([{"role": "user", "content": text} for text in request.texts], request.model, ())
        extra = [tool for tool in request.parameters.get("tools") or () if isinstance(tool, Mapping)]
        schema = request.parameters.get("response_format")
        return self.count(request.messages, request.model, [*extra, schema] if isinstance(schema, Mapping) else extra)

    def _answer_tokens(self, request: Request) -> int:
        if request.kind != "chat":
            return 0
        given = [request.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
        limits = [limit for limit in given if isinstance(limit, int)]
        most = max(limits) if limits else self.longest(request.model) or UNKNOWN_OUTPUT
        choices = request.parameters.get("n")
        return most * (choices if isinstance(choices, int) and choices > 0 else 1)
