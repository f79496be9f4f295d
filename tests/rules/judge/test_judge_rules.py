"""Judges: told a scale, shown rubric and answer, asked for a verdict, and no relative of what they judge."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_bench import lint_files

from promptctl.model.finding import Finding
from promptctl.rules.judge.reading.families import family_of

SHOWN = 'user_prompt: "<rubric>{{ rubric }}</rubric><answer>{{ output }}</answer>"\n'
JSON = """Reply with JSON: {"score": number, "reason": text}."""


def judged(folder: Path, text: str, more: str = "", shown: str = SHOWN) -> list[Finding]:
    judge = f"model: anthropic/claude-sonnet-4-6\nsystem_prompt: |\n  {text}\n{shown}{more}"
    found = lint_files(folder, {"judges/strict.yaml": judge}).findings
    assert not [one for one in found if one.rule == "PL001"], found
    return [one for one in found if one.rule.startswith("PL5")]


@pytest.mark.parametrize(
    ("text", "scale", "severity"),
    [
        ("Judge.", "", "error"),
        ("Write 2 to 3 sentences of reasons.", "", "error"),
        ("Score from 1 (poor) to 5 (great).", "", "error"),
        ("Score between 0 and 10.", "", "error"),
        ("On a scale of 1-5, how good is it?", "", "error"),
        ("Score 0 to 1.", "metadata: {scale: 5}\n", "error"),
        ("Score 0 to 1.", "metadata: {scale: [5, 1]}\n", "error"),
        ("Score 0 to 1.", "metadata: {scale: [0, true]}\n", "error"),
        ("Judge with care.", "metadata: {scale: [1, 5]}\n", "warning"),
        ("Score 0 to 1.", "metadata: {scale: [1, 5]}\n", "warning"),
        ("Score 0 to 1.", "", None),
        ("Score between 0.0 and 1.0.", "", None),
        ("Score [0, 1].", "", None),
        ("1 if it is right, 0 if it is wrong.", "", None),
        ("Score from 1 (poor) to 5 (great).", "metadata: {scale: [1, 5]}\n", None),
        ("On a scale of 1-5, how good is it? Two to 3 sentences.", "metadata: {scale: [1, 5]}\n", None),
        ("Rate it as an integer from 0 through 100.", "metadata: {scale: [0, 100]}\n", None),
    ],
)
def test_the_scale_a_judge_is_told_is_the_one_it_is_read_on(
    text: str, scale: str, severity: str | None, tmp_path: Path
) -> None:
    found = judged(tmp_path, f"{text} {JSON}", scale)
    assert [(one.rule, one.severity) for one in found] == ([("PL501", severity)] if severity else [])


def test_the_hint_gives_the_scale_the_text_speaks_of(tmp_path: Path) -> None:
    [found] = judged(tmp_path, f"Score it 1 to 5. {JSON}")
    assert found.hint == "add scale: 1-5"


def test_a_schema_may_name_the_scale(tmp_path: Path) -> None:
    schema = "{type: object, properties: {score: {type: integer, minimum: 1, maximum: 5}}}"
    output = f"output: {{format: json, schema: {schema}}}\n"
    assert judged(tmp_path, "Judge.", f"metadata: {{scale: [1, 5]}}\n{output}") == []
    assert [one.rule for one in judged(tmp_path / "b", "Judge.", output)] == ["PL501"]


@pytest.mark.parametrize(
    ("shown", "rules"),
    [
        ('user_prompt: "{{ output }}"\n', [("PL502", "error")]),
        ('user_prompt: "{{ rubric }}"\n', [("PL505", "error")]),
        ('user_prompt: "The rubric is in your head, the output too."\n', [("PL502", "error"), ("PL505", "error")]),
        ('user_prompt: "{{ output }}: {% if rubric %}{{ rubric | trim }}{% endif %}"\n', []),
        ("user_prompt: |\n  0: wrong\n  1: right\n  {{ output }}\n", [("PL502", "warning")]),
    ],
)
def test_a_judge_is_shown_rubric_and_answer(shown: str, rules: list[tuple[str, str]], tmp_path: Path) -> None:
    found = judged(tmp_path, f"Score 0 to 1. {JSON}", shown=shown)
    assert [(one.rule, one.severity) for one in found] == rules


def test_an_included_rubric_counts(tmp_path: Path) -> None:
    files = {
        "judges/strict.yaml": "model: anthropic/claude-sonnet-4-6\nsystem_prompt: '{% include \"shared/judge.txt\" %}'\n"
        "user_prompt: '{{ output }}'\n",
        "shared/judge.txt": f"Score 0 to 1 by {{{{ rubric }}}}. {JSON}",
    }
    assert [one for one in lint_files(tmp_path, files).findings if one.rule.startswith("PL5")] == []


@pytest.mark.parametrize("text", ["Answer with a number.", "Say pass or fail.", "Reply with JSON.", "Give a score."])
def test_a_judge_that_is_not_asked_for_a_json_score(text: str, tmp_path: Path) -> None:
    assert [one.rule for one in judged(tmp_path, f"Score 0 to 1, please. {text}")] == ["PL504"]


@pytest.mark.parametrize(
    "text", ["Give the score as JSON.", 'Reply {"score": 1}.', "JSON with the keys score and reason."]
)
def test_a_judge_that_is_asked_for_one(text: str, tmp_path: Path) -> None:
    assert judged(tmp_path, f"0 to 1 is the range of points; 0 and 1 are its ends. {text}") == []


def test_a_prompt_is_no_judge(tmp_path: Path) -> None:
    files = {"prompts/a.yaml": "model: openai/gpt-4o-2024-08-06\nsystem_prompt: Judge.\n"}
    assert [one for one in lint_files(tmp_path, files).findings if one.rule.startswith("PL5")] == []


def relatives(folder: Path, model: str, judge: str, case: str, more: str = "") -> list[Finding]:
    text = f"system_prompt: 'Score 0 to 1. {JSON}'\n{SHOWN}"
    files = {
        "promptctl.yaml": more or "prompts: [prompts]\n",
        "judges/strict.yaml": f"model: {judge}\n{text}",
        "prompts/bot.yaml": f"model: {model}\nsystem_prompt: Help.\n",
        "golden/bot.yaml": f"cases:\n  - id: a\n    input: x\n    {case}\n  - id: b\n    input: y\n    {case}\n",
    }
    if "judge: kind" in case or "judge: kind" in more:
        files["judges/kind.yaml"] = f"model: anthropic/claude-sonnet-4-6\n{text}"
    return [one for one in lint_files(folder, files).findings if one.rule == "PL503"]


GPT, OTHER_GPT = "openai/gpt-4o-2024-08-06", "openrouter/openai/gpt-4.1-2025-04-14"


@pytest.mark.parametrize(
    "case",
    [
        "rubric: Is polite.",
        "assertions: [judge: Is polite.]",
        "assertions: [not-judge: {rubric: Is rude., judge: strict}]",
        "assertions: [any: [contains: x, judge: Is polite.]]",
    ],
)
def test_a_relative_is_named_once_a_golden_set_however_it_is_asked(case: str, tmp_path: Path) -> None:
    found = relatives(tmp_path, GPT, OTHER_GPT, case)
    assert [(one.path, one.severity) for one in found] == [("golden/bot.yaml", "warning")]
    assert "strict" in found[0].message
    assert "GPT" in found[0].message


def test_only_the_judge_that_is_asked_counts(tmp_path: Path) -> None:
    case = "assertions: [judge: {rubric: Is polite., judge: kind}]"
    assert relatives(tmp_path / "a", GPT, OTHER_GPT, case) == []
    assert relatives(tmp_path / "b", GPT, OTHER_GPT, "rubric: Is polite.", "eval: {judge: kind}\n") == []
    assert relatives(tmp_path / "c", GPT, OTHER_GPT, "assertions: [contains: x]") == []
    assert relatives(tmp_path / "d", GPT, "anthropic/claude-sonnet-4-6", "rubric: Is polite.") == []


@pytest.mark.parametrize("first", ["a", "b"])
def test_a_case_that_cannot_be_bound_hides_no_other(first: str, tmp_path: Path) -> None:
    judge = f"model: {OTHER_GPT}\nsystem_prompt: 'Score 0 to 1. {JSON}'\n"
    shown = 'user_prompt: "{{ rubric }} {{ output }} {{ expected_output }}"\n'
    cases = {"a": "  - {id: a, input: x, rubric: R}\n", "b": "  - {id: b, input: y, rubric: R, expected_output: z}\n"}
    files = {
        "promptctl.yaml": "prompts: [prompts]\n",
        "judges/strict.yaml": judge + shown,
        "prompts/bot.yaml": f"model: {GPT}\nsystem_prompt: Help.\n",
        "golden/bot.yaml": "cases:\n" + cases[first] + "".join(cases[one] for one in cases if one != first),
    }
    found = [one for one in lint_files(tmp_path, files).findings if one.rule == "PL503"]
    assert [one.path for one in found] == ["golden/bot.yaml"]


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("openai/gpt-4o-2024-08-06", "GPT"),
        ("openai/o3-mini-2025-01-31", "GPT"),
        ("gpt-4o", "GPT"),
        ("groq/openai/gpt-oss-120b", "GPT"),
        ("openrouter/anthropic/claude-sonnet-4", "Claude"),
        ("bedrock/us.anthropic.claude-opus-4-6-v1", "Claude"),
        ("vertex_ai/gemini-2.5-pro", "Gemini"),
        ("ollama_chat/llama3.2", "Llama"),
        ("ollama/mistral", "Mistral"),
        ("groq/deepseek-r1-distill-llama-70b", "DeepSeek"),
        ("together_ai/Qwen/Qwen2.5-72B-Instruct", "Qwen"),
        ("bedrock/amazon.nova-pro-v1:0", "Nova"),
        ("cohere/command-r-08-2024", "Command"),
        ("azure/my-gpt-4", None),
        ("scripted/gpt.yaml", None),
        ("hosted_vllm/our-model", None),
        ("openai/omni-moderation", None),
    ],
)
def test_families_by_name(model: str, family: str | None) -> None:
    assert family_of(model) == family


FAIR = f"model: anthropic/claude-sonnet-4-6\nscale: 1-5\nsystem_prompt: Judge.\n{SHOWN}"


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"\ngarbage\n", 2, "not valid JSON"),
        (b"\n{}\n", 2, "the label is empty"),
        (b"\n\n<<<<<<< HEAD\n", 3, "an unfinished merge left its marker here"),
        (b"\n\xff\xfe\n", 2, "UTF-8"),
    ],
)
def test_labels_that_cannot_be_read_are_told_with_their_line(
    data: bytes, line: int, message: str, tmp_path: Path
) -> None:
    found = lint_files(tmp_path, {"judges/fair.yaml": FAIR, "judges/fair.labels.jsonl": data}).findings
    [told] = [one for one in found if one.rule == "PL506"]
    assert (told.path, told.line, told.severity) == ("judges/fair.labels.jsonl", line, "error")
    assert message in told.message


def test_labels_of_no_judge_are_told_with_the_nearest_name(tmp_path: Path) -> None:
    files = {"judges/rubric.yaml": FAIR, "judges/rubrik.labels.jsonl": b"garbage\n"}
    [told] = [one for one in lint_files(tmp_path, files).findings if one.rule in ("PL506", "PL507")]
    assert (told.rule, told.path, told.severity) == ("PL507", "judges/rubrik.labels.jsonl", "warning")
    assert told.hint == "did you mean judges/rubric.labels.jsonl?"
