"""Which of two assertions asks for less: bounds have directions, `not-` turns them, defaults count once."""

from __future__ import annotations

from pathlib import Path

import pytest
from diff_bench import codes, diff_files

PROMPT = 'model: openai/gpt-4o-2024-08-06\nuser_prompt: "{{ q }}"\n'


def golden(assertion: str, more: str = "", cases: int = 1) -> str:
    rows = "".join(
        f"  - id: c{number}\n    input: a{number}\n    assertions: [{{contains: x}}]\n{more}" for number in range(cases)
    )
    return f"defaults: {{assertions: [{assertion}]}}\ncases:\n{rows}"


def compared(tmp_path: Path, before: str, after: str) -> list[str]:
    files = [{"prompts/bot.yaml": PROMPT, "golden/bot.yaml": text} for text in (before, after)]
    return codes(diff_files(tmp_path, files[0], files[1]))


@pytest.mark.parametrize(
    ("strict", "loose"),
    [
        ("{rouge-n: {value: a, threshold: 0.8}}", "{rouge-n: {value: a, threshold: 0.5}}"),
        ("{levenshtein: {value: a, threshold: 3}}", "{levenshtein: {value: a, threshold: 9}}"),
        ("{not-levenshtein: {value: a, threshold: 9}}", "{not-levenshtein: {value: a, threshold: 3}}"),
        ("{not-rouge-n: {value: a, threshold: 0.5}}", "{not-rouge-n: {value: a, threshold: 0.8}}"),
        ("{latency: 2}", "{latency: 5}"),
        ("{cost: {threshold: 0.01}}", "{cost: {threshold: 0.02}}"),
        ("{max-tokens: 100}", "{max-tokens: 200}"),
        ("{word-count: {max: 10}}", "{word-count: {max: 20}}"),
        ("{word-count: {min: 10}}", "{word-count: {min: 5}}"),
        ("{contains-all: [a, b]}", "{contains-all: [a]}"),
        ("{contains-any: [a]}", "{contains-any: [a, b]}"),
        ("{not-contains-any: [a, b]}", "{not-contains-any: [a]}"),
        ("{contains: a, required: true}", "{contains: a}"),
        ("{contains: a, weight: 2}", "{contains: a, weight: 0}"),
        ("{is-json: {type: object, required: [a]}}", "{is-json: {type: object}}"),
        ("{all: [{contains: a}, {contains: b}]}", "{all: [{contains: a}]}"),
        ("{any: [{contains: a}]}", "{any: [{contains: a}, {contains: b}]}"),
    ],
)
def test_less_is_an_error_and_more_is_not(tmp_path: Path, strict: str, loose: str) -> None:
    assert compared(tmp_path / "loosened", golden(strict), golden(loose)) == ["PD507"]
    assert compared(tmp_path / "tightened", golden(loose), golden(strict)) == ["PD508"]


def test_a_default_that_is_gone_is_one_finding_for_all_cases(tmp_path: Path) -> None:
    before, after = golden("{not-contains: sorry}", cases=12), golden("", cases=12)
    files = [{"prompts/bot.yaml": PROMPT, "golden/bot.yaml": text} for text in (before, after)]
    found = diff_files(tmp_path, files[0], files[1]).found
    assert [one.finding.rule for one in found] == ["PD506"]
    assert "12 cases (c0, c1, c2 and 9 more)" in found[0].finding.message


def test_another_judge_is_another_rubric(tmp_path: Path) -> None:
    before = golden("{judge: {rubric: Is polite., judge: strict}}")
    assert compared(tmp_path, before, before.replace("strict", "kind")) == ["PD509"]


def test_a_prompt_that_is_gone_takes_its_tests_with_it(tmp_path: Path) -> None:
    files = {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": golden("{contains: a}")}
    assert codes(diff_files(tmp_path, files, {})) == ["PD101"]


def test_new_cases_and_new_prompts_weaken_nothing(tmp_path: Path) -> None:
    files = {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": golden("{contains: a}", cases=3)}
    assert codes(diff_files(tmp_path / "new", {}, files)) == []
    assert compared(tmp_path / "more", golden("{contains: a}"), golden("{contains: a}", cases=2)) == []


def test_two_alike_in_one_case_are_one_finding_about_it(tmp_path: Path) -> None:
    text = "cases:\n  - {id: c, input: a, assertions: [{contains: x}, {contains: x}, {equals: y}]}\n"
    after = "cases:\n  - {id: c, input: a, assertions: [{equals: y}]}\n"
    files = [{"prompts/bot.yaml": PROMPT, "golden/bot.yaml": one} for one in (text, after)]
    found = diff_files(tmp_path, files[0], files[1]).found
    assert [one.finding.message for one in found] == ["c: does not assert contains x any more"]
    assert len(found[0].finding.fingerprint) == 12


def test_severities_and_switches_come_from_the_base(tmp_path: Path) -> None:
    before = {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": golden("{contains: a}", cases=2)}
    after = {"prompts/bot.yaml": PROMPT, "golden/bot.yaml": golden("{contains: a}")}
    for config, expected in (
        ("lint: {severity: {PD502: info}}\n", [("PD502", "info")]),
        ("lint: {ignore: [PD5]}\n", []),
        ("lint: {select: [PL1]}\n", [("PD502", "error")]),
        ("lint: {select: [PD1]}\n", []),
        ("lint: {per_path: {golden/**: [PD502, PL401]}}\n", []),
    ):
        folder = tmp_path / str(abs(hash(config)))
        found = diff_files(folder, {**before, "promptctl.yaml": config}, {**after, "promptctl.yaml": config}).found
        assert [(one.finding.rule, one.finding.severity.value) for one in found] == expected, config
