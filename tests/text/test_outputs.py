"""Answers that already exist, read from JSONL."""

from __future__ import annotations

import pytest
from tests.text.reading import problems_of, told

from promptctl.model.run import Completion, Source, ToolCall
from promptctl.model.source import Blob
from promptctl.text.outputs import Given, parse_outputs


def parse(text: str) -> tuple[Given, ...]:
    return parse_outputs(Blob("out.jsonl", text.encode()))


def test_every_key_is_read() -> None:
    text = (
        '{"case": "a", "output": "hi\u2028", "prompt": "bot", "sample": 2, "model": "m", "latency_s": 0.5, "cost_usd": 0.01, '
        '"tool_calls": [{"name": "f", "arguments": {"b": 1, "a": 2}}, {"id": "c", "function": {"name": "g", "arguments": "{}"}}], '
        '"context": ["p"], "input_tokens": 3, "output_tokens": 4, "finish_reason": "stop"}\n'
        '\n{"case": "b", "error": "timed out"}\n{"case": "c", "output": "", "context": "p"}\n'
    )
    one, two, three = parse(text)
    assert one == Given(
        "a",
        Completion(
            "hi\u2028", (ToolCall("f", '{"a":2,"b":1}'), ToolCall("g", "{}", "c")), "m", "stop", 3, 4, cost_usd=0.01,
            latency_s=0.5, source=Source.GIVEN, context=("p",),
        ),
        prompt="bot", sample=2, line=1,
    )  # fmt: skip
    assert (two.case, two.completion, two.error, two.line) == ("b", None, "timed out", 3)
    assert three.completion == Completion("", source=Source.GIVEN, context=("p",))


def test_an_answer_of_tool_calls_alone_is_an_answer() -> None:
    (one,) = parse('{"case": "a", "tool_calls": [{"name": "f"}]}')
    assert one.completion is not None
    assert (one.completion.output, one.completion.tool_calls) == ("", (ToolCall("f", "{}"),))


@pytest.mark.parametrize(
    ("text", "line", "said", "hint"),
    [
        ("", None, "no lines", "case"),
        ('{"case": "a", "output": "x"}\nnope', 2, "not valid JSON", ""),
        ('{"id": "a", "output": "x"}', 1, "unknown key 'id'", "'case'"),
        ('{"case": "a", "ouput": "x"}', 1, "unknown key 'ouput'", "'output'"),
        ('{"output": "x"}', 1, "names no case", ""),
        ('{"case": "a"}', 1, "neither output nor error", ""),
        ('{"case": "a", "output": 3}', 1, "must be text", ""),
        ('{"case": "a", "output": "x", "sample": -1}', 1, "at least 0", ""),
        ('{"case": "a", "output": "x", "cost_usd": -1}', 1, "at least 0", ""),
        ('{"case": "a", "output": "x", "latency_s": "fast"}', 1, "must be a number", ""),
        ('{"case": "a", "output": "x", "tool_calls": ["f"]}', 1, "tool call 0 is no call", "search"),
        ('{"case": "a", "output": "x"}\n{"case": "a", "output": "y"}', 2, "also in line 1", "number the samples"),
        ("[1]", 1, "must be a mapping", ""),
    ],
)
def test_what_is_wrong_carries_its_line(text: str, line: int | None, said: str, hint: str) -> None:
    problem = problems_of(lambda: parse(text))[0]
    assert (problem.path, problem.line) == ("out.jsonl", line)
    assert said in problem.message
    assert hint in (problem.hint or "")


def test_samples_and_prompts_keep_lines_apart_and_all_problems_come_at_once() -> None:
    assert (
        len(
            parse(
                '{"case": "a", "output": "x"}\n{"case": "a", "output": "x", "sample": 1}\n{"case": "a", "output": "x", "prompt": "p"}'
            )
        )
        == 3
    )
    found = problems_of(lambda: parse('{"case": "a"}\n{"output": "x"}\n{"case": "b", "output": 1}'))
    assert [line for line, _, _ in told(found)] == [1, 2, 3]
