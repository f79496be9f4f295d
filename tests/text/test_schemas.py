"""The JSON Schemas for editors say what the parsers say."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from tests.text import test_config, test_golden, test_prompt
from tests.text.reading import MemoryTree

from promptctl.model.errors import InputError
from promptctl.model.prompt import Json
from promptctl.model.source import Blob
from promptctl.text import config, golden, golden_case, messages, outputs, parameters, prompt
from promptctl.text.schema import check_schema, violations
from promptctl.text.schemas import KINDS, golden_schema, load
from promptctl.text.yaml import load as load_yaml

PARSERS: dict[str, Callable[[Blob], object]] = {
    "prompt": lambda blob: prompt.parse_prompt(blob, test_prompt.TREE.read),
    "golden": golden.parse_golden,
    "config": config.parse_config,
}
ASSERTIONS = {name: {} for name in ("contains", "is-json", "any", "judge")}


@pytest.mark.parametrize("kind", KINDS)
def test_they_are_schemas_with_a_description_on_every_key(kind: str) -> None:
    schema = load(kind)
    check_schema(schema)
    for where, one in properties(schema, kind):
        assert isinstance(one, bool) or one.get("description"), where
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def properties(schema: Json, where: str) -> Iterator[tuple[str, Json]]:
    if isinstance(schema, dict):
        for name, one in schema.get("properties", {}).items():
            if not where.endswith("/anyOf/0"):  # an alternative that only narrows what is described beside it
                yield f"{where}/{name}", one
        for key, one in schema.items():
            if key not in ("dependentSchemas", "default", "enum"):
                yield from properties(one, f"{where}/{key}")
    elif isinstance(schema, list):
        for index, one in enumerate(schema):
            yield from properties(one, f"{where}/{index}")


def test_every_key_of_the_parsers_is_in_the_schemas_and_no_other() -> None:
    one, two, three = load("prompt"), load("golden"), load("config")
    part = {name: three["properties"][name]["properties"] for name in ("eval", "gate", "lint")}
    provider = three["properties"]["providers"]["additionalProperties"]["anyOf"][1]["properties"]
    case = two["$defs"]["case"]["properties"]
    message = one["properties"]["messages"]["items"]["properties"]
    pairs = [
        ((*prompt.KEYS, *prompt.JUDGE_KEYS), one["properties"]), (prompt.OUTPUT_KEYS, one["properties"]["output"]["properties"]),
        (prompt.LIMIT_KEYS, one["properties"]["limits"]["properties"]),
        (parameters.ALLOWED, one["properties"]["parameters"]["properties"]),
        (messages.MESSAGE_KEYS, message), (messages.MESSAGE_KEYS, case["history"]["items"]["properties"]),
        (messages.EXAMPLE_KEYS, one["properties"]["few_shot_examples"]["items"]["properties"]),
        (messages.PROMPT_ROLES, message["role"]["enum"]),
        (golden.KEYS, two["properties"]), (golden_case.CASE_KEYS, case),
        (golden_case.DEFAULT_KEYS, two["properties"]["defaults"]["properties"]),
        (config.KEYS, three["properties"]), (config.EVAL_KEYS, part["eval"]), (config.GATE_KEYS, part["gate"]),
        (config.LINT_KEYS, part["lint"]), (config.PROVIDER_KEYS, provider),
        (config.PRICE_KEYS, three["properties"]["prices"]["additionalProperties"]["properties"]),
        (config.GATE_RULES, part["gate"]["rule"]["enum"]), (config.INCONCLUSIVE, part["gate"]["on_inconclusive"]["enum"]),
    ]  # fmt: skip
    for known, described in pairs:
        assert set(known) == set(described)
    assert outputs.KEYS


GOOD = [
    ("config", test_config.WHOLE), ("config", ""), ("config", "eval:\nproviders: {a: }\nlint: {severity: }\n"),
    ("prompt", test_prompt.WHOLE), ("prompt", "model: m\nsystem_prompt: x\n"), ("prompt", "model: m\ninputs: {q: }\noutput: {schema: }\ntags:\n"),
    ("prompt", "model: m\nmessages: [{role: assistant, tool_calls: [{}]}, {role: tool, content: x, tool_call_id: c}]\n"),
    ("golden", test_golden.WHOLE), ("golden", "cases: [{id: a, input: x}]\n"),
    ("golden", "prompt:\ndefaults:\ncases: [{id: a, input: , tags: , assertions: , samples: , pass_if: , context: , rubric: }]\n"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_what_the_parser_takes_the_schema_takes(kind: str, text: str) -> None:
    blob = Blob("prompts/x.yaml", text.encode())
    PARSERS[kind](blob)
    assert violations(load(kind), load_yaml(blob).value) == ()


def bad() -> Iterator[tuple[str, str]]:
    yield from (("config", text) for text in (
        "promts: [x]", "eval: {concurrency: 0}", "eval: {concurrency: 2.5}", "eval: {timeout_s: 0}", "eval: {stream: yes}",
        "providers: {openai: {api_key: k}}", "providers: {a: {api_base: 'ftp://x'}}", "prices: {m: {input: 1}}", "prices: {m: }",
        "gate: {confidence: 1}", "gate: {on_inconclusive: wrn}", "lint: {severity: {P: eror}}", "prompts: x", "- a", "eval: {samples: }",
    ))  # fmt: skip
    yield from (("prompt", text) for text in (
        "user_prompt: x", "model: ''", "model: m\nuser_promt: x", "model: m\nversion: 1.0", "model: m\nversion: v1.0.0", "model: m\nname: a b",
        "model: m\nmessages: []", "model: m\nmessages: [{role: user, content: x}]\nuser_prompt: y", "model: m\nmessages: [{role: usr, content: x}]",
        "model: m\nmessages: [{role: user}]", "model: m\nfew_shot_examples: [{user: a}]", "model: m\ninputs: {q: string}",
        "model: m\ninputs: {a-b: {}}", "model: m\ntools: [{name: x}]", "model: m\noutput: {format: xml}", "model: m\nlimits: {prompt_tokens: 0}",
        "model: m\nparameters: {api_key: x}", "model: m\ninputs: {q: {type: strng}}", "model: m\neval_score: high",
    ))  # fmt: skip
    yield from (("golden", text) for text in (
        "cases: []", "prompt: x", "cases: [{input: x}]", "cases: [{id: 12}]", "cases: [{id: a, asserts: []}]", "cases: [{id: a, input: 3}]",
        "cases: [{id: a, samples: 0}]", "cases: [{id: a, pass_if: most}]", "cases: [{id: a, threshold: 2}]", "cases: [{id: a, tags: x}]",
        "cases: [{id: a, history: [{role: system, content: x}]}]", "cases: [{id: a, assertions: {}}]", "cases: [{id: a, assertions: [3]}]",
        "defaults: {id: a}\ncases: [{id: b}]",
    ))  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), list(bad()))
def test_what_the_parser_refuses_the_schema_refuses(kind: str, text: str) -> None:
    blob = Blob("prompts/x.yaml", text.encode())
    with pytest.raises(InputError):
        PARSERS[kind](blob)
    assert violations(load(kind), load_yaml(blob).value)


def test_assertions_are_filled_in() -> None:
    schema = golden_schema(
        {"contains": {"type": "string"}, "is-json": {}, "any": {"items": {"$ref": "#/$defs/assertion"}}}
    )
    check_schema(schema)

    def fits(assertion: Json) -> bool:
        return not violations(schema, {"cases": [{"id": "a", "assertions": [assertion]}]})

    for good in ("is-json", "not-contains", {"contains": "x"}, {"not-contains": "x", "weight": 2, "name": "n", "required": True},
                 {"type": "contains", "value": "x", "extra": 1}, {"any": ["is-json", {"contains": "x"}]}):  # fmt: skip
        assert fits(good), good
    for wrong in ("isjson", {"contians": "x"}, {"contains": 3}, {"contains": "x", "wieght": 2}, {"type": "contians"}, {},
                  {"any": [{"contains": 3}]}, {"contains": "x", "weight": -1}):  # fmt: skip
        assert not fits(wrong), wrong
    assert load("golden")["$defs"]["assertion"]["type"] == ["object", "string"]


def test_an_unknown_kind_is_told_and_nothing_heavy_is_imported() -> None:
    with pytest.raises(InputError, match="no schema 'promt'"):
        load("promt")
    code = "import sys, promptctl.text.schemas as s; s.load('golden'); print([m for m in ('yaml', 'jsonschema', 'jinja2') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_the_tree_the_prompts_read_from_is_whole() -> None:
    assert isinstance(test_prompt.TREE, MemoryTree)
