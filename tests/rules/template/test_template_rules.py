"""Template rules: where they point, how sure they are, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from rule_bench import lint_files

from promptctl.rules.template.reading.delimiters import HOLE, delimited
from promptctl.rules.template.reading.trust import is_free

HEAD = "version: 1.0.0\nmodel: openai/gpt-4o-2024-08-06\n"


def found(folder: Path, code: str, body: str, **others: str) -> list[tuple[str, int | None, int | None, int | None]]:
    files = {
        "prompts/bot.yaml": HEAD + body,
        **{name.replace("__", "/") + ".txt": text for name, text in others.items()},
    }
    findings = lint_files(folder, files).findings
    return [(str(one.severity), one.line, one.column, one.end_column) for one in findings if one.rule == code]


@pytest.mark.parametrize(
    ("code", "body", "expected"),
    [
        ("PL201", "system_prompt: |\n  Hi\n\n  x {{ a | nofilter }}\n", [("error", 6, 5, 23)]),
        ("PL201", "system_prompt: |\n  Hi\n  {% if a %}\nuser_prompt: x\n", [("error", 5, 3, 13)]),
        ("PL201", 'user_prompt: "a {{ b "\n', [("error", 3, 17, 21)]),
        ("PL202", "inputs: {a: {}}\nuser_prompt: |\n  {{ a }} {{ b }}\n  and {{ b }}\n",
         [("error", 5, 11, 18), ("error", 6, 7, 14)]),
        ("PL202", 'inputs: {a: {}}\nuser_prompt: "{{ a }} {% if b is defined %}{{ b }}{% endif %}"\n',
         [("warning", 4, 23, 44), ("warning", 4, 44, 51)]),
        ("PL203", "inputs:\n  a: {}\n  unused: {}\nuser_prompt: '{{ a }}'\n", [("warning", 5, 3, 9)]),
        ("PL204", "inputs: {a: {}, b: {}, a: {}}\n", [("error", 3, 24, 25)]),
        ("PL205", "system_prompt: >-\n  Hi\n  {% include tone %}\n", [("error", 5, 3, 21)]),
        ("PL206", "system_prompt: |\n  {% include 'a.txt' %}\n  {% include 'a.txt' %}\n",
         [("error", 4, 3, 24), ("error", 5, 3, 24)]),
        ("PL207", "messages:\n  - {role: developer, content: 'A {{ b }} {{ b }}'}\n  - {role: user, content: x}\n",
         [("warning", 4, 35, 42)]),
        ("PL208", 'user_prompt: "Sum \\"up\\" {{ a }} now"\n', [("warning", 3, 26, 33)]),
        ("PL209", "inputs: {q: {}}\nfew_shot_examples:\n  - {user: a, assistant: 'b {{ q }}'}\n  - {user: '{{x}}', assistant: c}\n"
                  "user_prompt: '{{ q }}'\n", [("warning", 5, 29, 36), ("info", 6, 13, 18)]),
        ("PL210", "messages:\n  - {role: assistant, content: hi}\n  - {role: user, content: x}\n", [("warning", 4, 12, 21)]),
    ],
)  # fmt: skip
def test_a_finding_points_at_the_expression(
    code: str, body: str, expected: list[tuple[str, int, int, int]], tmp_path: Path
) -> None:
    assert found(tmp_path, code, body) == expected


def test_a_duplicate_key_elsewhere_is_no_input_declared_twice(tmp_path: Path) -> None:
    body = "inputs:\n  a: {type: string, type: number}\nparameters:\n  seed: 1\n  seed: 2\n"
    assert found(tmp_path, "PL204", body) == []
    assert len(found(tmp_path, "PL001", body)) == 2


def test_crlf_moves_no_column(tmp_path: Path) -> None:
    body = "user_prompt: |\n  Sum up {{ a }} in two\n  sentences\n".replace("\n", "\r\n")
    assert found(tmp_path, "PL208", body) == [("warning", 4, 10, 17)]


def test_an_included_text_reports_at_its_include(tmp_path: Path) -> None:
    body = 'inputs: {a: {}}\nsystem_prompt: |\n  x {% include "shared/tone.txt" %}\nuser_prompt: "{{ a }}"\n'
    assert found(tmp_path, "PL202", body, shared__tone="Be {{ mood }}") == [("error", 5, 5, 36)]
    assert found(tmp_path, "PL207", body, shared__tone="For {{ a }}") == [("warning", 5, 5, 36)]


@pytest.mark.parametrize(
    "flat",
    [
        "<doc>@</doc>", "<doc id='1'>\nTitle: x\n\n@\n</doc> Now answer", "[INST]@[/INST]", "```\n@\n``` go on",
        '"""@""" sum it up', "Say '@' aloud", 'Say "@" aloud', "## Review\n@\nNow sum it up", "The question:\n@\nAnswer it",
        "**Review**\n\n@\nAnswer", "=== REVIEW ===\n@\n=== END ===", "---\n@\n---\nAnswer", "<<<\n@\n>>> go", "INPUT\n@\nend",
        "<a><b></b>@</a> x", "Passages:\n- @\n- @", "\u00ab@\u00bb",
    ],
)  # fmt: skip
def test_what_draws_a_line_around_an_input(flat: str) -> None:
    assert delimited(flat.replace("@", HOLE), flat.index("@"))


@pytest.mark.parametrize(
    "flat",
    ["Sum up @ in two lines", "Question: @", "<doc></doc>@", "<br/>@ and then </br>", "```\ncode\n```\n@ more", "It's @ isn't it",
     "Answer the question below.\n@", "# Rules\nBe brief.\n@ and so on", "<doc>@"],
)  # fmt: skip
def test_what_does_not(flat: str) -> None:
    assert not delimited(flat.replace("@", HOLE), flat.index("@"))


@pytest.mark.parametrize(
    ("schema", "free"),
    [
        ({}, True), ({"type": "string"}, True), ({"type": ["string", "null"]}, True), ({"type": "array"}, True),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, True), ({"anyOf": [{"type": "null"}, {}]}, True),
        ({"type": "string", "maxLength": 4000}, True), ({"$ref": "#/$defs/x"}, True), ({"type": "object"}, True),
        ({"type": "string", "maxLength": 60}, False), ({"enum": ["a"]}, False), ({"const": 1}, False),
        ({"type": "number"}, False), ({"type": "string", "format": "date"}, False), ({"type": ["integer", "null"]}, False),
        ({"type": "array", "items": {"enum": ["a"]}}, False), ({"type": "string", "pattern": "[a-z]+"}, False),
        ({"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}, False),
    ],
)  # fmt: skip
def test_which_inputs_can_hold_anything(schema: object, free: bool) -> None:
    assert is_free(schema) is free


def test_bounded_inputs_and_statements_in_the_system_message_are_left_alone(tmp_path: Path) -> None:
    body = (
        "inputs: {q: {type: string}, lang: {enum: [de, en]}, day: {type: string, format: date}}\n"
        "system_prompt: 'Answer in {{ lang }}. It is {{ day }}.{% if q %} Be brief.{% endif %}'\nuser_prompt: '{{ q }}'\n"
    )
    assert found(tmp_path, "PL207", body) == []


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ("[{role: user, content: a}, {role: assistant, tool_calls: [{id: c, type: function, function: {name: f}}]}, "
         "{role: tool, tool_call_id: c, content: b}, {role: user, content: c}]", []),
        ("[{role: user, content: a}, {role: assistant, tool_calls: [{id: c, type: function, function: {name: f}}]}, "
         "{role: user, content: c}]", ["error"]),
        ("[{role: user, content: a}, {role: tool, content: b}, {role: user, content: c}]", ["error"]),
        ("[{role: system, content: a}, {role: developer, content: b}, {role: user, content: c}]", []),
        ("[{role: user, content: a}, {role: user, content: b}]", []),
        ("[{role: user, content: a}, {role: assistant, content: '{'}]", ["warning"]),
        ("[{role: system, content: a}]", ["warning"]),
    ],
)  # fmt: skip
def test_orders_of_roles(messages: str, expected: list[str], tmp_path: Path) -> None:
    assert [one[0] for one in found(tmp_path, "PL210", f"messages: {messages}\n")] == expected


def test_two_in_a_row_matter_where_the_server_uses_the_models_own_template(tmp_path: Path) -> None:
    text = "version: 1.0.0\nmodel: hosted_vllm/google/gemma-2@abc\nmessages: [{role: user, content: a}, {role: user, content: b}]\n"
    findings = lint_files(tmp_path, {"prompts/a.yaml": text}).findings
    assert [(one.line, one.column) for one in findings if one.rule == "PL210"] == [(3, 45)]


def test_the_price_of_a_lost_prefix(tmp_path: Path) -> None:
    """2,000 words of one token each at 2.50 USD a million, 1.25 cached: 1,000 calls lose 2.50 USD."""
    rules = "Rule: " + "be kind " * 1000
    body = f"inputs: {{name: {{type: string, maxLength: 9}}, q: {{}}}}\nsystem_prompt: 'To {{{{ name }}}}. {rules}'\nuser_prompt: '{{{{ q }}}}'\n"
    findings = [one for one in lint_files(tmp_path, {"prompts/bot.yaml": HEAD + body}).findings if one.rule == "PL211"]
    assert [(one.severity, one.line, one.column) for one in findings] == [("info", 4, 20)]
    assert "about 2,00" in findings[0].message
    assert "$2.5" in (findings[0].hint or "")
    body = body.replace(f"To {{{{ name }}}}. {rules}", f"{rules} To {{{{ name }}}}.")
    assert found(tmp_path, "PL211", body) == []
