"""Where PyYAML was built without libyaml, its own parser gives the same answers."""

from __future__ import annotations

import json
import subprocess
import sys

from promptctl.model.errors import InputError
from promptctl.model.source import Blob
from promptctl.text.yaml import load

TEXTS = [
    "a: [no, 012, 0o14, 'x', !!str 1]\nb: |\n  text\n", "a: &x [1]\nb: *x\n", "a: 1\na: 2\n", "<<: {a: 1}", "a: !mine 1",
    "[" * 500, "- " * 500, "a: {{ q }}", "a: 1\n---\nb: 1", "a: *x", "&a [*a]", "a: .nan", "", "é: 😀\n",
]  # fmt: skip
CODE = """
import json, sys
sys.modules["yaml._yaml"] = None
import yaml
assert not yaml.__with_libyaml__
sys.path.insert(0, sys.argv[1])
from test_yaml_without_libyaml import TEXTS, answer
print(json.dumps([answer(text) for text in TEXTS]))
"""


def answer(text: str) -> list[object]:
    """The value and where its first key stands; for a refusal the lines alone, as the two parsers word errors apart."""
    try:
        document = load(Blob("f.yaml", text.encode()))
    except InputError as error:
        return ["refused", [problem.line for problem in error.problems]]
    span = document.where(("a",))
    return ["value", document.value, [span.line, span.column] if span else None]


def test_the_slow_parser_answers_alike() -> None:
    folder = __file__.rpartition("/")[0]
    done = subprocess.run(
        [sys.executable, "-c", CODE, folder], capture_output=True, text=True, check=True, timeout=60
    )  # fmt: skip
    assert json.loads(done.stdout) == json.loads(json.dumps([answer(text) for text in TEXTS]))
