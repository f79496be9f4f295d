"""promptctl.yaml: defaults, types, ranges, unknown keys."""

from __future__ import annotations

import pytest

from promptctl.model.config import Config, EvalConfig, Price, ProviderConfig
from promptctl.model.errors import InputError
from promptctl.model.source import Blob
from promptctl.text.config import parse_config

WHOLE = """
prompts: [prompts, more/*.yaml]
golden: [golden]
judges: []
recordings: rec
eval: {concurrency: 4, timeout_s: 1.5, total_timeout_s: 60, retries: 0, samples: 3, max_cost_usd: null, min_pass_rate: 0.9,
       allow_fallback: true, stream: true, judge: strict}
providers:
  openai: {rpm: 500, tpm: 200000, api_base: null, api_key_env: OPENAI_API_KEY}
  hosted_vllm: {api_base: "http://localhost:8000/v1"}
  anthropic:
prices: {my/model: {input: 2.50, output: 10.00}}
gate: {rule: threshold, max_drop: 0, confidence: 0.99, confirm: 0, must_pass: [], on_inconclusive: fail, min_tnr: 0.8}
lint: {select: [PL], ignore: [PL101], severity: {PL102: "off"}, per_path: {"old/**": [PL]}, horizon_days: 30}
"""


def parse(text: str) -> Config:
    return parse_config(Blob("promptctl.yaml", text.encode()))


def test_an_empty_file_is_every_default() -> None:
    assert parse("") == Config(path="promptctl.yaml")
    assert parse("eval:\nproviders:\ngate:\nlint:\nprompts:\n") == Config(path="promptctl.yaml")


def test_every_key_is_read() -> None:
    config = parse(WHOLE)
    assert config.prompts == ("prompts", "more/*.yaml")
    assert config.judges == ()
    assert config.eval == EvalConfig(4, 1.5, 60, 0, 3, None, 0.9, True, True, "strict")
    assert config.providers["openai"] == ProviderConfig(500, 200000, None, "OPENAI_API_KEY")
    assert config.providers["anthropic"] == ProviderConfig()
    assert config.prices == {"my/model": Price(2.5, 10.0)}
    assert (config.gate.rule, config.gate.max_drop, config.gate.must_pass) == ("threshold", 0, ())
    assert config.lint.severity == {"PL102": "off"}


@pytest.mark.parametrize(
    ("text", "place", "said", "hint"),
    [
        ("promts: [x]", (1, 1), "unknown key 'promts'", "did you mean 'prompts'?"),
        ("eval:\n  concurency: 3", (2, 3), "unknown key 'concurency'", "did you mean 'concurrency'?"),
        ("eval: {concurrency: 0}", (1, 21), "at least 1, not 0", ""),
        ("eval: {concurrency: 2.5}", (1, 21), "whole number", ""),
        ("eval: {concurrency: true}", (1, 21), "the truth value true", ""),
        ("eval: {timeout_s: 0}", (1, 19), "greater than 0", ""),
        ("eval: {timeout_s: '5'}", (1, 19), "must be a number, not the text '5'", ""),
        ("eval: {min_pass_rate: 95}", (1, 23), "between 0 and 1, not 95", ""),
        ("eval: {stream: 1}", (1, 16), "true or false", ""),
        ("eval: {stream: yes}", (1, 16), "true or false, not the text 'yes'", ""),
        ("eval: {max_cost_usd: -1}", (1, 22), "at least 0", ""),
        ("eval: [1]", (1, 7), "must be a mapping, not a list", ""),
        ("providers: {openai: {api_key: sk-1}}", (1, 22), "unknown key 'api_key'", "environment"),
        ("providers: {openai: {api_base: ftp://x}}", (1, 32), "http", ""),
        ("providers: {openai: {rpm: 0}}", (1, 27), "at least 1", ""),
        ("prices: {m: {input: 1}}", (1, 13), "no 'output'", "USD per million"),
        ("prices: {m: }", (1, 13), "is missing", "USD per million"),
        ("prices: {m: {input: -1, output: 1}}", (1, 21), "at least 0", ""),
        ("gate: {confidence: 1}", (1, 20), "less than 1", "0.95"),
        ("gate: {on_inconclusive: wrn}", (1, 25), "one of warn, fail, pass", "did you mean 'warn'?"),
        ("gate: {rule: 3}", (1, 14), "one of evidence", ""),
        ("lint: {severity: {PL101: eror}}", (1, 26), "one of error", "did you mean 'error'?"),
        ("prompts: prompts", (1, 10), "a list of texts", "prompts: [prompts]"),
        ("prompts: [2024]", (1, 11), "must be text, not the number 2024", 'quote it: "2024"'),
        ("golden: [../x]", (1, 10), "leaves the repository", ""),
        ("golden: [/etc]", (1, 10), "not a relative path", ""),
        ("recordings: /tmp", (1, 13), "not a relative path", ""),
        ("- a", (1, 1), "must be a mapping, not a list", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, place: tuple[int, int], said: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(text)
    problem = caught.value.problems[0]
    assert (problem.path, problem.line, problem.column) == ("promptctl.yaml", *place)
    assert said in problem.message
    assert hint in (problem.hint or "")


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(InputError) as caught:
        parse("gate: {confirm: -1}\neval: {samples: 0}\nnope: 1\n")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3]


def test_a_bound_that_bounds_nothing_is_refused() -> None:
    for written, said in (
        ("{faithfulness: {}}", "faithfulness has no bound"),
        ("{faithfulness: {min: 0.9, max: 0.1}}", "faithfulness: min 0.9 is above max 0.1"),
        ("{faithfulness: {min: 5}}", "min must be between 0 and 1, not 5"),
    ):
        with pytest.raises(InputError, match=said):
            parse(f"gate: {{metrics: {written}}}\n")
    with pytest.raises(InputError, match="min_judge_score must be"):
        parse("gate: {min_judge_score: 5}\n")
