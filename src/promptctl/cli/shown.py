"""The steps of `show`: one case rendered, counted, priced, and written for a reader."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size

from promptctl.adapters import access, prices, tokens
from promptctl.adapters.llm import Provider
from promptctl.cli.shown_target import payload_text, target_document, target_facts
from promptctl.cli.workspace import open_workspace, project_names
from promptctl.model.errors import InputError, NothingSelectedError, Problem, UnavailableError
from promptctl.model.golden import Case
from promptctl.model.project import Project
from promptctl.model.prompt import Json, Prompt
from promptctl.model.run import Request
from promptctl.model.suggest import closest
from promptctl.reports.cells import width, wrap
from promptctl.reports.escape import json_document, line, log, visible
from promptctl.reports.figures import usd
from promptctl.rules.knowledge.pins import Pin, pin_of
from promptctl.text.project import find, golden_of, golden_path
from promptctl.text.target_code import TargetCode
from promptctl.text.template import request as request_of

FORMATS = ("text", "json")
RULE = 80  # cells of the line above a message
GIVEN = "--input"
"""What stands for the id of a case given on the command line."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line of `show` asks for. inputs: `name=value` as typed."""

    prompt: str
    case: str | None
    inputs: tuple[str, ...]
    rev: str | None
    directory: Path | None


@dataclass(frozen=True, slots=True)
class Bill:
    """What one call takes. input_tokens: None where they cannot be counted. most_output: tokens, None for no known limit.

    input_usd: for the input. output_usd: for the longest answer. Either is None where it is unknown.
    """

    input_tokens: int | None
    most_output: int | None
    input_usd: float | None
    output_usd: float | None

    @property
    def most_usd(self) -> float | None:
        """The most one call can cost."""
        return None if self.input_usd is None or self.output_usd is None else self.input_usd + self.output_usd


@dataclass(frozen=True, slots=True)
class Shown:
    """A rendered case with all that is said about it. files: of a target, those that decide its answers."""

    prompt: Prompt
    case: Case
    request: Request
    pin: Pin
    bill: Bill
    files: tuple[str, ...] = ()


def shown(wanted: Wanted, output_format: str) -> str:
    """The text or JSON of `show`. Raises InputError, NothingSelectedError, UnavailableError."""
    if output_format not in FORMATS:
        raise InputError(Problem(f"show has no format {output_format!r}", hint="the formats are text and json"))
    if wanted.case is not None and wanted.inputs:
        raise InputError(Problem("--case and --input: a case has its inputs, use one of the two"))
    workspace = open_workspace(wanted.directory, rev=wanted.rev)
    try:
        found = _rendered(workspace.project, project_names(workspace, [wanted.prompt])[0], wanted)
    finally:
        if (close := getattr(workspace.project.tree, "close", None)) is not None:
            close()
    if output_format == "json":
        return json_document(json.dumps(_document(found), indent=2, ensure_ascii=False))
    terminal = sys.stdout.isatty()
    color = terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return log(_text(found, cells=get_terminal_size().columns if terminal else None, color=color))


def _rendered(project: Project, name: str, wanted: Wanted) -> Shown:
    prompt = find(project, name)
    case, path = _case(project, prompt, wanted)

    def read(path: str) -> bytes:
        return project.tree.read(path).data

    code, target = TargetCode(project.tree), prompt.target
    endpoint = access.endpoint_of(prompt.model, project.config, read) if target is None else code.endpoint(target)
    request = request_of(prompt, case, endpoint=endpoint, golden_path=path)
    provider = Provider(project.config, os.environ, read=read)
    return Shown(
        prompt=prompt,
        case=case,
        request=request,
        pin=pin_of(prompt.model, prices.model_info, prices.model_names),
        bill=_bill(request, provider) if target is None else Bill(None, None, None, None),
        files=() if target is None else code.files(target),
    )


