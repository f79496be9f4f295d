"""`target:` of a prompt file, what a target is handed, the code its answers hang on, and how what it says is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.text.reading import MemoryTree, problems_of

from promptctl.model.errors import InputError
from promptctl.model.golden import Case
from promptctl.model.prompt import Json, Message, Prompt
from promptctl.model.run import ToolCall
from promptctl.model.source import Blob
from promptctl.model.target import Target
from promptctl.text.prompt import parse_prompt
from promptctl.text.schema import violations
from promptctl.text.schemas import load
from promptctl.text.target import handed
from promptctl.text.target_answer import NotAnAnswer, read_answer
from promptctl.text.target_code import TargetCode, imports
from promptctl.text.template import request
from promptctl.text.yaml import load as load_yaml

FILES = {
    "app/__init__.py": "",
    "app/bot.py": "from app.kb import find\nfrom . import words\nimport json\n",
    "app/kb.py": "import app.store as store\n",
    "app/store.py": "",
    "app/words.py": "",
    "app/other.py": "",
    "app/data/faq.md": "How do I pause?",
    "bin/bot": "#!/usr/bin/env python3\nimport helper\n",
    "bin/helper.py": "",
    "tool/__main__.py": "from .parts import one\n",
    "tool/parts.py": "",
}
TREE = MemoryTree(FILES)


def parse(text: str, *, judge: bool = False) -> Prompt:
    return parse_prompt(Blob("prompts/bot.yaml", text.encode()), TREE.read, judge=judge)


def target_of(text: str) -> Target:
    target = parse(f"target: {text}").target
    assert target is not None
    return target


@pytest.mark.parametrize(
    ("text", "expected", "model"),
    [
        ("app/bot.py:answer", Target("python", "app/bot.py:answer"), "target/python:app/bot.py:answer"),
        ("{python: app/bot.py:answer}", Target("python", "app/bot.py:answer"), "target/python:app/bot.py:answer"),
        (
            "{command: [bin/bot, --json, a b], timeout_s: 5, env: [DB_URL]}",
            Target("command", ("bin/bot", "--json", "a b"), timeout_s=5, env=("DB_URL",)),
            "target/command:bin/bot --json 'a b'",
        ),
        (
            "{http: 'http://localhost:8000/answer', watch: ['app/**'], headers_env: {Authorization: BOT_TOKEN}}",
            Target(
                "http", "http://localhost:8000/answer", watch=("app/**",), headers_env={"Authorization": "BOT_TOKEN"}
            ),
            "target/http:http://localhost:8000/answer",
        ),
        (
            "https://bot.example.com/",
            Target("http", "https://bot.example.com/"),
            "target/http:https://bot.example.com/",
        ),
    ],
)
def test_the_three_kinds_and_their_short_spellings(text: str, expected: Target, model: str) -> None:
    prompt = parse(f"target: {text}")
    assert prompt.target == expected
    assert prompt.model == model
    assert violations(load("prompt"), load_yaml(Blob("x.yaml", f"target: {text}".encode())).value) == ()


WRONG = [
    ("target: app/bot.py:answer\nmodel: m", 2, "model and target: either a model answers or a system does"),
    ("target: app/bot.py:answer\nfallbacks: [m]", 2, "a target has no fallbacks"),
    ("target: app/bot.py", 1, "'app/bot.py' does not name a function"),
    ("target: {}", 1, "target is empty"),
    ("target: 3", 1, "target must be a mapping, not the number 3"),
    ("target: {timeout_s: 3}", 1, "target names no system"),
    ("target: {python: app/bot.py:answer, http: 'http://x/'}", 1, "target has python and http: it is one of them"),
    ("target: {pyhton: app/bot.py:answer}", 1, "unknown key 'pyhton' in target"),
    ("target: {python: app/bot.py:answer, timeout_s: 0}", 1, "timeout_s must be greater than 0, not 0"),
    ("target: {python: app/bot.py:answer, headers: {A: b}}", 1, "a python target has no headers"),
    ("target: {http: 'http://x/', env: [A]}", 1, "a http target has no env"),
    ("target: {command: bin/bot}", 1, "command must be a list: no shell is involved"),
    ("target: {command: []}", 1, "command names no program"),
    ("target: {http: ftp://x/y}", 1, "'ftp://x/y' is not an address"),
    ("target: {http: 'http://me:secret@x/y'}", 1, "an address holds no user name and no password"),
    ("target: {http: 'http://x/y#z'}", 1, "an address has no fragment"),
    ("target: {http: 'http://x/', headers: {Host: y}}", 1, "'Host' is not a header that may be set"),
    ("target: {http: 'http://x/', headers: {Authorization: s3cret}}", 1, "Authorization is a secret"),
    ("target: {http: 'http://x/', headers: {A: \"b\\r\\nC: d\"}}", 1, "has characters that a header cannot have"),
    ("target: {http: 'http://x/', headers_env: {A: $B}}", 1, "'$B' is not the name of a variable"),
    ("target: {python: app/bot.py:answer, env: [A=b]}", 1, "'A=b' is not the name of a variable"),
    ("target: {python: app/bot.py:answer, watch: [../x]}", 1, "watch: '../x' leaves the repository"),
    ("target: ../bot.py:answer", 1, "python: '../bot.py' leaves the repository"),
    ("target: {command: [../bot]}", 1, "command: '../bot' leaves the repository"),
    ("target: app/gone.py:answer", 1, "app/gone.py: app/gone.py does not exist"),
    ("target: {command: [./bin/gone]}", 1, "bin/gone: bin/gone does not exist"),
]


@pytest.mark.parametrize(("text", "line", "said"), WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str, line: int, said: str) -> None:
    problem = problems_of(lambda: parse(text))[0]
    assert (problem.path, problem.line) == ("prompts/bot.yaml", line)
    assert said in problem.message


def test_neither_model_nor_target_names_both_and_a_judge_has_none() -> None:
    (problem,) = problems_of(lambda: parse("user_prompt: x"))
    assert problem.message == "the prompt names no model and no target"
    (nobody,) = problems_of(lambda: parse("user_prompt: x", judge=True))
    assert (nobody.message, "target" in str(nobody.hint)) == ("the judge names no model", False)
    (found,) = problems_of(lambda: parse("target: app/bot.py:gone\nuser_prompt: x", judge=True))
    assert found.hint == "a judge is a model; a `python` or `command` assertion runs code"


def test_without_templates_a_target_takes_its_inputs_as_they_are() -> None:
    assert [one.name for one in parse("target: app/bot.py:answer").inputs] == ["input"]
    assert parse("target: app/bot.py:answer").messages == ()
    declared = parse("target: app/bot.py:answer\ninputs: {question: {type: string}}")
    assert [one.name for one in declared.inputs] == ["question"]
    asked = parse('target: app/bot.py:answer\nuser_prompt: "{{ q }}"')
    assert [one.name for one in asked.inputs] == ["q"]
    only_system = parse("target: app/bot.py:answer\nsystem_prompt: Be kind.")
    assert [message.role for message in only_system.messages] == ["system"]


def made(text: str, case: Case | None = None, endpoint: str | None = "sha256:1") -> Json:
    """What a target is handed for a case."""
    return handed(
        request(
            parse(text), case or Case(id="a", input={}, plain_input="Hi", assertions=(), digest=""), endpoint=endpoint
        ),
        2,
    )


def test_what_a_target_is_handed() -> None:
    whole = made("target: app/bot.py:answer")
    identity = whole.pop("request_id")
    assert whole == {
        "version": 1, "sample": 2, "prompt": "bot", "input": {"input": "Hi"}, "history": [], "parameters": {},
    }  # fmt: skip
    assert identity == made("target: app/bot.py:answer")["request_id"]
    assert identity.endswith("-2")


def test_what_the_file_says_more_is_handed_over_too() -> None:
    text = """
