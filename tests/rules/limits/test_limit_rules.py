"""Limits: the largest case is found, counted as `show` counts it, and priced at the map's or the project's prices."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_bench import lint_files

from promptctl.adapters.tokens import count_messages
from promptctl.model.finding import Finding

MODEL = "openai/gpt-4o-2024-08-06"
LONG = "My bicycle makes a noise whenever I turn to the left, but only uphill and when it rains."


def limited(
    folder: Path, limits: str, *, cases: tuple[str, ...] = (), more: str = "", config: str = "", model: str = MODEL
) -> list[Finding]:
    """What PL7xx find; a case is its YAML after the id."""
    files = {"prompts/bot.yaml": f"model: {model}\nsystem_prompt: Help riders.\nlimits: {limits}\n{more}"}
    if cases:
        files["golden/bot.yaml"] = "cases:\n" + "".join(f"  - id: c{at}\n    {case}\n" for at, case in enumerate(cases))
    if config:
        files["promptctl.yaml"] = config
    found = lint_files(folder, files).findings
    assert not [one for one in found if one.rule == "PL001"], found
    return [one for one in found if one.rule.startswith("PL7")]


def test_the_largest_case_decides_to_the_token(tmp_path: Path) -> None:
    exact = count_messages([{"role": "system", "content": "Help riders."}, {"role": "user", "content": LONG}], MODEL)
    cases = ("input: Short.", f"input: {LONG}", "input: Shorter.")
    assert limited(tmp_path / "at", f"{{prompt_tokens: {exact}}}", cases=cases) == []
    [found] = limited(tmp_path / "over", f"{{prompt_tokens: {exact - 1}}}", cases=cases)
    assert (found.rule, found.severity, found.path, found.line) == ("PL701", "error", "golden/bot.yaml", 4)
    assert "'c1'" in found.message
    assert f"has {exact} tokens; its limit is {exact - 1}" in found.message


def test_bytes_do_not_decide_which_case_is_the_largest(tmp_path: Path) -> None:
    """Forty letters of one word are few tokens, thirty digits of no pattern are many."""
    cases = ("input: internationalisation internationalisation", "input: 'x9 q7 z3 k1 w8 j4 v6 p2 y5'")
    sizes = [
        count_messages([{"role": "system", "content": "Help riders."}, {"role": "user", "content": text}], MODEL)
        for text in ("internationalisation internationalisation", "x9 q7 z3 k1 w8 j4 v6 p2 y5")
    ]
    assert sizes[1] > sizes[0]
    [found] = limited(tmp_path, f"{{prompt_tokens: {min(sizes) - 1}}}", cases=cases)
    assert "'c1'" in found.message


def test_history_and_tools_count(tmp_path: Path) -> None:
    history = f"input: Hi.\n    history: [{{role: user, content: '{LONG}'}}, {{role: assistant, content: '{LONG}'}}]"
    assert [one.rule for one in limited(tmp_path / "a", "{prompt_tokens: 40}", cases=(history,))] == ["PL701"]
    tool = "tools: [{type: function, function: {name: find, description: 'Finds a page of the help centre'}}]\n"
    assert limited(tmp_path / "b", "{prompt_tokens: 30}", cases=("input: Hi.",)) == []
    assert [one.path for one in limited(tmp_path / "c", "{prompt_tokens: 30}", cases=("input: Hi.",), more=tool)] == [
        "prompts/bot.yaml"
    ]


def test_what_all_cases_share_is_said_once_and_at_the_limit(tmp_path: Path) -> None:
    found = limited(tmp_path, "{prompt_tokens: 5}", cases=("input: Hi.", f"input: {LONG}"))
    assert [(one.path, one.line) for one in found] == [("prompts/bot.yaml", 3)]


def test_text_that_only_some_cases_get_is_not_shared(tmp_path: Path) -> None:
    more = f'user_prompt: "{{% if long %}}{LONG}{{% endif %}}{{{{ question }}}}"\ninputs: {{question: {{}}, long: {{default: false}}}}\n'
    assert limited(tmp_path / "a", "{prompt_tokens: 20}", cases=("input: {question: Hi.}",), more=more) == []
    [found] = limited(tmp_path / "b", "{prompt_tokens: 20}", cases=("input: {question: Hi., long: true}",), more=more)
    assert found.path == "golden/bot.yaml"


def test_a_case_that_cannot_be_rendered_hides_no_other(tmp_path: Path) -> None:
    cases = ("input: {unknown: x}", f"input: {LONG}")
    assert ["'c1'" in one.message for one in limited(tmp_path, "{prompt_tokens: 20}", cases=cases)] == [True]


def test_without_limits_nothing_is_said(tmp_path: Path) -> None:
    assert limited(tmp_path, "{latency_s_p95: 3}", cases=(f"input: {LONG}",)) == []


@pytest.mark.parametrize(("share", "over"), [(1.001, False), (0.999, True), (0.5, True)])
def test_the_price_of_the_largest_case_with_the_longest_answer(share: float, over: bool, tmp_path: Path) -> None:
    config = f"prices: {{{MODEL}: {{input: 2.5, output: 10}}}}\n"
    size = count_messages([{"role": "system", "content": "Help riders."}, {"role": "user", "content": LONG}], MODEL)
    cost = (size * 2.5 + 100 * 10) / 1_000_000  # USD: prices are given a million tokens
    limits = f"{{cost_usd_per_call: {cost * share:.8f}}}"
    more = "parameters: {max_tokens: 100}\n"
    found = limited(tmp_path, limits, cases=("input: Hi.", f"input: {LONG}"), more=more, config=config)
    assert [one.rule for one in found] == (["PL702"] if over else [])


def test_the_hint_gives_the_largest_answer_that_keeps_the_limit(tmp_path: Path) -> None:
    config = f"prices: {{{MODEL}: {{input: 0, output: 10}}}}\n"
    limits = "{cost_usd_per_call: 0.005}"
    [found] = limited(tmp_path / "a", limits, more="parameters: {max_tokens: 600}\n", config=config)
    assert found.hint is not None
    assert "set max_tokens to 500 or less" in found.hint
    assert limited(tmp_path / "b", limits, more="parameters: {max_tokens: 500}\n", config=config) == []


def test_an_unbounded_answer_and_an_unknown_price_are_warnings(tmp_path: Path) -> None:
    [found] = limited(tmp_path / "a", "{cost_usd_per_call: 0.001}")
    assert (found.rule, found.severity, found.line) == ("PL702", "warning", 3)
    [found] = limited(tmp_path / "b", "{cost_usd_per_call: 0.001}", cases=("input: Hi.",), model="hosted_vllm/ours")
    assert (found.severity, found.line) == ("warning", 1)
    assert "no price is known" in found.message
    assert limited(tmp_path / "c", "{cost_usd_per_call: 0.001}", model="scripted/x.yaml") == []


def test_a_fallback_is_held_to_the_limit_too(tmp_path: Path) -> None:
    config = f"prices: {{{MODEL}: {{input: 0.1, output: 0.1}}, dear/model: {{input: 100, output: 1000}}}}\n"
    more = "parameters: {max_tokens: 100}\nfallbacks: [dear/model]\n"
    [found] = limited(tmp_path, "{cost_usd_per_call: 0.01}", more=more, config=config)
    assert (found.rule, found.line) == ("PL702", 5)
    assert "dear/model" in found.message
