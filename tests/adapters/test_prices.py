"""Prices: litellm's map read as a file, and our arithmetic beside litellm's own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.adapters import prices
from promptctl.adapters.llm import start_litellm
from promptctl.adapters.prices import ModelPrice, Rates, Usage, cost_usd
from promptctl.model.config import Price

GPT_4O = (
    "openai/gpt-4o-2024-08-06"  # 2.50 / 1.25 cached / 10.00 USD per million: developers.openai.com/api/docs/pricing
)
COUNTS = st.integers(0, 2_000_000)
# Providers litellm prices by rules of its own, which the map does not hold: a request fee (perplexity), half price for
# cached input where none is listed (fireworks_ai), cheaper hours (deepseek, tencent). Ours is the listed price.
PRICED_APART = {"perplexity", "fireworks_ai", "deepseek", "tencent"}


def test_hand_counted():
    price = prices.price(GPT_4O, {})
    assert cost_usd(price, Usage(1_000_000, 0, 0)) == pytest.approx(2.50)
    assert cost_usd(price, Usage(0, 1_000_000, 0)) == pytest.approx(10.00)
    assert cost_usd(price, Usage(1000, 100, 800)) == pytest.approx((200 * 2.5 + 800 * 1.25 + 100 * 10) / 1e6)


def test_unknown_is_none_and_never_zero():
    assert prices.price("openai/no-such-model", {}) is None
    assert prices.price("hosted_vllm/my-llama", {}) is None
    assert prices.price("github_copilot/gpt-4o", {}) is None  # listed with a price of 0
    assert cost_usd(None, Usage(1, 1)) is None
    assert cost_usd(prices.price(GPT_4O, {}), Usage(None, 1)) is None
    assert cost_usd(prices.price(GPT_4O, {}), Usage(1, None)) is None


def test_a_model_that_runs_at_home_is_free():
    assert cost_usd(prices.price("ollama/llama2", {}), Usage(10, 10)) == 0


def test_a_reseller_does_not_get_the_makers_price():
    assert prices.price("groq/gpt-4o-2024-08-06", {}) is None


@pytest.mark.parametrize("key", [GPT_4O, "gpt-4o-2024-08-06"])
def test_the_projects_price_goes_first(key):
    price = prices.price(GPT_4O, {key: Price(1, 2, 0.5)})
    assert price == ModelPrice(Rates(1e-6, 2e-6, 5e-7), source="config")
    assert cost_usd(price, Usage(100, 10, 50)) == pytest.approx((50 * 1 + 50 * 0.5 + 10 * 2) / 1e6)


def test_cached_input_without_a_price_of_its_own_is_ordinary_input():
    price = prices.price("x/y", {"x/y": Price(1, 2)})
    assert cost_usd(price, Usage(100, 0, 100)) == pytest.approx(100e-6)


def test_long_prompts_have_their_tier():
    price = prices.price("gemini/gemini-2.5-pro", {})
    assert price.at(200_000) == price.rates
    assert price.at(200_001).input == 2 * price.rates.input
    ranges = prices.price("dashscope/qwen-flash", {})
    assert ranges.at(256_001).output > ranges.at(256_000).output


def test_service_tiers_are_priced_apart():
    assert prices.price(GPT_4O, {}, "priority").rates.input > prices.price(GPT_4O, {}).rates.input


def test_embeddings_have_a_price():
    assert cost_usd(prices.price("openai/text-embedding-3-small", {}), Usage(1_000_000, 0)) == pytest.approx(0.02)


@pytest.mark.slow
def test_every_chat_model_costs_what_litellm_says():
    litellm = start_litellm()
    usage_type = __import__("litellm.types.utils", fromlist=["Usage"]).Usage
    compared = 0
    for provider in (
        "openai",
        "anthropic",
        "gemini",
        "mistral",
        "groq",
        "xai",
        "azure",
        "deepinfra",
        "cohere",
        "together_ai",
    ):
        assert provider not in PRICED_APART
        for name in prices.model_names(provider):
            if (prices.model_info(name) or {}).get("mode") != "chat":
                continue
            bare = name.removeprefix(f"{provider}/")
            price = prices.price(f"{provider}/{bare}", {})
            if price is None:
                continue
            for taken, given_, cached in ((1000, 333, 0), (1000, 50, 800), (300_001, 50, 100_000)):
                usage = usage_type(
                    prompt_tokens=taken,
                    completion_tokens=given_,
                    total_tokens=taken + given_,
                    prompt_tokens_details={"cached_tokens": cached},
                )
                theirs = sum(litellm.cost_per_token(model=bare, custom_llm_provider=provider, usage_object=usage))
                assert cost_usd(price, Usage(taken, given_, cached)) == pytest.approx(theirs, rel=1e-6), (name, taken)
                compared += 1
    assert compared > 1000


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_more_tokens_never_cost_less_and_details_never_exceed_their_whole(taken, made, cached, written):
    price = ModelPrice(Rates(3e-6, 9e-6, 1e-6, 4e-6))
    cost = cost_usd(price, Usage(taken, made, cached, written))
    assert 0 <= cost <= taken * 4e-6 + made * 9e-6 + 1e-9
    assert cost_usd(price, Usage(taken, made + 1, cached, written)) > cost


def test_the_revision_is_the_one_litellm_reports():
    source = (
        start_litellm().get_model_cost_map_source_info()
        if hasattr(start_litellm(), "get_model_cost_map_source_info")
        else None
    )
    assert len(prices.map_revision()) == 40
    if source and source.get("source_revision"):
        assert source["source_revision"] == prices.map_revision()


def test_reading_the_map_does_not_import_litellm():
    code = (
        "import sys; from promptctl.adapters import prices; assert prices.price('openai/gpt-4o', {});"
        "assert 'litellm' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