target: app/bot.py:answer
parameters: {temperature: 0}
inputs: {q: {type: string}, language: {default: en}}
system_prompt: Answer in {{ language }}.
user_prompt: "{{ q }}"
output: {format: json}
tools: [{type: function, function: {name: search}}]
retrieval: {top_k: 5}
"""
    history = (Message("user", "a"), Message("assistant", "b"))
    case = Case(id="a", input={"q": "Hi {{ q }}"}, history=history, context=("p",), assertions=(), digest="")
    whole = made(text, case)
    assert whole["input"] == {"q": "Hi {{ q }}", "language": "en"}
    assert whole["messages"] == [
        {"role": "system", "content": "Answer in en."},
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "Hi {{ q }}"},
    ]
    assert whole["history"] == [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    assert whole["parameters"] == {
        "temperature": 0,
        "tools": [{"type": "function", "function": {"name": "search"}}],
        "response_format": {"type": "json_object"},
    }
    assert (whole["retrieval"], whole["context"]) == ({"top_k": 5}, ["p"])
    json.dumps(whole)


def digest_of(text: str, endpoint: str | None = "sha256:1") -> str:
    case = Case(id="a", input={}, plain_input="Hi", assertions=(), digest="")
    return request(parse(text), case, endpoint=endpoint).digest


def test_the_request_digest_is_of_what_can_change_the_answer() -> None:
    plain = digest_of("target: app/bot.py:answer")
    assert digest_of("target: {python: app/bot.py:answer, timeout_s: 9}") == plain
    assert digest_of("target: app/bot.py:answer\nlimits: {cost_usd_per_call: 1}") == plain
    others = [
        digest_of("target: app/bot.py:other"),
        digest_of("target: app/bot.py:answer", endpoint="sha256:2"),
        digest_of("target: {python: app/bot.py:answer, env: [A]}"),
        digest_of("target: app/bot.py:answer\nretrieval: {top_k: 5}"),
        digest_of("name: other\ntarget: app/bot.py:answer"),
        digest_of("target: http://localhost/"),
        digest_of("target: {http: http://localhost/, headers: {X-Variant: b}}"),
    ]
    assert len({plain, *others}) == len(others) + 1


def test_the_prompt_digest_is_of_the_target_too() -> None:
    texts = [
        "model: m", "target: app/bot.py:answer", "target: app/bot.py:other", "target: {python: app/bot.py:answer, env: [A]}",
        "target: {python: app/bot.py:answer, watch: [app]}",
    ]  # fmt: skip
    assert len({parse(text).digest for text in texts}) == len(texts)
    assert (
        parse("target: {python: app/bot.py:answer, timeout_s: 9}").digest == parse("target: app/bot.py:answer").digest
    )


@pytest.mark.parametrize(
    ("target", "files"),
    [
        (
            Target("python", "app/bot.py:answer"),
            ["app/__init__.py", "app/bot.py", "app/kb.py", "app/store.py", "app/words.py"],
        ),
        (Target("command", ("./bin/bot", "--x")), ["bin/bot", "bin/helper.py"]),
        (Target("command", ("python3", "-m", "tool")), ["tool/__main__.py", "tool/parts.py"]),
        (Target("command", ("cat", "app/other.py", "-", "/etc/passwd")), ["app/__init__.py", "app/other.py"]),
        (Target("http", "http://x/"), []),
        (Target("http", "http://x/", watch=("bin",)), ["bin/bot", "bin/helper.py"]),
        (
            Target("python", "app/other.py:f", watch=("app/**/*.md",)),
            ["app/__init__.py", "app/data/faq.md", "app/other.py"],
        ),
    ],
)
def test_the_code_of_a_target_is_found_through_its_imports(target: Target, files: list[str]) -> None:
    assert list(TargetCode(TREE).files(target)) == files


def test_code_that_changes_changes_the_endpoint() -> None:
    target = Target("python", "app/bot.py:answer")
    before = TargetCode(TREE).endpoint(target)
    assert before.startswith("sha256:")
    assert TargetCode(MemoryTree({**FILES, "app/store.py": "x = 1"})).endpoint(target) != before
    assert TargetCode(MemoryTree({**FILES, "app/other.py": "x = 1"})).endpoint(target) == before
    server = Target("http", "http://x/answer", watch=("app",))
    assert TargetCode(TREE).endpoint(Target("http", "http://x/answer")) == "http://x/answer"
    found = TargetCode(TREE).endpoint(server)
    assert found.startswith("http://x/answer#sha256:")
    assert TargetCode(MemoryTree({**FILES, "app/data/faq.md": ""})).endpoint(server) != found


def test_a_watch_that_means_no_file_is_an_error() -> None:
    with pytest.raises(InputError, match=r"watch: 'app/\*\*/\*\.pyy' matches no file"):
        TargetCode(TREE).endpoint(Target("python", "app/bot.py:answer", watch=("app/**/*.pyy",)))


def test_import_statements_are_found_by_their_shape() -> None:
    source = (
        b"import a.b, c as d\nfrom . import x\nfrom ..y.z import (q,  # not, this\n   r as s)\n"
        b"from foo import bar; import baz\ndef f():\n    import deep.one as o\nfrom long \\\n  import thing\nfrom star import *\n"
    )
    assert list(imports(source)) == [
        (0, "a.b", ()), (0, "c", ()), (1, "", ("x",)), (2, "y.z", ("q", "r")), (0, "foo", ("bar",)), (0, "baz", ()),
        (0, "deep.one", ()), (0, "long", ("thing",)), (0, "star", ()),
    ]  # fmt: skip


@given(st.binary(max_size=200))
def test_looking_for_imports_never_fails(source: bytes) -> None:
    list(imports(b"from " + source + b"\nimport " + source))


@pytest.mark.parametrize(
    ("line", "argv"),
    [
        ("cat x", "[cat, x]"),
        ("python -m bot --n=3 'a b' 12 no", '[python, -m, bot, --n=3, "a b", "12", "no"]'),
        ("bin/bot", "[bin/bot]"),
        ("bot 'open", "[bin/bot, --json]"),
    ],
)
def test_a_command_line_is_hinted_as_the_list_it_stands_for(line: str, argv: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(f"target: {{command: {json.dumps(line)}}}")
    assert caught.value.problems[0].hint == f"command: {argv}"


def test_what_a_target_may_say() -> None:
    assert read_answer("Hi", request_id="r").output == "Hi"
    found = read_answer(
        {
            "output": "Hi", "context": ["p", {"id": "1", "text": "q"}], "request_id": "r", "model": "gpt", "finish_reason": "stop",
            "tool_calls": [{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": "{}", "id": "c"}, {"name": "h"}],
            "usage": {"input_tokens": 1, "output_tokens": 2, "cached_tokens": 0, "cost_usd": 0.5},
        },
        request_id="r",
    )  # fmt: skip
    assert found.context == ("p", {"id": "1", "text": "q"})
    assert found.tool_calls == (ToolCall("f", '{"a": 1}'), ToolCall("g", "{}", "c"), ToolCall("h", "{}"))
    assert (found.model, found.finish_reason, found.cost_usd) == ("gpt", "stop", 0.5)
    assert (found.input_tokens, found.output_tokens, found.cached_tokens) == (1, 2, 0)
    nothing = read_answer({"output": ""}, request_id="r")
    assert (nothing.output, nothing.context, nothing.cost_usd, nothing.input_tokens) == ("", None, None, None)
    assert read_answer({"output": "x", "context": []}, request_id="r").context == ()
    assert read_answer({"output": "x", "context": "one passage"}, request_id="r").context == ("one passage",)
    assert read_answer({"tool_calls": [{"name": "f"}]}, request_id="r").output == ""


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (None, "gave nothing, not a text or an object with `output`"),
        (3, "gave the number 3"),
        (["Hi"], "gave a list"),
        ({}, "gave an object without `output`"),
        ({"output": None}, "gave an object without `output`"),
        ({"output": {"a": 1}}, "gave a mapping as `output`, not a text (structured output is its JSON text)"),
        ({"output": 3}, "gave the number 3 as `output`"),
        ({"output": "x", "contexts": []}, "gave the unknown key 'contexts' in the answer: did you mean 'context'?"),
        ({"answer": "x"}, "gave the unknown key 'answer' in the answer: did you mean 'output'?"),
        ({"output": "x", "trace": 1}, "gave the unknown key 'trace' in the answer; its keys are output, context"),
        ({"output": "x", "request_id": "q"}, "answered another request ('q'; asked was 'r')"),
        ({"output": "x", "request_id": 3}, "gave the number 3 as `request_id`"),
        ({"output": "x", "context": None}, "gave null as `context`; where it found nothing it says []"),
        ({"output": "x", "context": {"a": 1}}, "gave a mapping as `context`, not a list of passages"),
        ({"output": "x", "context": ["a", 3]}, "gave the number 3 as passage 1 of `context`"),
        ({"output": "x", "tool_calls": {}}, "gave a mapping as `tool_calls`"),
        ({"output": "x", "tool_calls": ["f"]}, "as tool call 0"),
        ({"output": "x", "tool_calls": [{"arguments": {}}]}, "gave tool call 0 without a `name`"),
        ({"output": "x", "tool_calls": [{"name": "f", "args": {}}]}, "unknown key 'args' in tool call 0"),
        ({"output": "x", "tool_calls": [{"name": "f", "arguments": [1]}]}, "gave a list as the arguments of f"),
        ({"output": "x", "usage": {"tokens": 3}}, "gave the unknown key 'tokens' in usage"),
        ({"output": "x", "usage": {"input_tokens": -1}}, "as usage.input_tokens, not a whole number of at least 0"),
        ({"output": "x", "usage": {"input_tokens": True}}, "as usage.input_tokens"),
        ({"output": "x", "usage": {"cost_usd": float("inf")}}, "as usage.cost_usd"),
        ({"output": "x", "usage": 3}, "gave the number 3 as `usage`, not an object"),
        ({"output": "x", "model": 3}, "gave the number 3 as `model`"),
    ],
)
def test_what_is_no_answer_is_said(said: Json, reason: str) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        read_answer(said, request_id="r")
    assert reason in str(caught.value)
