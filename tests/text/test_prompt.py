"""Prompt files: both layouts, both spellings, what is refused, and the digest."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.text.reading import MemoryTree, problems_of, told

from promptctl.model.prompt import Input, Limits, Message, Prompt
from promptctl.model.source import Blob
from promptctl.text.prompt import parse_prompt, undefined_names
from promptctl.text.yaml import load

TREE = MemoryTree(
    {
        "shared/tone.txt": "Be {{ mood }}.\n",
        "shared/loop.txt": '{% include "shared/loop.txt" %}',
        "schemas/a.json": '{"type": "object", "properties": {"x": {"$ref": "b.json"}}}',
        "schemas/b.json": '{"type": "integer"}',
        "schemas/remote.json": '{"$ref": "https://example.com/x"}',
    }
)
WHOLE = """
name: support-bot
version: 2.1.0
description: d
owner: o@example.com
model: openai/gpt-4o-2024-08-06
fallbacks: [anthropic/claude-sonnet-4-20250514]
parameters: {temperature: 0, max_tokens: 400, seed: 7, extra_body: {guided_regex: "a+"}}
inputs:
  question: {type: string}
  articles: {type: array, items: {type: string}, default: []}
system_prompt: |
  You are {{ articles | length }}.
few_shot_examples:
  - user: "{{ literal }}"
    assistant: ok
