"""Selecting, ignoring and weighing rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_bench import codes, lint_files

from promptctl.model.config import Config, LintConfig
from promptctl.model.errors import InputError
from promptctl.model.finding import Severity
from promptctl.rules.engine.settings import matches, settings_of

NAMES = {"PL101": "unpinned-model", "PL102": "unknown-model", "PL203": "unused-input"}
ALIAS = "model: openai/gpt-4o\nsystem_prompt: Hello.\n"


def verdict(config: LintConfig, code: str, path: str = "prompts/a.yaml", **line: list[str]) -> Severity | None:
    return settings_of(Config(lint=config), NAMES, **line).verdict(code, Severity.ERROR, path)


def test_everything_counts_by_default() -> None:
    assert verdict(LintConfig(), "PL101") is Severity.ERROR


def test_select_and_ignore_take_prefixes_and_the_longer_wins() -> None:
    assert verdict(LintConfig(select=("PL1",)), "PL203") is None
    assert verdict(LintConfig(ignore=("PL1",)), "PL101") is None
    assert verdict(LintConfig(select=("PL101",), ignore=("PL1",)), "PL101") is Severity.ERROR
    assert verdict(LintConfig(select=("PL1",), ignore=("PL101",)), "PL101") is None
    assert verdict(LintConfig(select=("PL1",), ignore=("PL1",)), "PL101") is None


def test_a_file_that_cannot_be_read_is_left_out_by_its_own_code_alone(tmp_path: Path) -> None:
    broken = {"prompts/a.yaml": "a: [\n"}
    assert codes(lint_files(tmp_path / "1", {"promptctl.yaml": "lint: {select: [PL101]}\n"} | broken)) == ["PL001"]
    assert codes(lint_files(tmp_path / "2", {"promptctl.yaml": "lint: {ignore: [PL0]}\n"} | broken)) == ["PL001"]
    assert codes(lint_files(tmp_path / "3", {"promptctl.yaml": "lint: {ignore: [PL001]}\n"} | broken)) == []
    assert codes(lint_files(tmp_path / "4", {"promptctl.yaml": "lint: {severity: {PL0: off}}\n"} | broken)) == ["PL001"]
    assert codes(lint_files(tmp_path / "5", {"promptctl.yaml": "lint: {severity: {PL001: off}}\n"} | broken)) == []


def test_severity_is_weighed_and_can_switch_off() -> None:
    assert verdict(LintConfig(severity={"PL101": "info"}), "PL101") is Severity.INFO
    assert verdict(LintConfig(severity={"PL1": "off"}), "PL101") is None
    assert verdict(LintConfig(severity={"PL1": "off", "PL101": "warning"}), "PL101") is Severity.WARNING


def test_the_command_line_replaces_select_and_adds_to_ignore() -> None:
    config = LintConfig(select=("PL1",), ignore=("PL102",))
    assert verdict(config, "PL203", select=["PL2"]) is Severity.ERROR
    assert verdict(config, "PL101", select=["PL2"]) is None
    assert verdict(config, "PL102", ignore=["PL101"]) is None
    assert verdict(config, "PL101", ignore=["PL102,PL101"]) is None


def test_per_path_is_a_list_to_ignore_or_a_whole_choice() -> None:
    config = LintConfig(
        per_path={"prompts/drafts": ["PL101"], "prompts/**/old-*.yaml": {"severity": {"PL101": "info"}}}
    )
    assert verdict(config, "PL101", "prompts/drafts/a.yaml") is None
    assert verdict(config, "PL101", "prompts/x/y/old-a.yaml") is Severity.INFO
    assert verdict(config, "PL101", "prompts/a.yaml") is Severity.ERROR


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("prompts", "prompts/a/b.yaml", True),
        ("prompts/*.yaml", "prompts/a.yaml", True),
        ("prompts/*.yaml", "prompts/a/b.yaml", False),
        ("**/b.yaml", "b.yaml", True),
        ("**/b.yaml", "x/y/b.yaml", True),
        ("prompt", "prompts/a.yaml", False),
        ("p?omp[ts", "p?omp[ts", True),
    ],
)
def test_globs(glob: str, path: str, expected: bool) -> None:
    assert matches(glob, path) is expected


@pytest.mark.parametrize(
    ("config", "hint"),
    [
        (LintConfig(select=("PL1O1",)), "did you mean PL101 (unpinned-model)?"),
        (LintConfig(ignore=("unpinned-model",)), "did you mean PL101 (unpinned-model)?"),
        (LintConfig(severity={"PL999": "error"}), "lists all"),
        (LintConfig(per_path={"a": {"ignor": ["PL101"]}}), "did you mean 'ignore'?"),
        (LintConfig(per_path={"a": 3}), None),
        (LintConfig(per_path={"a": {"severity": {"PL101": "fatal"}}}), "one of error"),
        (LintConfig(per_path={"a": {"select": "PL101"}}), None),
    ],
)
def test_what_is_wrong_with_the_settings_is_an_input_error_with_a_hint(config: LintConfig, hint: str | None) -> None:
    with pytest.raises(InputError) as raised:
        settings_of(Config(lint=config), NAMES)
    assert hint is None or hint in (raised.value.problems[0].hint or "")


def test_per_path_of_a_real_project(tmp_path: Path) -> None:
    config = "lint:\n  select: [PL101]\n  per_path: {prompts/drafts: [PL101]}\n"
    files = {"promptctl.yaml": config, "prompts/drafts/a.yaml": ALIAS, "prompts/b.yaml": ALIAS}
    linted = lint_files(tmp_path, files)
    assert codes(linted) == ["PL101"]
    assert linted.findings[0].path == "prompts/b.yaml"
