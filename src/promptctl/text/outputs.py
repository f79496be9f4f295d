"""Answers that already exist: the JSONL that `eval --outputs` scores without calling a model."""

from __future__ import annotations

from dataclasses import dataclass

from promptctl.model.errors import InputError, Problem
from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Source, ToolCall
from promptctl.model.source import Blob
from promptctl.text.canonical import canonical
from promptctl.text.checked import Fields, Problems, described
from promptctl.text.golden_table import jsonl_cases

KEYS = (
    "case", "output", "prompt", "sample", "model", "tool_calls", "context", "latency_s", "cost_usd", "input_tokens",
    "output_tokens", "finish_reason", "error",
)  # fmt: skip
_HINTS = {
    "id": "did you mean 'case'?",
    "response": "did you mean 'output'?",
    "answer": "did you mean 'output'?",
    "text": "did you mean 'output'?",
}


@dataclass(frozen=True, slots=True)
class Given:
    """One line of an outputs file: the answer to one sample of a case, or why there is none.

    completion is None exactly where `error` says why; its source is `given`. line is 1-based.
    """

    case: str
    completion: Completion | None
    prompt: str | None = None
    sample: int = 0
    error: str | None = None
    line: int = 0


def parse_outputs(blob: Blob) -> tuple[Given, ...]:
    """The lines of an outputs file. Raises InputError with every line that is wrong: not JSON, an unknown key, a
    wrong type, neither output nor error, the same sample of a case twice, no line at all."""
    values, lines = jsonl_cases(blob)
    problems = Problems(blob.path, lines.where)
    if not values:
        hint = '{"case": "ID", "output": "..."}'
        raise InputError(Problem("the outputs file has no lines: nothing could be measured", blob.path, hint=hint))
    out: list[Given] = []
    seen: dict[tuple[str | None, str, int], int] = {}
    for index, value in enumerate(values):
        given = _given(Fields(value, ("cases", index), problems, what="the line"), lines.numbers[index])
        if given is None:
            continue
        key = (given.prompt, given.case, given.sample)
        if key in seen:
            message = f"sample {given.sample} of case {given.case!r} is also in line {seen[key]}"
            problems.add(("cases", index), message, hint="number the samples of a case: 0, 1, 2")
        seen.setdefault(key, given.line)
        out.append(given)
    problems.finish()
    return tuple(out)


def _given(fields: Fields, line: int) -> Given | None:
    if not fields.values:
        return None
    fields.known(KEYS, _HINTS)
    case = fields.text("case")
    if not case:
        fields.problems.add(fields.at, "the line names no case", hint='{"case": "ID", "output": "..."}')
        return None
    output = fields.text("output")
    error = fields.text("error")
    calls = _tool_calls(fields)
    if output is None and error is None and not calls and fields.raw("output") is None:
        hint = "`output` is the answer; `error` says why there is none"
        fields.problems.add(fields.at, f"case {case!r} has neither output nor error", hint=hint)
    return Given(
        case=case,
        completion=None if error is not None else _completion(fields, output or "", calls),
        prompt=fields.text("prompt"),
        sample=fields.whole("sample", 0, low=0),
        error=error,
        line=line,
    )


def _completion(fields: Fields, output: str, calls: tuple[ToolCall, ...]) -> Completion:
    context = fields.raw("context")
    return Completion(
        output=output,
        tool_calls=calls,
        model=fields.text("model"),
        finish_reason=fields.text("finish_reason"),
        input_tokens=fields.whole("input_tokens", None, low=0),
        output_tokens=fields.whole("output_tokens", None, low=0),
        cost_usd=fields.number("cost_usd", None, low=0),
        latency_s=fields.number("latency_s", None, low=0),
        source=Source.GIVEN,
        context=None if context is None else (context,) if isinstance(context, str) else tuple(fields.items("context")),
    )


def _tool_calls(fields: Fields) -> tuple[ToolCall, ...]:
    """Tool calls as OpenAI writes them, or flat: `{name, arguments}`; arguments are JSON text or the value itself."""
    out = []
    for index, item in enumerate(fields.items("tool_calls")):
        call = item.get("function", item) if isinstance(item, dict) else None
        if not isinstance(call, dict) or not isinstance(call.get("name"), str):
            hint = '{"name": "search", "arguments": {"q": "..."}}'
            fields.problem("tool_calls", f"tool call {index} is no call but {described(item)}", hint=hint)
            continue
        arguments: Json = call.get("arguments", {})
        text = arguments if isinstance(arguments, str) else canonical(arguments)
        out.append(ToolCall(call["name"], text, item.get("id")))
    return tuple(out)
