"""The names of plain templates, with Jinja2 as the witness."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from promptctl.model.errors import InputError
from promptctl.text.template import rendering
from promptctl.text.template.plain import plain_names

PIECES = (
    "{{ a }}", "{{b}}", "{{- c -}}", "{{\n d_1\t}}", "{", "}", "{{", "}}", "{%", "{#", "#}", "%}", "{{ a.b }}", "{{ true }}",
    "{{ self }}", "{{ range }}", "{{ a b }}", "{{ not }}", "{{ - a }}", "{{+ a }}", " text ", "\n", "é", "{{ é }}", "-", "a", "{{ 1 }}",
    "{{ a }}}", "{{{ a }}}", "{% raw %}{{ a }}{% endraw %}", "{{ loop }}", "{{ if }}", "{{ _ }}", "{{ None }}", "{{ a\x0b}}",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_what_it_names_jinja2_names(template: str) -> None:
    names = plain_names(template)
    if names is not None:
        assert rendering.undeclared(template) == names


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True))
def test_a_single_name(name: str) -> None:
    template = f"{{{{ {name} }}}}"
    try:
        known = rendering.undeclared(template)
    except InputError:
        known = None
    assert plain_names(template) in (known, None)


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("no names", set()), ("{{ a }} and {{b}}", {"a", "b"}), ("{{- a -}}", {"a"}), ("{ a } }}", set()), ("{{ a }}}", {"a"}),
        ("{{ a | upper }}", None), ("{% if a %}{% endif %}", None), ("{# a #}", None), ("{{{ a }}}", None), ("{{ true }}", None),
        ("{{ range }}", None), ("{{ a", None), ("{{ é }}", None),
    ],
)  # fmt: skip
def test_what_it_answers_itself(template: str, names: set[str] | None) -> None:
    assert plain_names(template) == (None if names is None else frozenset(names))


def test_reading_plain_prompts_opens_neither_jinja2_nor_jsonschema() -> None:
    code = """
import sys
from promptctl.model.source import Blob
from promptctl.text.prompt import parse_prompt
text = b"version: 1.0.0\\nmodel: openai/gpt-4o-2024-08-06\\ninputs: {a: {type: string}}\\nuser_prompt: '{{ a }}'\\n"
print(parse_prompt(Blob("a.yaml", text), lambda path: None).inputs[0].name)
print([name for name in ("jinja2", "jsonschema") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "a\n[]\n"
