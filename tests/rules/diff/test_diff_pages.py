"""A rule's page is its first test: every Bad block fires, no Good block does; and levels are those of the version rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from diff_bench import diff_files

from promptctl.rules.contract.reading.levels import steps
from promptctl.rules.diff.engine.findings import least
from promptctl.rules.diff.engine.rule import Category, DiffRule, level_word
from promptctl.rules.diff.engine.shelf import diff_rules
from promptctl.rules.engine.pages import Example, markdown, page_of

EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.rule.code}-{'bad' if example.bad else 'good'}-{index}")
    for rule in diff_rules()
    for index, example in enumerate(page_of(rule.rule).examples)
]
WITHOUT_FILES = {"PD002"}


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_every_bad_block_fires_and_no_good_block_does(rule: DiffRule, example: Example, tmp_path: Path) -> None:
    outcome = diff_files(tmp_path, example.base, example.files)
    fired = [one for one in outcome.found if one.finding.rule == rule.rule.code]
    told = [f"{one.finding.rule} {one.finding.path}:{one.finding.line} {one.finding.message}" for one in outcome.found]
    assert bool(fired) is example.bad, told
    assert rule.rule.code == "PD001" or not outcome.comparison.unreadable
    assert all(one.category is rule.category for one in fired)


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_the_level_required_is_that_of_the_version_rule(rule: DiffRule, example: Example, tmp_path: Path) -> None:
    outcome = diff_files(tmp_path, example.base, example.files)
    for pair in outcome.comparison.prompts:
        before, after = pair.change.before, pair.change.after
        if before is not None and after is not None and not pair.change.replaced:
            found = steps(before, after)
            mine = least(
                one.level for one in (*outcome.found, *(a for a, _ in outcome.accepted)) if one.subject == pair.name
            )
            assert mine == (found[0].level if found else None)


@pytest.mark.parametrize("rule", diff_rules(), ids=lambda rule: rule.rule.code)
def test_a_page_has_a_summary_a_reason_and_both_kinds_of_examples(rule: DiffRule) -> None:
    page = page_of(rule.rule)
    assert page.summary.endswith(".")
    assert len(page.why) > 40
    kinds = {one.bad for one in page.examples}
    assert kinds == ({False} if rule.rule.code in WITHOUT_FILES else {True, False})
    assert all(one.base and one.files for one in page.examples)
    assert "Bad:" not in markdown(rule.rule), "a fence is not closed, or does not stand right under its heading"


def test_codes_and_names_are_unique_and_files_are_named_as_their_rules() -> None:
    rules = [one.rule for one in diff_rules()]
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)
    folder = Path(__file__).parents[3] / "src" / "promptctl" / "rules" / "diff"
    aside = {"engine", "reading"}
    files = {
        p.stem.replace("_", "-") for p in folder.glob("*/*.py") if p.parent.name not in aside and p.stem != "__init__"
    }
    assert files == {rule.name for rule in rules}


def test_codes_are_of_the_categorys_hundred() -> None:
    hundreds = {
        "1": Category.CONTRACT_IN,
        "2": Category.CONTRACT_OUT,
        "3": Category.MODEL,
        "4": Category.TEXT,
        "5": Category.TESTS,
        "6": Category.COSMETIC,
        "0": Category.PROJECT,
    }
    for rule in diff_rules():
        assert re.fullmatch(r"PD\d{3}", rule.rule.code), rule.rule.code
        assert hundreds[rule.rule.code[2]] is rule.category


def test_the_page_of_diff_lists_every_rule_as_it_is() -> None:
    page = (Path(__file__).parents[3] / "docs" / "diff.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if re.match(r"\| PD\d{3} \|", line)]
    expected = [
        f"| {one.rule.code} | {one.rule.name} | {one.rule.severity} | {one.category} | {level_word(one.level)} "
        f"| {page_of(one.rule).summary} |"
        for one in diff_rules()
    ]
    assert rows == expected
