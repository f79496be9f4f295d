"""Templates: strict, inserted once, sandboxed, bounded; and the request they make."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.text.reading import MemoryTree, problems_of

from promptctl.model.golden import Case
from promptctl.model.prompt import Message, Prompt
from promptctl.model.source import Blob, Span
from promptctl.text.prompt import parse_prompt, undefined_names
from promptctl.text.template import gather, render, request, undeclared
from promptctl.text.wire import embedding_request

TREE = MemoryTree({"shared/tone.txt": "Be {{ mood }}.\n", "shared/bad.txt": "one\n{{ 1 // 0 }}"})


def prompt_of(user: str, extra: str = "") -> Prompt:
    text = f"model: m\n{extra}user_prompt: {json.dumps(user)}\n"
    return parse_prompt(Blob("prompts/p.yaml", text.encode()), TREE.read)


def case(history: tuple[Message, ...] = (), **values: object) -> Case:
    return Case(id="c", input=values, assertions=(), digest="d", history=history, span=Span(7, 5))


def text(user: str, **values: object) -> str:
    (message,) = render(prompt_of(user), case(**values))
    return str(message["content"])


def test_plain_jinja_works() -> None:
    user = "{% for a in xs if a %}{{ loop.index }}={{ a|upper }}{% if not loop.last %}, {% endif %}{% endfor %}"
    assert text(user, xs=["a", "", "b"]) == "1=A, 2=B"
    assert (
        text("{% set n = namespace(s=0) %}{% for x in xs %}{% set n.s = n.s + x %}{% endfor %}{{ n.s }}", xs=[1, 2])
        == "3"
    )
    assert text("{% macro m(x) %}<{{ x }}>{% endmacro %}{{ m(q) ~ m(1) }}", q="a") == "<a><1>"
    assert (
        text("{{ d.title }}{{ d['k'] }}{{ d.get('z', 1) }}{{ xs[1:] }}", d={"title": "t", "k": 1}, xs=[1, 2])
        == "t11[2]"
    )
    assert (
        text("{{ 'a,b'.split(',')|join('-') }}{{ '-'.join(xs) }}{{ 'aa'.replace('a', 'b') }}", xs=["x", "y"])
        == "a-bx-ybb"
    )
    assert text("{{ x is defined }}{{ x == 1 }}{{ 'a' in 'abc' }}{{ 2 ** 3 }}", x=1) == "TrueTrueTrue8"
    assert (
        text("{% for g in xs|groupby('k') %}{{ g.grouper }}{{ g.list|length }}{% endfor %}", xs=[{"k": 1}, {"k": 1}])
        == "12"
    )
    assert (
        text("{{ xs|sum }}{{ xs|map('string')|join }}{{ 2.567|round(1) }}{{ 'a\nb'|indent(2) }}", xs=[1, 2])
        == "3122.6a\n  b"
    )
    assert text("{{ x|default('none') }}", x="") == ""


def test_tojson_writes_plain_json() -> None:
    assert text("{{ x|tojson }}", x={"a": "<é>'&"}) == '{"a": "<é>\'&"}'
    assert text("{{ x|tojson(indent=1) }}", x=[1]) == "[\n 1\n]"


def test_exactly_one_trailing_newline_is_dropped_and_blocks_are_not_trimmed() -> None:
    assert text("a\n\n") == "a\n"
    assert text("{% if true %}\na\n{% endif %}\n") == "\na\n"


@pytest.mark.parametrize("value", ["{{ 7*7 }}", '{% include "shared/tone.txt" %}', "{# c #}", "{{ q }}", "{%", "\\{{"])
def test_inputs_are_data(value: str) -> None:
    assert text("{{ q }}", q=value) == value
    assert text("{% set a = q %}{{ a|trim }}|{{ [q]|join }}", q=value) == f"{value}|{value}"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_any_text_comes_out_as_it_went_in(value: str) -> None:
    assert text("<{{ q }}>", q=value) == f"<{value}>"


def test_few_shot_and_history_are_literal_and_in_their_place() -> None:
    prompt = prompt_of("{{ q }}", "system_prompt: S\nfew_shot_examples: [{user: '{{ u }}', assistant: A}]\n")
    history = (Message("user", "{{ h }}"), Message("assistant", None, extra={"tool_calls": [{"id": "x"}]}))
    assert render(prompt, case(history, q="Q")) == (
        {"role": "system", "content": "S"},
        {"role": "user", "content": "{{ u }}"},
        {"role": "assistant", "content": "A"},
        {"role": "user", "content": "{{ h }}"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "x"}]},
        {"role": "user", "content": "Q"},
    )


def test_history_without_a_user_message_comes_last_and_before_a_prefill_it_does_not() -> None:
    messages = "model: m\nmessages: [{role: system, content: S}]\n"
    prompt = parse_prompt(Blob("p.yaml", messages.encode()), TREE.read)
    assert [m["role"] for m in render(prompt, case((Message("user", "h"),)))] == ["system", "user"]
    messages = "model: m\nmessages: [{role: user, content: Q}, {role: assistant, content: Sure}]\n"
    prompt = parse_prompt(Blob("p.yaml", messages.encode()), TREE.read)
    assert [m["content"] for m in render(prompt, case((Message("user", "h"),)))] == ["h", "Q", "Sure"]


def test_undeclared_names_the_variables_of_a_template_and_its_includes() -> None:
    template = (
        '{% include "shared/tone.txt" %}{{ q }}{% for a in xs %}{{ a }}{% endfor %}{{ range(3) }}{% set s = 1 %}{{ s }}'
    )
    includes = gather([template], TREE.read)
    assert undeclared(template, includes) == {"q", "xs", "mood"}
    prompt = prompt_of("{{ a }}{{ b }}", "inputs: {a: {}}\n")
    assert undefined_names(prompt) == {"b"}


@pytest.mark.parametrize(
    ("user", "line", "said"),
    [
        ("{{ nope }}", 3, "undefined name: 'nope' is undefined"),
        ("{{ x.y.z }}", 3, "undefined name"),
        ("{{ 1 / 0 }}", 3, "division by zero"),
        ("{{ x + 'a' }}", 3, "cannot be rendered"),
        ("{{ x.__class__ }}", 3, "unsafe"),
        ("{{ ''.__class__.__mro__ }}", 3, "unsafe"),
        ("{{ '{0.__class__}'.format(x) }}", 3, "unsafe"),
        ("{{ '{}'.format(x) }}", 3, "unsafe"),
        ("{{ [].append(1) }}", 3, "unsafe"),
        ("{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}", 3, "without end"),
    ],
)
def test_a_template_that_fails_is_placed_in_the_prompt(user: str, line: int, said: str) -> None:
    (problem,) = problems_of(lambda: render(prompt_of(user, "inputs: {x: {}}\n"), case(x=1)))
    assert (problem.path, problem.line) == ("prompts/p.yaml", line)
    assert said in problem.message
    assert "case 'c'" in problem.message


def test_the_line_in_a_block_and_in_an_include_is_told() -> None:
    block = "model: m\ninputs: {}\nuser_prompt: |\n  a\n  b\n  {{ nope }}\n"
    (problem,) = problems_of(lambda: render(parse_prompt(Blob("p.yaml", block.encode()), TREE.read), case()))
    assert (problem.path, problem.line) == ("p.yaml", 6)
    (problem,) = problems_of(lambda: text('{% include "shared/bad.txt" %}'))
    assert (problem.path, problem.line) == ("shared/bad.txt", 2)


BOMBS = [
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
    "{{ 'x' * 10**9 }}",
    "{{ 10**9 * 'x' }}",
    "{{ [[1] * 100000] * 1000 }}",
    "{{ 9**9999 }}",
    "{% set n = namespace(x=2) %}{% for i in range(99) %}{% set n.x = n.x * n.x %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x='aaaaaaaaaa') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x|tojson }}",
    "{% set n = namespace(x=[1]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x == [n.x] }}",
    "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}{% endmacro %}{{ f(60) }}",
    "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% endif %}" + "x" * 9999 + "{% endmacro %}{{ f(60)|length }}",
    "{{ 'x'.ljust(10**9) }}", "{{ 'x'.zfill(10**9) }}", "{{ '{:>999999999}'.format(1) }}", "{{ '%999999999d' % 1 }}",
    "{{ 'a\tb'.expandtabs(10**9) }}", "{{ (5).to_bytes(10**9) }}", "{{ 1.5|round(10**9) }}",
    "{{ ('a' * 1000000)|replace('a', 'b' * 1000) }}", "{{ 'a'.replace('', 'b' * 9999999) }}",
    "{{ range(100000)|map('string')|join('x' * 1000) }}", "{{ ''.join(['a' * 100000] * 10000) }}",
    "{% for i in range(100000) %}" + "x" * 1000 + "{% endfor %}",
    "{% set b = 'ab' * 4000000 %}{% for i in range(90000) %}{% if 'zz' in b %}{% endif %}{% endfor %}",
    "{% set b = 'ab' * 4000000 %}{% for i in range(90000) %}{% if b[1:] == b[:-1] %}{% endif %}{% endfor %}",
    "{% set b = 'ab' * 4000000 %}{% for i in range(90000) %}{% set c = b|upper %}{% endfor %}",
    "{% set b = 'ab' * 4000000 %}{% for i in range(9) %}{% set c = b|list %}{% endfor %}",
    "{% set b = 'a ' * 4000000 %}{% for i in range(9) %}{% set c = b.split() %}{% endfor %}",
    "{% for i in range(99999) %}{% set c = dict(*range(99999)) %}{% endfor %}",
    "{% for i in range(99999) %}{% set c = range(99999)|list %}{% endfor %}",
    "{% for i in range(99999) %}{% set c = 5 in range(99999)|list %}{% endfor %}",
    "{% for i in range(99999) recursive %}{{ loop(range(99999)) }}{% endfor %}",
    "{{ 'a\n' * 100000 | indent(10**9) }}", "{{ lipsum(n=10**9) }}", "{{ 'x'|center(10**9) }}",
]  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS, ids=range(len(BOMBS)))
def test_a_template_that_would_never_end_is_stopped(bomb: str) -> None:
    begun = time.process_time()
    (problem,) = problems_of(lambda: render(prompt_of(bomb, "inputs: {}\n"), case()))
    assert problem.path == "prompts/p.yaml"
    assert time.process_time() - begun < 10


def test_a_large_honest_prompt_is_rendered() -> None:
    articles = ["word " * 20_000] * 20
    assert len(text("{% for a in xs %}<{{ a }}>\n{% endfor %}", xs=articles)) == 20 * 100_003
    assert len(text("{% for x in xs %}{{ x }},{% endfor %}", xs=list(range(20_000)))) > 20_000


def test_one_rendering_leaves_nothing_for_the_next() -> None:
    prompt = prompt_of("{% for i in range(80000) %}{{ i }}{% endfor %}{{ q }}")
    lengths = {len(str(render(prompt, case(q="x"))[0]["content"])) for _ in range(4)}
    assert len(lengths) == 1


def test_the_request_carries_parameters_tools_and_output_format() -> None:
    extra = "parameters: {temperature: 0}\ntools: [{type: function, function: {name: f}}]\noutput: {schema: {type: object}}\n"
    made = request(prompt_of("{{ q }}", extra), case(q="x"))
    assert made.parameters == {
        "temperature": 0,
        "tools": [{"type": "function", "function": {"name": "f"}}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "output", "schema": {"type": "object"}}},
    }
    assert request(prompt_of("x", "output: {format: json}\n"), case()).parameters == {
        "response_format": {"type": "json_object"}
    }
    assert request(prompt_of("x", "output: {format: text}\n"), case()).parameters == {}


def test_the_request_digest_is_that_of_what_is_asked_and_where() -> None:
    prompt = prompt_of("{{ q }}")
    base = request(prompt, case(q="x"))
    assert base.digest == request(prompt, replace(case(q="x"), id="other", tags=("t",))).digest
    assert base.digest == request(replace(prompt, name="n", version="1.0.0", description="d"), case(q="x")).digest
    others = [
        request(prompt, case(q="y")),
        request(prompt, case(q="x"), "other-model"),
        request(prompt, case(q="x"), endpoint="http://localhost"),
        request(replace(prompt, parameters={"temperature": 0}), case(q="x")),
        request(prompt, case((Message("user", "h"),), q="x")),
        embedding_request(model="m", texts=("x",)),
    ]
    assert len({base.digest, *(other.digest for other in others)}) == 7
    assert others[1].model == "other-model"
    assert others[2].endpoint == "http://localhost"


def test_the_request_digest_stays_what_it_was() -> None:
    """Caches and recordings are keyed by it: a change needs a new FORMAT_VERSION."""
    made = request(prompt_of("{{ q }}", "parameters: {temperature: 0.0}\n"), case(q="é"))
    assert made.digest == "271e8e7359f7493ffaceb76af9aaaf1abb6a45d0d835b6f8410e030a7b1f6052"