def _case(project: Project, prompt: Prompt, wanted: Wanted) -> tuple[Case, str | None]:
    """The case to render and the golden set it stands in, None for one made of `--input`."""
    if wanted.inputs:
        return Case(id=GIVEN, input=_inputs(prompt, wanted.inputs), assertions=(), digest=""), None
    if wanted.case is None and golden_path(project, prompt) is None:
        needed = [one.name for one in prompt.inputs if one.required]
        if needed:
            example = " ".join(f"--input {name}=..." for name in needed)
            message = f"{prompt.name} has no golden set to take a case from"
            raise InputError(Problem(message, prompt.source.path, hint=f"give its inputs: {example}"))
        return Case(id=GIVEN, input={}, assertions=(), digest=""), None
    golden = golden_of(project, prompt)
    if wanted.case is None:
        return golden.cases[0], golden.source.path
    ids = [case.id for case in golden.cases]
    if wanted.case not in ids:
        near = closest(wanted.case, ids)
        hint = (
            f"did you mean {near!r}?"
            if near
            else f"its cases are {', '.join(ids[:20])}{', ...' if len(ids) > 20 else ''}"
        )
        raise NothingSelectedError(Problem(f"there is no case {wanted.case!r}", golden.source.path, hint=hint))
    return golden.cases[ids.index(wanted.case)], golden.source.path


def _inputs(prompt: Prompt, given: Sequence[str]) -> dict[str, Json]:
    """`name=value` pairs: text where the prompt declares text, else JSON where it is JSON, else text."""
    texts = {one.name for one in prompt.inputs if one.schema.get("type") == "string"}
    values: dict[str, Json] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise InputError(Problem(f"--input {pair!r} names no input", hint="write --input NAME=VALUE"))
        if name in values:
            raise InputError(Problem(f"--input {name} is given twice"))
        values[name] = value if name in texts else _value(value)
    return values


def _value(text: str) -> Json:
    def no_constant(name: str) -> Json:
        raise ValueError(name)

    try:
        return json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError):
        return text


def _bill(request: Request, provider: Provider) -> Bill:
    extra = [one for one in request.parameters.get("tools") or () if isinstance(one, Mapping)]
    if isinstance(schema := request.parameters.get("response_format"), Mapping):
        extra.append(schema)
    asked = _counted(request, extra)
    limits = [request.parameters.get(name) for name in ("max_completion_tokens", "max_tokens")]
    answered = max((limit for limit in limits if isinstance(limit, int)), default=prices.longest_answer(request.model))
    price = provider.price(request.model, request.parameters.get("service_tier"))
    if price is None or asked is None:
        return Bill(asked, answered, None, None)
    rates = price.at(asked)
    return Bill(asked, answered, asked * rates.input, None if answered is None else answered * rates.output)


def _counted(request: Request, extra: Sequence[Mapping[str, Json]]) -> int | None:
    try:
        return tokens.count_messages(request.messages, request.model, extra)
    except UnavailableError:
        return None  # `doctor` says why; the messages are what was asked for


def _text(found: Shown, *, cells: int | None, color: bool) -> str:
    bold, plain = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    parts = []
    shown = [(line(str(one.get("role", ""))), _content(one)) for one in found.request.messages]
    if found.prompt.target is not None:
        shown = [("payload", visible(payload_text(found.request)))]
    for title, text in shown:
        rule = "─" * max(3, min(cells or RULE, RULE) - width(title) - 4)
        parts += [f"{bold}── {title} {rule}{plain}", *_fitted(text, cells), ""]
    facts = _facts(found)
    room = max(len(label) for label, _ in facts)
    for label, value in facts:
        first, *more = wrap(line(value), None if cells is None else max(cells - room - 2, 16))
        parts += [f"{bold}{label:<{room}}{plain}  {first}", *(f"{'':<{room}}  {one}" for one in more)]
    return "\n".join(parts)


def _fitted(text: str, cells: int | None) -> list[str]:
    """Lines broken between words on a terminal; elsewhere they are what they are."""
    return [piece for one in text.split("\n") for piece in wrap(one, cells)]