user_prompt: "{{ question }}"
tools: [{type: function, function: {name: search, parameters: {type: object}}}]
output: {format: json, schema: schemas/a.json}
retrieval: {index: kb-2026-11, top_k: 5}
golden: golden/other.yaml
limits: {prompt_tokens: 2000, cost_usd_per_call: 0.01, latency_s_p95: 5}
eval_score: 0.87
created_at: 2026-01-01
author: {name: x}
tags: [a]
metadata: {x: 1}
"""


def parse(text: str, path: str = "prompts/bot.yaml") -> Prompt:
    return parse_prompt(Blob(path, text.encode()), TREE.read)


def test_every_key_is_read() -> None:
    prompt = parse(WHOLE)
    assert (prompt.name, prompt.version, prompt.model) == ("support-bot", "2.1.0", "openai/gpt-4o-2024-08-06")
    assert prompt.messages == (
        Message("system", "You are {{ articles | length }}.\n", template=True),
        Message("user", "{{ literal }}"),
        Message("assistant", "ok"),
        Message("user", "{{ question }}", template=True),
    )
    assert prompt.inputs == (
        Input("question", {"type": "string"}),
        Input("articles", {"type": "array", "items": {"type": "string"}}, required=False, default=[]),
    )
    assert prompt.output_format == "json"
    assert prompt.output_schema is not None
    assert prompt.output_schema["$defs"] == {"schemas_b.json": {"type": "integer"}}
    assert prompt.limits == Limits(2000, 0.01, 5)
    assert prompt.golden == "golden/other.yaml"
    assert prompt.source.where(("limits", "prompt_tokens")) is not None
    assert prompt.document["created_at"] == "2026-01-01"


def test_the_least_prompt_is_complete() -> None:
    prompt = parse("version: 1.0.0\nmodel: m\nsystem_prompt: You are {{ mood }}.\n")
    assert prompt.messages[-1] == Message("user", "{{ input }}", template=True)
    assert prompt.inputs == (Input("input", {}), Input("mood", {}))
    assert undefined_names(prompt) == frozenset()


@pytest.mark.parametrize(
    ("path", "text", "identity"),
    [
        ("prompts/bot.yaml", "", ("bot", None)),
        ("prompts/bot/v2.1.0.yaml", "", ("bot", "2.1.0")),
        ("prompts/bot/2.1.0-rc.1.yaml", "", ("bot", "2.1.0-rc.1")),
        ("prompts/bot/v2.1.0.yaml", "name: other\nversion: 3.0.0\n", ("other", "3.0.0")),
        ("prompts/bot/v2.yaml", "", ("v2", None)),
    ],
)
def test_name_and_version_come_from_the_file_or_its_path(
    path: str, text: str, identity: tuple[str, str | None]
) -> None:
    prompt = parse(f"{text}model: m\n", path)
    assert (prompt.name, prompt.version) == identity


def test_messages_are_the_other_spelling_with_the_same_digest() -> None:
    one = parse("model: m\nsystem_prompt: S\nfew_shot_examples: [{user: u, assistant: a}]\nuser_prompt: '{{ q }}'\n")
    other = parse(
        "model: m\nmessages:\n  - {role: system, content: S}\n  - {role: user, content: u}\n"
        "  - {role: assistant, content: a}\n  - {role: user, content: '{{ q }}'}\n"
    )
    assert one.digest == other.digest
    marked = parse("model: m\nsystem_prompt: S\nfew_shot_examples: [{user: '{{ u }}', assistant: a}]\n")
    live = parse("model: m\nmessages: [{role: system, content: S}, {role: user, content: '{{ u }}'}, {role: assistant, content: a}, {role: user, content: '{{ input }}'}]\n")  # fmt: skip
    assert marked.digest != live.digest


def test_tool_messages_carry_their_keys() -> None:
    prompt = parse(
        "model: m\nmessages:\n  - {role: assistant, content: null, tool_calls: [{id: c}]}\n"
        "  - {role: tool, content: '{}', tool_call_id: c}\n"
    )
    assert prompt.messages[0] == Message("assistant", None, extra={"tool_calls": [{"id": "c"}]})
    assert prompt.messages[1].extra == {"tool_call_id": "c"}


def test_includes_are_read_from_the_same_revision() -> None:
    prompt = parse("model: m\nsystem_prompt: '{% include \"shared/tone.txt\" %}'\n")
    assert prompt.includes == {"shared/tone.txt": "Be {{ mood }}.\n"}
    assert {one.name for one in prompt.inputs} == {"mood", "input"}


@pytest.mark.parametrize(
    ("text", "place", "said", "hint"),
    [
        ("", (None, None), "empty", "model"),
        ("a", (1, 1), "must be a mapping", ""),
        ("model: m\nuser_promt: x", (2, 1), "unknown key 'user_promt'", "did you mean 'user_prompt'?"),
        ("user_prompt: x", (1, 1), "names no model", "provider/snapshot"),
        ("model:", (1, 7), "names no model", "provider/snapshot"),
        ("model: m\nversion: 1.0", (2, 10), "1.0 is not a semantic version", "version: 1.0.0"),
        ("model: m\nversion: v2.1.0", (2, 10), "'v2.1.0' is not a semantic", "version: 2.1.0"),
        ("model: m\nversion: 1.02.0", (2, 10), "not a semantic", "version: 1.2.0"),
        ("model: m\nname: a b", (2, 7), "not a name", "support-bot"),
        ("model: m\nmessages: []", (2, 11), "empty", ""),
        ("model: m\nmessages: [{role: user, content: x}]\nuser_prompt: y", (3, 14), "two spellings", ""),
        ("model: m\nmessages: [{role: usr, content: x}]", (2, 19), "one of system", "did you mean 'user'?"),
        ("model: m\nmessages: [{content: x}]", (2, 12), "needs a role", ""),
        ("model: m\nmessages: [{role: user}]", (2, 12), "needs content", ""),
        ("model: m\nmessages: [{role: user, content: 3}]", (2, 34), "must be text", 'quote it: content: "3"'),
        ("model: m\nfew_shot_examples: [{user: a}]", (2, 21), "needs 'assistant'", ""),
        ("model: m\nuser_prompt: '{{ x'", (2, 14), "template syntax", ""),
        ("model: m\nuser_prompt: |\n  a\n\n  {{ x | uper }}\n", (5, None), "No filter named 'uper'", "'upper'"),
        ("model: m\nuser_prompt: '{% include y %}'", (2, 14), "must name one file", "shared/tone.txt"),
        ("model: m\nuser_prompt: '{% include [\"a\", \"b\"] %}'", (2, 14), "must name one file", ""),
        ("model: m\nuser_prompt: '{% include \"a\" ignore missing %}'", (2, 14), "ignore missing", ""),
        ("model: m\nuser_prompt: '{% include \"../a\" %}'", (2, 14), "leaves the repository", ""),
        ("model: m\nuser_prompt: '{% import \"a\" as b %}'", (2, 14), "import", "include"),
        ("model: m\nuser_prompt: '{% extends \"a\" %}'", (2, 14), "extends", "include"),
        ("model: m\ninputs: {q: string}", (2, 13), "needs a JSON Schema", "q: {type: string}"),
        ("model: m\ninputs: {q: {type: strng}}", (2, 13), "not a valid JSON Schema", ""),
        ("model: m\ninputs: {a-b: {}}", (2, 10), "cannot be a template's variable", ""),
        ("model: m\ntools: [{name: x}]", (2, 9), "OpenAI function tool", ""),
        ("model: m\noutput: {format: xml}", (2, 18), "one of json, text", ""),
        ("model: m\noutput: {schema: {type: objct}}", (2, 18), "not a valid JSON Schema", ""),
        ("model: m\noutput: {schema: schemas/none.json}", (2, 18), "does not exist", ""),
        ("model: m\noutput: {schema: schemas/remote.json}", (2, 18), "remote reference", "nothing is fetched"),
        ("model: m\noutput: {format: text, schema: {}}", (2, 32), "format: json", ""),
        ("model: m\noutput: {format: json}\nparameters: {response_format: {}}", (3, 31), "say the same", ""),
        ("model: m\nlimits: {prompt_tokens: 0}", (2, 25), "at least 1", ""),
        ("model: m\nlimits: {prompt_token: 1}", (2, 10), "unknown key", "did you mean 'prompt_tokens'?"),
        ("model: m\ngolden: ../x.yaml", (2, 9), "leaves the repository", ""),
        ("model: m\nfallbacks: x", (2, 12), "a list of texts", "fallbacks: [x]"),
        ("model: m\neval_score: high", (2, 13), "must be a number", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(
    text: str, place: tuple[int | None, int | None], said: str, hint: str
) -> None:
    problem = problems_of(lambda: parse(text))[0]
    assert problem.path == "prompts/bot.yaml"
    assert (problem.line, problem.column) == place
    assert said in problem.message
    assert hint in (problem.hint or "")


def test_an_include_that_goes_in_circles_is_named() -> None:
    (problem,) = problems_of(lambda: parse("model: m\nuser_prompt: '{% include \"shared/loop.txt\" %}'\n"))
    assert problem.path == "shared/loop.txt"
    assert "includes itself" in problem.message


def test_all_problems_come_at_once() -> None:
    found = problems_of(lambda: parse("nme: x\nversion: 1\nparameters: {api_base: x}\nlimits: {prompt_tokens: 0}\n"))
    assert [line for line, _, _ in told(found)] == [1, 1, 2, 3, 4]


@pytest.mark.parametrize(
    "name",
    ["api_base", "api_key", "base_url", "extra_headers", "mock_response", "drop_params", "fallbacks", "num_retries",
     "max_retries", "timeout", "n", "stream", "model", "messages", "tools", "user", "custom_llm_provider", "temprature"],
)  # fmt: skip
def test_parameters_of_transport_credentials_mocks_and_retries_are_refused(name: str) -> None:
    (problem,) = problems_of(lambda: parse(f"model: m\nparameters: {{{name}: 1}}\n"))
    assert repr(name) in problem.message
    assert problem.hint


@pytest.mark.parametrize(
    "body",
    ["{api_base: x}", "{a: [{b: {api_key: x}}]}", "{API-Key: x}", "{x: {openai_api_key: y}}", "{model: x}",
     "{messages: []}", "{stream: true}", "{n: 2}", "{temperature: 1}", "{mock_response: x}", "{a: {extra_headers: {}}}",
     "{extra_body: {}}", "[1]"],
)  # fmt: skip
def test_extra_body_smuggles_nothing(body: str) -> None:
    assert problems_of(lambda: parse(f"model: m\nparameters: {{extra_body: {body}}}\n"))


def test_extra_body_may_hold_what_only_the_provider_knows() -> None:
    body = {"guided_json": {"properties": {"timeout": {}, "token": {}}}, "chat_template_kwargs": {"thinking": False}}
    prompt = parse(f"model: m\nparameters: {{extra_body: {json.dumps(body)}}}\n")
    assert prompt.parameters["extra_body"] == body


def test_comments_order_quoting_and_informative_keys_do_not_change_the_digest() -> None:
    document = load(Blob("x", WHOLE.encode())).value
    told_otherwise = {**document, "description": "other", "tags": [], "limits": {}, "name": "n", "version": "9.9.9"}
    for text in (json.dumps(document), json.dumps(dict(reversed(told_otherwise.items()))), "# c\n" + WHOLE):
        assert parse(text).digest == parse(WHOLE).digest


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("model", "other"), ("fallbacks", []), ("parameters", {"temperature": 1}), ("system_prompt", "You are not."),
        ("few_shot_examples", []), ("user_prompt", "{{ question }}!"), ("tools", []), ("output", {"format": "json"}),
        ("retrieval", {"top_k": 6}), ("inputs", {"question": {}, "articles": {"default": ["x"]}}),
    ],
)  # fmt: skip
def test_every_field_that_reaches_the_wire_changes_the_digest(key: str, value: object) -> None:
    document = {**load(Blob("x", WHOLE.encode())).value, key: value}
    assert parse(json.dumps(document)).digest != parse(WHOLE).digest


def test_an_include_is_part_of_the_digest() -> None:
    text = "model: m\nsystem_prompt: '{% include \"a.txt\" %}'\n"
    one, other = (
        parse_prompt(Blob("p.yaml", text.encode()), MemoryTree({"a.txt": content}).read) for content in ("a", "b")
    )
    assert one.digest != other.digest


texts = st.text("abc {}%\n#:'\"é", max_size=30)


@given(system=texts, user=texts, temperature=st.floats(0, 2), comment=st.text("abc", max_size=9), data=st.data())
def test_the_digest_belongs_to_the_meaning(
    system: str, user: str, temperature: float, comment: str, data: st.DataObject
) -> None:
    document = {"model": "m", "few_shot_examples": [{"user": system, "assistant": user}], "parameters": {"temperature": temperature}}  # fmt: skip
    shuffled = dict(data.draw(st.permutations(list(document.items()))))
    one = parse(json.dumps(document))
    other = parse(f"# {comment}\n" + json.dumps({**shuffled, "description": comment}, indent=2, ensure_ascii=False))
    assert one.digest == other.digest
    changed = parse(json.dumps({**document, "few_shot_examples": [{"user": system + "x", "assistant": user}]}))
    assert changed.digest != one.digest
