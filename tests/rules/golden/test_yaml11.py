"""What YAML 1.1 reads differently: PyYAML's own resolver is the witness."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from rule_bench import lint_files

from promptctl.rules.engine.fixes import apply
from promptctl.rules.golden.reading.yaml11 import CANDIDATE, other_reading
from promptctl.text.scalars import plain

_PLAIN = st.from_regex(
    r"[-+]?[0-9._:eExobna-f]{1,10}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[yYnNoO][a-zA-Z]{1,2}", fullmatch=True
)


@given(_PLAIN)
@example("012")
@example("089")
@example("0o14")
@example("1_000")
@example("12:30")
@example("012:30")
@example("1e3")
@example("1.5e3")
@example("1.5e+3")
@example("190:20:30.15")
@example("0b101")
@example("yes")
@example("yES")
@example("2026-01-31")
@example("2026-1-31")
@example(".5_0")
@example("0x1_f")
def test_it_says_another_reading_exactly_where_pyyaml_reads_another_value(text: str) -> None:
    try:
        theirs = yaml.safe_load(text)
        ours = plain(text)
    except (ValueError, IndexError, yaml.YAMLError):
        return  # not a plain scalar, not a date, or a number neither of the two holds
    if not isinstance(yaml.compose(text), yaml.ScalarNode) or theirs != theirs:
        return
    differ = type(ours) is not type(theirs) or ours != theirs
    said = other_reading(text)
    assert (said is not None) is differ, (ours, theirs, said)
    if isinstance(theirs, int | float) and not isinstance(theirs, bool) and said is not None:
        assert said == f"the number {theirs}"
    if isinstance(theirs, datetime.date):
        assert said in {"a date", "a point in time"}


@pytest.mark.parametrize(
    "line",
    ["a: no", "- yes", "  - a: on # x", "a: [1, no, 2]", "{a: off}", "a: 012", "a: 1_000", "a: 12:30", "a: 1e3", "no: 1", "on:",
     "a: 2026-01-31", "- 2026-01-31 10:00:00", "a: 0o14", "a: -0x1f_f", "a: 1_0.5", "a: .5_0", "a: YES\r", "a: 0b1", "a: 1:30.5"],
)  # fmt: skip
def test_the_first_look_misses_none(line: str) -> None:
    assert CANDIDATE.search(f"cases:\n{line}\n")


@pytest.mark.parametrize(
    "line", ["a: noon", 'a: "no"', "a: 12", "a: 1.5", "a: not yes or", "a: on time", "a: 'x: no'", "a: v1.2.3"]
)
def test_the_first_look_passes_ordinary_lines(line: str) -> None:
    assert not CANDIDATE.search(f"cases:\n{line}\n")


def test_places_severities_and_the_fix(tmp_path: Path) -> None:
    text = (
        "cases:\n"
        "  - id: a  # keep\n"
        "    input: {q: May I?, since: 2026-01-31, on: 1_000, n: 012, t: 12:30, quoted: 'no', half: .5}\n"
        "    expected_output: no\n"
        "    assertions:\n      - contains-any: [No, nope]\n"
        "    context:\n      - |\n        answer: no\n"
    )
    linted = lint_files(tmp_path, {"golden/a.yaml": text})
    found = [one for one in linted.found if one.rule == "PL409"]
    assert sorted((one.line, one.column, one.end_column, one.severity.value) for one in found) == [
        (3, 31, 41, "info"), (3, 43, 45, "warning"), (3, 47, 52, "warning"), (3, 57, 60, "warning"), (3, 65, 70, "warning"),
        (4, 22, 24, "warning"), (6, 24, 26, "warning"),
    ]  # fmt: skip
    fixed, done = apply(text, [one.edit for one in found if one.edit is not None])
    assert done == 4
    assert 'since: "2026-01-31", on: "1_000", n: 012' in fixed
    assert 'expected_output: "no"\n' in fixed
    assert 'contains-any: ["No", nope]' in fixed


def test_the_first_look_is_linear() -> None:
    """Quadratic, a hundred thousand characters would take minutes."""
    for text in (
        "a: 1" + "_" * 100_000 + "x",
        "a: 2026-01-31" + " " * 100_000 + "x",
        "- " * 50_000 + "x",
        "1:" * 50_000 + "x",
    ):
        assert not CANDIDATE.search(f"{text}\n")