def _content(message: Mapping[str, Json]) -> str:
    content = message.get("content")
    shown = [] if content is None else [content if isinstance(content, str) else _json(content)]
    shown += [f"{name}: {_json(value)}" for name, value in message.items() if name not in ("role", "content")]
    return visible("\n".join(shown)).rstrip("\n")


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _facts(found: Shown) -> list[tuple[str, str]]:
    prompt = found.prompt
    version = f" {prompt.version}" if prompt.version else " (no version)"
    case = "none: inputs from the command line" if found.case.id == GIVEN else found.case.id
    facts = [("prompt", f"{prompt.name}{version}, {prompt.source.path}{_revision(prompt)}"), ("case", case)]
    if prompt.target is not None:
        return [*facts, *target_facts(prompt.target, found.request, found.files)]
    facts.append(("model", f"{found.request.model}, {_pinned(found.pin)}"))
    if prompt.fallbacks:
        facts.append(("fallbacks", ", ".join(prompt.fallbacks)))
    plain = {
        name: value for name, value in found.request.parameters.items() if name not in ("tools", "response_format")
    }
    facts.append(("parameters", ", ".join(f"{name} {_json(value)}" for name, value in plain.items()) or "none"))
    if tools := found.request.parameters.get("tools"):
        names = [str(tool.get("function", {}).get("name", "?")) for tool in tools if isinstance(tool, Mapping)]
        facts.append(("tools", ", ".join(names)))
    if prompt.output_format:
        facts.append(("output", prompt.output_format + (" with a schema" if prompt.output_schema else "")))
    return [*facts, *_costs(found.bill, found.request.model)]


def _costs(bill: Bill, model: str) -> list[tuple[str, str]]:
    if bill.input_tokens is None:
        asked = "unknown: they cannot be counted here, see 'promptctl doctor'"
    else:
        asked = f"{bill.input_tokens:,} in"
        asked += "" if bill.most_output is None else f", at most {bill.most_output:,} out"
    if bill.input_usd is None:
        why = (
            ""
            if bill.input_tokens is None
            else f": no price is known for {model}; `prices:` in promptctl.yaml can give one"
        )
        return [("tokens", asked), ("price", f"unknown{why}")]
    if bill.most_usd is None:
        longest = "the answer's length has no limit (max_tokens)"
        thousand = f"{usd(bill.input_usd * 1000)} for 1,000 calls"
        return [("tokens", asked), ("price", f"{usd(bill.input_usd)} for the input of a call, {thousand}; {longest}")]
    each = f"{usd(bill.input_usd)} in, at most {usd(bill.output_usd)} out"
    thousand = f"{usd(bill.input_usd * 1000)} in, at most {usd((bill.output_usd or 0.0) * 1000)} out"
    return [("tokens", asked), ("price", f"{each} for a call; {thousand} for 1,000 calls")]


def _revision(prompt: Prompt) -> str:
    return f" at {prompt.source.rev[:12]}" if prompt.source.rev else ""


def _pinned(pin: Pin) -> str:
    if pin.pinned is None:
        return f"it cannot be known whether it is a snapshot: {pin.why}"
    if pin.pinned:
        return f"a snapshot: {pin.why}"
    near = f" (snapshots: {', '.join(pin.candidates[:3])})" if pin.candidates else ""
    return f"not a snapshot: {pin.why}{near}"


def _document(found: Shown) -> dict[str, Json]:
    bill, prompt = found.bill, found.prompt
    target = {} if prompt.target is None else target_document(prompt.target, found.request, found.files)
    return {
        "version": 1,
        "kind": "show",
        "prompt": {
            "name": prompt.name,
            "version": prompt.version,
            "path": prompt.source.path,
            "rev": prompt.source.rev,
            "digest": prompt.digest,
        },
        "case": None if found.case.id == GIVEN else found.case.id,
        "model": found.request.model,
        "pinned": found.pin.pinned,
        "pinned_reason": found.pin.why,
        "fallbacks": list(prompt.fallbacks),
        "parameters": dict(found.request.parameters),
        "messages": [dict(one) for one in found.request.payload.get("messages", found.request.messages)],
        "request_digest": found.request.digest,
        "tokens": {"input": bill.input_tokens, "max_output": bill.most_output},
        "price_usd": {"input": bill.input_usd, "max_output": bill.output_usd, "max_total": bill.most_usd},
        **target,
    }
