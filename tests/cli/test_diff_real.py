"""Three real system prompts of one model on one task, as three commits: every section says what really changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
CONCISE = " Be as concise as possible while still providing all the necessary information to answer the question."
VERBOSE = " Always answer with as much detail as possible."


def prompt_of(text: str, version: str) -> str:
    """A ChatML text with an {instruction} as a prompt file."""
    turns = [turn.partition("\n") for turn in text.replace("<|im_end|>", "").split("<|im_start|>")[1:]]
    messages = [
        {"role": role, "content": said.strip().replace("{instruction}", "{{ instruction }}")} for role, _, said in turns
    ]
    rest = {
        "version": version,
        "model": "openai/gpt-3.5-turbo-1106",
        "parameters": {"max_tokens": 2048},
        "messages": messages,
    }
    return json.dumps({**rest, "inputs": {"instruction": {"type": "string"}}}, indent=1)


@pytest.fixture
def three(git: Run, project: Path, shared_data: Path) -> Run:
    """default, concise and verbose as three commits, with fifty of the 805 instructions as golden set."""
    source = shared_data / "alpacaeval_prompts"
    rows = [json.loads(line) for line in (source / "instructions.jsonl").read_text().splitlines()[:50]]
    cases = [
        {"id": f"alpaca-{number}", "input": row["instruction"], "assertions": [{"not-contains": "As an AI"}]}
        for number, row in enumerate(rows)
    ]
    git("init", "-q")
    for folder in ("prompts", "golden"):
        (project / folder).mkdir()
    (project / "golden" / "alpaca.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
    for version, name in (("1.0.0", "default"), ("1.0.1", "concise"), ("1.0.1", "verbose")):
        text = (source / "prompts" / f"{name}.txt").read_text()
        (project / "prompts" / "alpaca.yaml").write_text(prompt_of(text, version))
        git("add", "-A")
        git("commit", "-qm", name)
    return git


def test_every_section_says_what_really_changed(three: Run, promptctl: Run) -> None:
    ended = promptctl("diff", "HEAD~2", "HEAD~1")
    assert ended.code == 0, ended.err
    base, head = (three("rev-parse", "--short=12", rev) for rev in ("HEAD~2", "HEAD~1"))
    lines = ended.out.splitlines()
    assert "warning[PD401] message-changed: the system message changed" in lines
    assert "  -You are a helpful assistant." in lines
    assert f"  +You are a helpful assistant.{{+{CONCISE}+}}" in lines
    assert [line for line in lines if line.startswith("  version")] == [
        "  version        1.0.0 -> 1.0.1; this is a patch change, the least fitting version is 1.0.1: enough"
    ]
    assert not any(line.lstrip().startswith(("model", "parameters", "inputs", "output", "tools")) for line in lines)
    assert f"base     {base}" in lines
    assert f"head     {head}" in lines
    assert lines[-1] == "1 prompt changed: 1 warning"


def test_tokens_and_prices_are_those_of_the_added_words(three: Run, promptctl: Run) -> None:
    found = promptctl("diff", "HEAD~2", "HEAD~1", "--format", "json").json["prompts"][0]
    words = found["messages"][0]["words"]["system"]
    assert words == [["=", "You are a helpful assistant."], ["+", CONCISE]]
    assert [one["at"] for one in found["cost"]] == ["median", "largest"]
    # 17 tokens in cl100k_base, the encoding of gpt-3.5-turbo; its input costs 1 USD per million tokens.
    for cost in found["cost"]:
        before, after = cost["tokens"]
        assert after - before == 17
        assert cost["input_usd"] == pytest.approx([before / 1e6, after / 1e6])
        assert cost["longest_answer_usd"] == pytest.approx([2048 * 2 / 1e6] * 2)
    assert found["cost"][0]["tokens"][0] < found["cost"][1]["tokens"][0]
    assert found["cached_prefix"]["before"] < found["cached_prefix"]["after"] < 1
    assert found["golden"] is None
    assert found["cosmetic"] is False


def test_concise_to_verbose_needs_a_version(three: Run, promptctl: Run) -> None:
    ended = promptctl("diff", "HEAD~1", "HEAD", "--format", "json")
    version = ended.json["prompts"][0]["version"]
    assert version == {"before": "1.0.1", "after": "1.0.1", "level": "patch", "least": "1.0.2", "enough": False}
    pieces = ended.json["prompts"][0]["messages"][0]["words"]["system"]
    assert "".join(text for kind, text in pieces if kind != "+") == f"You are a helpful assistant.{CONCISE}"
    assert "".join(text for kind, text in pieces if kind != "-") == f"You are a helpful assistant.{VERBOSE}"
    shown = promptctl("diff", "HEAD~1", "HEAD", "--case", "alpaca-0", "--format", "markdown")
    assert "## promptctl diff" in shown.out
    assert "what the model reads for alpaca-0" in shown.out
