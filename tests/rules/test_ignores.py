"""Comments that silence a rule: where they count, and what is said of those that do not."""

from __future__ import annotations

from pathlib import Path

from rule_bench import codes, lint_files

from promptctl.model.source import Blob
from promptctl.rules.engine.ignores import ignores_in
from promptctl.text.yaml import load

SELECT = {"promptctl.yaml": "lint: {select: [PL0, PL101]}\n"}


def found(text: str) -> list[tuple[int, int, int, tuple[str, ...], str]]:
    document = load(Blob("a.yaml", text.encode()))
    return [(one.span.line, one.first, one.last, one.codes, one.rest) for one in ignores_in("a.yaml", text, document)]


def test_an_ignore_counts_on_its_own_line_with_codes_and_a_reason() -> None:
    assert found("a: 1\nb: 2  # promptctl: ignore PL101, pl102 because it is so\n") == [
        (2, 2, 2, ("PL101", "PL102"), "because it is so")
    ]


def test_in_the_header_of_a_block_it_covers_the_block() -> None:
    assert found("a: | # promptctl: ignore PL601\n  one\n  two\nb: 1\n") == [(1, 1, 3, ("PL601",), "")]


def test_at_the_end_of_a_quoted_text_of_several_lines_it_covers_all_of_them() -> None:
    assert found('a: "one\n  two"  # promptctl: ignore PL601\nb: 1\n') == [(2, 1, 2, ("PL601",), "")]


def test_inside_of_a_text_it_is_text() -> None:
    assert (
        found(
            'a: |\n  x # promptctl: ignore PL101\nb: "# promptctl: ignore PL101"\nc: >\n  # promptctl: ignore PL101\n'
        )
        == []
    )


def test_line_ends_of_windows_are_none_of_the_reason() -> None:
    assert found("a: 1 # promptctl: ignore PL101\r\nb: 2\r\n") == [(1, 1, 1, ("PL101",), "")]


def test_the_finding_on_the_line_is_silent_and_others_are_not(tmp_path: Path) -> None:
    text = "model: openai/gpt-4o # promptctl: ignore PL101\nfallbacks:\n  - openai/gpt-4.1\nsystem_prompt: Hello.\n"
    linted = lint_files(tmp_path, SELECT | {"prompts/a.yaml": text})
    assert [(one.rule, one.line) for one in linted.findings] == [("PL101", 3)]


def test_an_ignore_of_a_rule_that_is_off_is_not_called_unused(tmp_path: Path) -> None:
    text = "model: openai/gpt-4o-2024-08-06 # promptctl: ignore PL101\nsystem_prompt: Hello.\n"
    assert codes(lint_files(tmp_path, {"promptctl.yaml": "lint: {select: [PL0]}\n", "prompts/a.yaml": text})) == []
    assert codes(lint_files(tmp_path, SELECT | {"prompts/a.yaml": text})) == ["PL002"]


def test_in_a_file_that_cannot_be_read_nothing_is_called_unused(tmp_path: Path) -> None:
    text = "model: openai/gpt-4o # promptctl: ignore PL101\nsytem_prompt: Hello.\n"
    assert codes(lint_files(tmp_path, SELECT | {"prompts/a.yaml": text})) == ["PL001"]


def test_one_ignore_may_name_several_rules_and_each_is_accounted_for(tmp_path: Path) -> None:
    text = "model: openai/gpt-4o # promptctl: ignore PL101, PL106, PL1\nsystem_prompt: Hello.\n"
    linted = lint_files(
        tmp_path, {"promptctl.yaml": "lint: {select: [PL0, PL1], ignore: [PL103]}\n", "prompts/a.yaml": text}
    )
    assert [(one.rule, "PL106" in one.message, "PL1 " in one.message + " ") for one in linted.findings] == [
        ("PL002", True, False),
        ("PL004", False, True),
    ]
