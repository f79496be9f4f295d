"""Pinned or not: against labels made by hand, and the traps the labels do not hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from promptctl.adapters.prices import model_info, model_names
from promptctl.rules.knowledge.pins import pin_of


def test_every_label_is_agreed_with(shared_data: Path) -> None:
    labels = json.loads((shared_data / "model_pins.json").read_text("utf-8"))
    wanted = {one["model"]: {"unknown": None}.get(one["pinned"], one["pinned"]) for one in labels}
    assert len(wanted) > 40
    assert {model: pin_of(model, model_info, model_names).pinned for model in wanted} == wanted


def test_every_suggestion_of_the_labels_is_among_the_candidates(shared_data: Path) -> None:
    labels = json.loads((shared_data / "model_pins.json").read_text("utf-8"))
    for one in labels:
        wanted = one.get("suggest") or []
        found = pin_of(one["model"], model_info, model_names).candidates
        assert set([wanted] if isinstance(wanted, str) else wanted) <= set(found), one["model"]


@pytest.mark.parametrize(
    ("model", "pinned"),
    [
        ("openai/gpt-4o-2024-13-41", None),  # no date has a thirteenth month
        ("scripted/support-bot", True),
        ("ft:gpt-4o-2024-08-06:acme::abc123", True),
        ("hosted_vllm/Qwen/Qwen3-8B@" + "a" * 40, True),
        ("ollama/llama3@sha256:" + "0" * 64, True),
        ("replicate/meta/llama:" + "f" * 64, True),
        ("azure/model-router", False),
        ("azure/gpt-latest", None),
        ("anthropic/claude-3-5-sonnet-latest", False),
        ("anthropic/claude-opus-5", True),
        ("anthropic/claude-opus-4-5", False),
        ("anthropic/claude-mythos-preview", None),
        ("bedrock/us.anthropic.claude-opus-4-6-v1", True),
        ("bedrock/arn:aws:bedrock:us-east-1:1:inference-profile/x", None),
        ("gemini/gemini-2.0-flash-001", True),
        ("gemini/gemini-2.0-flash", False),
        ("gemini/gemini-2.5-pro", True),
        ("gemini/gemini-2.5-pro-preview-05-06", None),
        ("cohere/command-r-08-2024", True),
        ("together_ai/deepseek-ai/DeepSeek-R1-0528", True),
        ("groq/llama-3.3-70b-versatile", None),
        ("openrouter/openai/gpt-4o-2024-08-06", True),
        ("openrouter/openai/gpt-4o-2024-08-06:floor", False),
    ],
)
def test_the_traps(model: str, pinned: bool | None) -> None:
    assert pin_of(model, model_info, model_names).pinned is pinned


def test_a_single_candidate_is_spelled_as_the_alias_is() -> None:
    assert pin_of("openai/gpt-4.1", model_info, model_names).candidates == ("openai/gpt-4.1-2025-04-14",)
    assert pin_of("gpt-4.1", model_info, model_names).candidates == ("gpt-4.1-2025-04-14",)


def test_candidates_come_newest_first() -> None:
    found = pin_of("openai/gpt-4o", model_info, model_names).candidates
    assert list(found) == sorted(found, reverse=True)
    assert len(found) > 1
