"""Rules about models: fallbacks, judges, dates, parameters, windows."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_bench import lint_files

SYSTEM = "system_prompt: Hello.\n"


def hits(
    tmp_path: Path, code: str, text: str, *, path: str = "prompts/a.yaml", config: str = ""
) -> list[tuple[int | None, str, str]]:
    files = {"promptctl.yaml": f"{config}\n"} if config else {}
    linted = lint_files(tmp_path, files | {path: text})
    return [(one.line, one.severity.value, one.message) for one in linted.findings if one.rule == code]


def test_unknown_is_a_warning_and_false_an_error(tmp_path: Path) -> None:
    text = f"model: azure/my-deployment\nfallbacks:\n  - openai/gpt-4o\n  - groq/llama-3.3-70b-versatile\n{SYSTEM}"
    assert [(line, severity) for line, severity, _ in hits(tmp_path, "PL101", text)] == [
        (1, "warning"),
        (3, "error"),
        (4, "warning"),
    ]


def test_judges_are_held_to_the_same(tmp_path: Path) -> None:
    for code, model in (
        ("PL101", "openai/gpt-4o"),
        ("PL102", "openai/gpt-4oo-2024-08-06"),
        ("PL106", "openai/text-embedding-3-small"),
    ):
        assert hits(tmp_path / code, code, f"model: {model}\n{SYSTEM}", path="judges/j.yaml"), code


def test_an_alias_is_retired_with_the_only_snapshot_it_has(tmp_path: Path) -> None:
    text = f"model: openai/gpt-4.1\n{SYSTEM}"
    assert [severity for _, severity, _ in hits(tmp_path / "1", "PL103", text)] == ["warning"]
    assert hits(tmp_path / "2", "PL103", text, config="lint: {horizon_days: 5}") == []


def test_a_model_past_its_date_is_an_error_that_names_the_day(tmp_path: Path) -> None:
    ((line, severity, message),) = hits(tmp_path, "PL103", f"model: openai/gpt-4o-2024-05-13\n{SYSTEM}")
    assert (line, severity) == (1, "error")
    assert "2026-10-23" in message


@pytest.mark.parametrize(
    ("model", "parameters", "refused"),
    [
        ("openai/o3-2025-04-16", "{temperature: 0}", ["temperature 0"]),
        ("openai/o3-2025-04-16", "{temperature: 1, top_p: 1}", []),
        ("openai/gpt-5-2025-08-07", "{temperature: 0.2, top_p: 0.5}", ["temperature 0.2", "top_p 0.5"]),
        ("openai/gpt-5.2-2025-12-11", "{temperature: 0}", []),
        ("openai/gpt-5.2-2025-12-11", "{temperature: 0, reasoning_effort: high}", ["temperature 0"]),
        ("openai/gpt-4o-2024-08-06", "{temperature: 0, seed: 7}", []),
        ("anthropic/claude-sonnet-4-6", "{seed: 7}", ["seed 7"]),
        ("anthropic/claude-opus-4-7", "{temperature: 0}", ["temperature 0"]),
    ],
)
def test_parameters_that_are_refused(model: str, parameters: str, refused: list[str], tmp_path: Path) -> None:
    found = hits(tmp_path, "PL104", f"model: {model}\nparameters: {parameters}\n{SYSTEM}")
    assert [message.split(" does not take ")[1].split(":")[0] for _, _, message in found] == refused


def test_a_prompt_longer_than_the_window_is_counted_in_tokens(tmp_path: Path) -> None:
    long = "word " * 130_000
    ((_, _, message),) = hits(tmp_path / "1", "PL105", f"model: openai/gpt-4o-2024-08-06\nsystem_prompt: {long}\n")
    assert message.startswith("130,0")
    assert "128,000" in message
    assert hits(tmp_path / "2", "PL105", f"model: anthropic/claude-sonnet-4-6\nsystem_prompt: {long}\n") == []


def test_a_misspelt_model_is_named_with_what_was_meant(tmp_path: Path) -> None:
    linted = lint_files(tmp_path, {"prompts/a.yaml": f"model: mistral/codestral-25080\n{SYSTEM}"})
    (one,) = [one for one in linted.findings if one.rule == "PL102"]
    assert "did you mean mistral/codestral-2508?" in (one.hint or "")


@pytest.mark.parametrize(
    "model",
    [
        "ollama/llama3:8b",
        "hosted_vllm/Qwen/Qwen3-8B",
        "openrouter/a/b",
        "scripted/x",
        "azure/prod",
        "ft:gpt-4o-2024-08-06:a::b",
    ],
)
def test_models_that_only_their_operator_knows_are_not_called_unknown(model: str, tmp_path: Path) -> None:
    assert hits(tmp_path, "PL102", f"model: {model}\n{SYSTEM}") == []
