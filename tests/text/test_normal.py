"""The normal form: what it shows, what it hides, and that nothing that reaches the model is lost in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.source import Blob
from promptctl.text.normal import normal_form, text_lines

PROMPT = """\
model: openai/gpt-4o-2024-08-06
version: 2.1.0
name: bot
parameters: {temperature: 0, max_tokens: 400, stop: [a, "1"]}
inputs:
  question: {type: string}
  articles: {type: array, items: {type: string}, default: []}
system_prompt: |
  You answer for Acme. Be brief, e.g. in one line. "Never guess." Stop.

  1. First of all. Second of all.
few_shot_examples:
  - user: Hi
    assistant: "Hello. Good day."
output: {schema: {type: object, required: [a]}}
tools: [{type: function, function: {name: look_up, parameters: {type: object}}}]
limits: {prompt_tokens: 100}
"""
FORM = """\
[prompt]
  name: bot
  version: 2.1.0
  model: openai/gpt-4o-2024-08-06

[parameters]
  max_tokens: 400
  stop[]: a
  stop[]: "1"
  temperature: 0

[input articles]
  default: []
  items.type: string
  type: array

[input question]
  required: true
  type: string

[system]
| You answer for Acme.
  Be brief, e.g. in one line.
  "Never guess."
  Stop.
|
| 1. First of all.
  Second of all.

[example 1, user]
| Hi

[example 1, assistant]
| Hello.
  Good day.

[user]
| {{ input }}

[output]
  format: json
  schema.required[]: a
  schema.type: object

[limits]
  prompt_tokens: 100

[tool look_up]
  name: look_up
  parameters.type: object
"""
GOLDEN = """\
prompt: bot
defaults: {tags: [x]}
cases:
  - id: one
    input: One?
    tags: [hard, critical]
    assertions:
      - contains: "1"
      - {type: contains, value: two, weight: 2}
      - levenshtein: {value: abc, threshold: 3}
      - is-json
    rubric: Short. Right.
"""
GOLDEN_FORM = """\
[golden set]
  prompt: bot

[defaults]
  tags: x

[case one]
  input: One?
  tags: hard, critical
  assert contains: "1"
  assert contains: two
    weight: 2
  assert levenshtein.threshold: 3
  assert levenshtein.value: abc
  assert is-json
  rubric:
    | Short.
      Right.
"""


def form(text: str, path: str = "x.yaml") -> str | None:
    return normal_form(Blob(path, text.encode()))


def test_a_prompt_in_full() -> None:
    assert form(PROMPT) == FORM


def test_a_golden_set_has_a_block_for_each_case() -> None:
    assert form(GOLDEN) == GOLDEN_FORM


@pytest.mark.parametrize(
    "same",
    [
        PROMPT.replace("\n", "\r\n"),
        "# A comment.\n" + PROMPT,
        PROMPT.replace("{temperature: 0, max_tokens: 400, ", "{max_tokens: 400, temperature: 0, "),
        PROMPT.replace("name: bot", 'name: "bot"'),
        PROMPT + 'user_prompt: "{{ input }}"\n',
    ],
)
def test_what_does_not_matter_is_not_shown(same: str) -> None:
    assert form(same) == FORM


@pytest.mark.parametrize(
    ("old", "new"),
    [("Stop.", "Stop. "), ("temperature: 0", 'temperature: "0"'), ("one line. ", "one line.\n  "), ("Hi\n", "hi\n")],
)
def test_what_reaches_the_model_is(old: str, new: str) -> None:
    assert old in PROMPT
    assert form(PROMPT.replace(old, new)) not in (None, FORM)


def test_messages_and_inputs_nobody_declared() -> None:
    text = "model: m\nmessages:\n  - {role: user, content: '{{ b }} {{ a }}'}\n  - {role: assistant, tool_calls: [{id: 1}]}\n"
    assert form(text) == (
        "[prompt]\n  model: m\n\n[input a]\n  required: true\n\n[input b]\n  required: true\n\n"
        "[user]\n| {{ b }} {{ a }}\n\n[assistant]\n  tool_calls[0].id: 1\n"
    )


def test_lines_and_rows_are_cases_too() -> None:
    assert form('{"id": "a", "input": "x"}\n', "g.jsonl") == "[case a]\n  input: x\n"
    assert form("id,input.q,tags\na,Why?,x;y\n", "g.csv") == "[case a]\n  input.q: Why?\n  tags: x, y\n"


@pytest.mark.parametrize(
    "text",
    ["", "a: [", "- a\n", "just: a mapping\n", "model: m\n", "\xff\x00", "kind: Pod\nspec: {}\n", "a: 1\na: 2\n"],
)
def test_what_is_neither_has_no_normal_form(text: str) -> None:
    assert normal_form(Blob("x.yaml", text.encode("latin-1"))) is None
    assert normal_form(Blob("x.jsonl", b"{")) is None


@pytest.mark.parametrize("value", ["3", "[a]", "{a: 1}", "null", "[{a: b}, c]"])
@pytest.mark.parametrize("key", ["name", "inputs", "messages", "system_prompt", "few_shot_examples", "tools", "output"])
def test_a_wrong_prompt_is_shown_and_never_an_error(key: str, value: str) -> None:
    other = "" if key == "messages" else "user_prompt: x\n"
    assert form(f"model: m\n{other}{key}: {value}\n") is not None


@given(st.text(alphabet=st.sampled_from("aB.!? \t\"'。é1\n|[")))
def test_no_character_of_a_text_is_lost_but_the_blank_between_sentences(text: str) -> None:
    lines = list(text_lines(text))
    assert all(line == "|" or line.startswith(("| ", "  ")) for line in lines)
    back = ""
    for number, line in enumerate(lines):
        if line.startswith("|"):
            back += ("\n" if number else "") + line[2:]
        else:
            back += ("" if back[-1] == "。" else " ") + line[2:]
    assert back == text
