"""What a model costs, from litellm's bundled price map, read as a file: litellm is not imported.

The map is about 3 MB of JSON and takes some 30 ms to parse, once a process. Its format:
https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from promptctl.model.config import Price
from promptctl.model.errors import UnavailableError

PER_MILLION = 1_000_000
MAP_FILE = "model_prices_and_context_window_backup.json"
RUNS_AT_HOME = frozenset(
    {"ollama", "ollama_chat", "hosted_vllm", "vllm", "lemonade", "llamafile", "lm_studio", "scripted"}
)
"""Providers whose models run on the operator's machine: only for them is a listed price of 0 a price.
Elsewhere a 0 stands for previews and unfilled entries, and unknown is never free."""

_THRESHOLD = re.compile(r"input_cost_per_token_above_(\d+)(k?)_tokens")


@dataclass(frozen=True, slots=True)
class Rates:
    """USD per token. None: the provider publishes no such rate, and bills the token as ordinary input (or output)."""

    input: float
    output: float
    cached_input: float | None = None
    cache_write: float | None = None
    reasoning: float | None = None


@dataclass(frozen=True, slots=True)
class ModelPrice:
    """A model's rates, and those that replace them once the prompt is longer than `above` tokens, ascending.

    source: "config" (the project's `prices:`), "file" (a scripted model's own) or "map" (litellm's price map).
    """

    rates: Rates
    tiers: tuple[tuple[int, Rates], ...] = ()
    source: str = "map"

    def at(self, input_tokens: int) -> Rates:
        """The rates of a prompt of this many tokens."""
        fitting = [rates for above, rates in self.tiers if input_tokens > above]
        return fitting[-1] if fitting else self.rates


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call as the provider counted them. input_tokens includes what came from and went to its
    prefix cache; output_tokens includes reasoning. None: not reported."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


def cost_usd(price: ModelPrice | None, usage: Usage) -> float | None:
    """What a call cost in USD; None where the price or the count of tokens is unknown."""
    if price is not None and not price.tiers and not any((price.rates.input, price.rates.output)):
        return 0.0  # whatever it took
    if price is None or usage.input_tokens is None or usage.output_tokens is None:
        return None
    rates = price.at(usage.input_tokens)
    cached = min(usage.cached_tokens or 0, usage.input_tokens)
    written = min(usage.cache_write_tokens or 0, usage.input_tokens - cached)
    reasoning = min(usage.reasoning_tokens or 0, usage.output_tokens)
    return (
        (usage.input_tokens - cached - written) * rates.input
        + cached * _either(rates.cached_input, rates.input)
        + written * _either(rates.cache_write, rates.input)
        + (usage.output_tokens - reasoning) * rates.output
        + reasoning * _either(rates.reasoning, rates.output)
    )


def price(model: str, overrides: Mapping[str, Price], service_tier: str | None = None) -> ModelPrice | None:
    """The price of `provider/model`: the project's `prices:` first, then the map; None where neither knows it.

    service_tier: the request's parameter of that name ("flex", "priority"), which providers price apart.
    """
    given = overrides.get(model) or overrides.get(model.partition("/")[2])
    if given is not None:
        return of_override(given, source="config")
    entry = model_info(model)
    if entry is None or entry.get("mode") not in ("chat", "completion", "embedding", "responses", "moderation", None):
        return None
    if entry.get("tiered_pricing"):
        return _of_ranges(entry["tiered_pricing"])
    tier = f"_{service_tier}" if service_tier in ("flex", "priority") else ""
    rates = _rates(entry, "", tier)
    free = entry.get("litellm_provider") in RUNS_AT_HOME or entry.get("mode") == "moderation"
    if rates is None or (rates.input == rates.output == 0 and not free):
        return None
    return ModelPrice(rates=rates, tiers=_tiers(entry, tier))


def of_override(given: Price, *, source: str) -> ModelPrice:
    """A hand-written price (USD per million tokens) as a ModelPrice."""
    cached = None if given.cached_input is None else given.cached_input / PER_MILLION
    return ModelPrice(Rates(given.input / PER_MILLION, given.output / PER_MILLION, cached), source=source)


def model_info(model: str) -> Mapping[str, Any] | None:
    """The map's entry for `provider/model`: mode, max_input_tokens, deprecation_date, supports_*; None if unlisted.

    An entry without the provider's prefix counts only where its `litellm_provider` is that provider:
    what OpenAI asks for a model is not what a reseller of the same name asks.
    """
    entries = _price_map()
    provider, slash, name = model.partition("/")
    entry = entries.get(model)
    if entry is None and slash:
        entry = entries.get(name)
        if entry is not None and not str(entry.get("litellm_provider", "")).startswith(provider):
            return None
    return entry


def longest_answer(model: str) -> int | None:
    """The most tokens a model can answer with, as the map has it; None where it does not."""
    longest = (model_info(model) or {}).get("max_output_tokens")
    return longest if isinstance(longest, int) else None


def model_names(provider: str) -> tuple[str, ...]:
    """Every model of a litellm provider that the map lists, sorted, as the map spells them."""
    return tuple(sorted(n for n, entry in _price_map().items() if entry.get("litellm_provider") == provider))


def map_revision() -> str:
    """The git blob id of the bundled map: which prices a run was made with."""
    data = _map_path().read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def litellm_folder() -> Path:
    """Where litellm is installed, found without importing it."""
    spec = importlib.util.find_spec("litellm")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise UnavailableError("litellm is not installed: install promptctl with its dependencies")
    return Path(next(iter(places)))


def _map_path() -> Path:
    return litellm_folder() / MAP_FILE


@cache
def _price_map() -> Mapping[str, Mapping[str, Any]]:
    try:
        entries = json.loads(_map_path().read_bytes())
    except (OSError, ValueError) as error:
        raise UnavailableError(f"litellm's price map cannot be read: {error}") from error
    return {name: entry for name, entry in entries.items() if name not in ("sample_spec", "fallback_generalizations")}


def _rates(entry: Mapping[str, Any], above: str, tier: str, under: Rates | None = None) -> Rates | None:
    def read(name: str, default: float | None = None) -> float | None:
        found = entry.get(f"{name}{above}{tier}")
        found = entry.get(f"{name}{above}") if found is None else found
        return default if found is None else float(found)

    paid_in = read("input_cost_per_token", under.input if under else None)
    paid_out = read("output_cost_per_token", under.output if under else None)
    if paid_in is None or (paid_out is None and entry.get("mode") != "embedding"):
        return None
    return Rates(
        input=paid_in,
        output=paid_out or 0.0,
        cached_input=read("cache_read_input_token_cost", under.cached_input if under else None),
        cache_write=read("cache_creation_input_token_cost", under.cache_write if under else None),
        reasoning=read("output_cost_per_reasoning_token", under.reasoning if under else None),
    )


def _tiers(entry: Mapping[str, Any], tier: str) -> tuple[tuple[int, Rates], ...]:
    found = []
    for key in entry:
        if match := _THRESHOLD.fullmatch(key):
            digits, kilo = match.groups()
            rates = _rates(entry, f"_above_{digits}{kilo}_tokens", tier, under=_rates(entry, "", tier))
            if rates is not None:
                found.append((int(digits) * (1000 if kilo else 1), rates))
    return tuple(sorted(found, key=lambda pair: pair[0]))


def _of_ranges(ranges: list[Mapping[str, Any]]) -> ModelPrice | None:
    steps = sorted(ranges, key=lambda step: step.get("range", [0])[0])
    read = [(int(step.get("range", [0])[0]), _rates(step, "", "")) for step in steps]
    known = tuple((above, rates) for above, rates in read if rates is not None)
    return ModelPrice(rates=known[0][1], tiers=known[1:]) if known and len(known) == len(read) else None


def _either(rate: float | None, ordinary: float) -> float:
    return ordinary if rate is None else rate


def takes_schema(model: str) -> bool:
    """Whether the map says that a model answers by a JSON Schema; False where it does not say."""
    entry = model_info(model)
    return entry is not None and entry.get("supports_response_schema") is True
