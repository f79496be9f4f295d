"""A rule's page is its first test: every Bad block fires, no Good block does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rule_bench import lint_files

from promptctl.rules.engine.pages import Example, markdown, page_of
from promptctl.rules.engine.rule import Rule
from promptctl.rules.engine.shelf import rules

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.code}-{'bad' if example.bad else 'good'}-{index}")
    for rule in rules()
    for index, example in enumerate(page_of(rule).examples)
]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_every_bad_block_fires_and_no_good_block_does(rule: Rule, example: Example, tmp_path: Path) -> None:
    linted = lint_files(tmp_path, example.files, example.base or None)
    fired = [one for one in linted.findings if one.rule == rule.code]
    assert bool(fired) is example.bad, [f"{one.rule} {one.path}:{one.line} {one.message}" for one in linted.findings]
    unreadable = [one for one in linted.findings if one.rule == "PL001" and rule.code != "PL001"]
    assert example.bad or not unreadable, unreadable


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.code)
def test_a_page_has_a_summary_a_reason_and_both_kinds_of_examples(rule: Rule) -> None:
    page = page_of(rule)
    assert page.summary.endswith(".")
    assert len(page.why) > 40
    assert {one.bad for one in page.examples} == {True, False}
    assert "Bad:" not in markdown(rule), "a fence is not closed, or does not stand right under its heading"


def test_codes_and_names_are_unique_and_files_are_named_as_their_rules() -> None:
    assert len({rule.code for rule in rules()}) == len(rules())
    assert len({rule.name for rule in rules()}) == len(rules())
    folder = Path(__file__).parents[2] / "src" / "promptctl" / "rules"
    files = {
        path.stem.replace("_", "-")
        for path in folder.glob("*/*.py")
        if path.parent.name not in {"engine", "knowledge"} and path.stem != "__init__"
    }
    assert files == {rule.name for rule in rules()}


def test_codes_are_of_the_familys_hundred() -> None:
    hundreds = {
        "project": "0",
        "model": "1",
        "template": "2",
        "contract": "3",
        "golden": "4",
        "judge": "5",
        "secrets": "6",
        "limits": "7",
    }
    for rule in rules():
        assert re.fullmatch(r"PL\d{3}", rule.code), rule.code
        family = rule.visit.__module__.split(".")[-2]
        assert rule.code[2] == hundreds[family], f"{rule.code} stands in {family}"
