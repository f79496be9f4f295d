"""Contract rules: the least version of a change, and where findings point."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_bench import lint_files

from promptctl.rules.contract.reading.levels import Level, least_version, raised_enough
from promptctl.rules.contract.reading.schema_change import refusals
from promptctl.rules.contract.reading.strict_mode import strict_faults
from promptctl.rules.engine.fixes import apply

MODEL = "model: openai/gpt-4o-2024-08-06\n"
BASE = """version: 1.2.3
model: openai/gpt-4o-2024-08-06
parameters: {temperature: 0}
inputs:
  question: {type: string, maxLength: 500}
  language: {enum: [de, en], default: en}
system_prompt: You answer in {{ language }}.
user_prompt: "{{ question }}"
output: {schema: {type: object, properties: {answer: {type: string}, score: {enum: [1, 2]}}, required: [answer]}}
tools:
  - {type: function, function: {name: find, parameters: {type: object}}}
"""


def changed(folder: Path, before: str, after: str, version: str = "") -> list[tuple[str, str | None]]:
    head = BASE.replace(before, after)
    assert head != BASE
    head = head.replace("1.2.3", version) if version else head
    linted = lint_files(folder, {"prompts/bot.yaml": head}, {"prompts/bot.yaml": BASE})
    return [(str(one.severity), one.hint) for one in linted.findings if one.rule == "PL303"]


@pytest.mark.parametrize(
    ("before", "after", "least"),
    [
        ("You answer", "You reply", "1.2.4"),
        ("gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "1.3.0"),
        ("temperature: 0", "temperature: 0.5", "1.3.0"),
        ("default: en", "default: de", "1.3.0"),
        ("maxLength: 500", "maxLength: 900, default: hi", "1.3.0"),
        ("maxLength: 500", "maxLength: 400", "2.0.0"), ("maxLength: 500", "maxLength: 900", "1.3.0"),
        ("[de, en], default: en", "[de, en, fr], default: de", "1.3.0"),
        ("tools:\n", "tools:\n  - {type: function, function: {name: more}}\n", "1.3.0"),
        ("name: find,", "name: find, description: finds,", "1.3.0"),
        ("required: [answer]", "required: [answer, score]", "1.3.0"),
        (", default: en", "", "2.0.0"),
        ("  language: {enum: [de, en], default: en}\nsystem_prompt: You answer in {{ language }}.",
         "system_prompt: You answer.", "2.0.0"),
        ("  language: {enum: [de, en], default: en}\nsystem_prompt: You", "  language: {enum: [de, en], default: en}\n  product: {}\n"
         "system_prompt: You, {{ product }},", "2.0.0"),
        ("name: find", "name: search", "2.0.0"),
        (", score: {enum: [1, 2]}", "", "2.0.0"),
        ("enum: [1, 2]", "enum: [1, 2, 3]", "2.0.0"),
        ("required: [answer]", "required: []", "2.0.0"),
        ("{type: object, properties: {answer: {type: string}, score: {enum: [1, 2]}}, required: [answer]}}", "null}", "2.0.0"),
    ],
)  # fmt: skip
def test_the_least_version_of_a_change(before: str, after: str, least: str, tmp_path: Path) -> None:
    assert changed(tmp_path, before, after) == [("error", f"version: {least}, or higher")]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.2.4", ["warning"]),
        ("1.3.0", []),
        ("1.3.0-rc.1", []),
        ("2.0.0", []),
        ("1.2.2", ["error"]),
        ("1.2.3-rc.1", ["error"]),
    ],
)
def test_a_minor_change_with_a_patch_is_a_warning(version: str, expected: list[str], tmp_path: Path) -> None:
    found = changed(tmp_path, "temperature: 0", "temperature: 1", version)
    assert [severity for severity, _ in found] == expected


def test_a_break_with_a_minor_version_is_an_error_and_fix_writes_the_least(tmp_path: Path) -> None:
    head = BASE.replace("name: find", "name: search").replace("1.2.3", "1.9.0  # keep")
    linted = lint_files(tmp_path, {"prompts/bot.yaml": head}, {"prompts/bot.yaml": BASE})
    hit = next(one for one in linted.found if one.rule == "PL303")
    assert (hit.severity, hit.line, hit.column, hit.end_column) == ("error", 1, 10, 15)
    assert "the tool 'find' is gone" in hit.message
    assert hit.edit is not None
    assert apply(head, [hit.edit])[0].startswith("version: 2.0.0  # keep\nmodel")


def test_a_file_a_version_is_told_to_write_a_new_file(tmp_path: Path) -> None:
    text = MODEL + "system_prompt: a\n"
    files = {"prompts/bot/v1.0.0.yaml": text}
    linted = lint_files(tmp_path, {"prompts/bot/v1.0.0.yaml": text.replace(": a", ": b")}, files)
    hints = [one.hint for one in linted.findings if one.rule == "PL303"]
    assert hints == ["keep v1.0.0.yaml as it was, and write the change to v1.0.1.yaml"]


def test_a_backport_beside_a_newer_version_lowers_nothing(tmp_path: Path) -> None:
    one, two = MODEL + "system_prompt: a\n", MODEL + "system_prompt: b\n"
    base = {"prompts/bot/v1.0.0.yaml": one, "prompts/bot/v2.0.0.yaml": two}
    head = {**base, "prompts/bot/v1.0.1.yaml": one.replace(": a", ": c")}
    assert [one.rule for one in lint_files(tmp_path, head, base).findings if one.rule == "PL303"] == []


@pytest.mark.parametrize(
    ("before", "level", "least"),
    [
        ("1.2.3", Level.PATCH, "1.2.4"), ("1.2.3", Level.MINOR, "1.3.0"), ("1.2.3", Level.MAJOR, "2.0.0"),
        ("0.4.1", Level.PATCH, "0.4.2"), ("0.4.1", Level.MINOR, "0.4.2"), ("0.4.1", Level.MAJOR, "0.5.0"),
        ("2.0.0-rc.1", Level.MAJOR, "2.0.0"), ("1.3.0-rc.1", Level.MAJOR, "2.0.0"), ("1.3.0-rc.1", Level.MINOR, "1.3.0"),
        ("1.3.1-rc.1", Level.MINOR, "1.4.0"), ("1.3.1-rc.1", Level.PATCH, "1.3.1"), ("1.2.3+build.5", Level.PATCH, "1.2.4"),
    ],
)  # fmt: skip
def test_the_least_version(before: str, level: Level, least: str) -> None:
    assert least_version(before, level) == least
    assert raised_enough(before, least, level)
    assert not raised_enough(before, before, level)


def test_a_release_candidate_may_follow_another() -> None:
    assert raised_enough("2.0.0-rc.1", "2.0.0-rc.2", Level.MAJOR)
    assert not raised_enough("2.0.0-rc.2", "2.0.0-rc.1", Level.PATCH)


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ({}, {"type": "string"}, True), ({"type": "integer"}, {"type": "number"}, False),
        ({"type": "number"}, {"type": "integer"}, True), ({"type": "string"}, {"type": ["string", "null"]}, False),
        ({"enum": [1]}, {"enum": [1, 2]}, False), ({"enum": [1, 2]}, {"const": 1}, True), ({"const": 1}, {}, False),
        ({"maxLength": 5}, {"maxLength": 4}, True), ({"maxLength": 5}, {"maxLength": 6}, False), ({}, {"minItems": 1}, True),
        ({"minimum": 2}, {"minimum": 1}, False), ({"pattern": "a"}, {}, False), ({}, {"pattern": "a"}, True),
        ({"items": {"type": "string"}}, {"items": {"type": "integer"}}, True), ({"required": ["a"]}, {"required": []}, False),
        ({"properties": {"a": {}}}, {"properties": {"a": {"type": "null"}}}, True), ({}, {"additionalProperties": False}, True),
        ({"description": "x"}, {"description": "y"}, False),
    ],
)  # fmt: skip
def test_what_a_schema_no_longer_takes(old: dict[str, object], new: dict[str, object], refused: bool) -> None:
    assert bool(list(refusals(old, new))) is refused
    assert list(refusals(new, new)) == []


def test_strict_mode_names_every_fault_and_its_place() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {"b": {}}, "additionalProperties": False}},
                       "c": {"oneOf": [{"type": "string"}]}},
        "required": ["a", "c"],
        "additionalProperties": True,
    }  # fmt: skip
    assert [place for place, _, _ in strict_faults(schema)] == [
        (), ("properties", "a", "items", "properties", "b"), ("properties", "c", "oneOf"),
    ]  # fmt: skip
    good = {"type": "object", "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "required": ["a"],
            "additionalProperties": False}  # fmt: skip
    assert list(strict_faults(good)) == []


def test_other_providers_take_a_schema_as_it_is(tmp_path: Path) -> None:
    text = (
        "version: 1.0.0\nmodel: anthropic/claude-sonnet-4-20250514\nuser_prompt: x\noutput: {schema: {type: object}}\n"
    )
    assert "PL309" not in [one.rule for one in lint_files(tmp_path, {"prompts/a.yaml": text}).findings]


@pytest.mark.parametrize(
    ("version", "fixed"),
    [
        ("2.10", "2.10.0"),
        ("2", "2.0.0"),
        ("v2.1.0", "2.1.0"),
        ("'2.1'", "'2.1.0'"),
        ("latest", None),
        ("1.0.0.1", None),
        ("01.2", None),
    ],
)
def test_a_version_is_completed_as_it_is_written(version: str, fixed: str | None, tmp_path: Path) -> None:
    text = f"version: {version}  # v\n{MODEL}user_prompt: x\n"
    linted = lint_files(tmp_path, {"prompts/a.yaml": text})
    told = [(one.rule, one.column) for one in linted.findings if one.line == 1 and one.severity == "error"]
    assert told == [("PL302", 10)]
    hits = [one for one in linted.found if one.rule == "PL302"]
    edit = hits[0].edit
    assert (apply(text, [edit])[0].split("\n")[0] if edit else None) == (fixed and f"version: {fixed}  # v")


def test_tools_with_one_name_a_bad_name_and_a_required_stranger(tmp_path: Path) -> None:
    text = (
        f"version: 1.0.0\n{MODEL}user_prompt: x\ntools:\n"
        "  - {type: function, function: {name: find it}}\n"
        "  - {type: function, function: {name: find}}\n"
        "  - {type: function, function: {name: find, parameters: {type: object, required: [id]}}}\n"
    )
    hits = [one for one in lint_files(tmp_path, {"prompts/a.yaml": text}).findings if one.rule == "PL310"]
    assert [(one.severity, one.line, one.column) for one in hits] == [
        ("error", 5, 39),
        ("error", 7, 39),
        ("warning", 7, 83),
    ]


def test_only_the_current_version_needs_a_golden_set(tmp_path: Path) -> None:
    text = MODEL + "user_prompt: x\n"
    golden = "cases: [{id: a, input: {}, assertions: [{contains: a}]}]\n"
    files = {f"prompts/bot/v{number}.0.0.yaml": text for number in (1, 2)} | {
        "golden/bot.yaml": golden,
        "prompts/lone.yaml": text,
    }
    hits = [one for one in lint_files(tmp_path, files).findings if one.rule == "PL307"]
    assert [(one.path, one.severity, one.hint) for one in hits] == [
        ("prompts/lone.yaml", "warning", "write golden/lone.yaml, or name one with `golden:`")
    ]
