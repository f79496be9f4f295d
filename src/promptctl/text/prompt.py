"""A prompt file to Prompt: every key known, every template read, the version semantic, the digest taken."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from promptctl.model.errors import InputError
from promptctl.model.prompt import Input, Json, Limits, Message, Prompt
from promptctl.model.source import Blob, NodePath, Source
from promptctl.model.target import Target
from promptctl.text.checked import Fields, Problems, described
from promptctl.text.judging import read_judging
from promptctl.text.messages import THREE_FIELDS, prompt_messages
from promptctl.text.parameters import check_parameters
from promptctl.text.paths import identity_of as identity_of
from promptctl.text.schema import check_schema
from promptctl.text.schema_files import bundle, load_schema
from promptctl.text.semver import is_version
from promptctl.text.target import read_target, used_by_target, with_limit
from promptctl.text.template import gather, undeclared
from promptctl.text.wire import prompt_digest
from promptctl.text.yaml import Document, load

Read = Callable[[str], Blob]

KEYS = (
    "name", "version", "description", "owner", "model", "target", "fallbacks", "parameters", "inputs", *THREE_FIELDS,
    "messages", "tools", "output", "retrieval", "golden", "limits", "eval_score", "created_at", "author", "tags", "metadata",
)  # fmt: skip
JUDGE_KEYS = ("scale", "rubric", "threshold")
OUTPUT_KEYS = ("format", "schema")
OUTPUT_FORMATS = ("json", "text")
LIMIT_KEYS = ("prompt_tokens", "cost_usd_per_call", "latency_s_p95")
_HINTS = {
    "temperature": "write it under `parameters:`",
    "max_tokens": "write it under `parameters:`",
    "api_base": "endpoints stand in promptctl.yaml under `providers`",
    "api_key": "keys come from the environment",
    "prompt": "did you mean 'user_prompt'?",
    "system": "did you mean 'system_prompt'?",
    "user": "did you mean 'user_prompt'?",
    "examples": "did you mean 'few_shot_examples'?",
    "modelParameters": "did you mean 'parameters'?",
    "cases": "cases stand in a golden set: golden/NAME.yaml",
}
_JUDGES_OWN = "only a judge has it: a file under `judges` in promptctl.yaml"
_NO_JUDGE = "a judge is a model; a `python` or `command` assertion runs code"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def parse_prompt(blob: Blob, read: Read, *, judge: bool | None = False) -> Prompt:
    """The prompt, or the judge, in `blob`. `read` gives the files it includes or refers to, by root-relative path.

    judge: whether it is a judge's file; None where it may be either. Raises InputError with every problem of the file. A name that a template uses and `inputs` does not declare
    is not one of them: `undefined_names` finds it, and rendering refuses it.
    """
    document = load(blob)
    problems = Problems(blob.path, document.where, document.where_key)
    root = Fields({} if document.value is None else document.value, (), problems, what="the prompt")
    if not root.values:
        if not problems.found:
            hint = "a prompt has at least `model` and `system_prompt`, `user_prompt` or `messages`"
            problems.add((), "the prompt is empty", hint=hint)
        problems.finish()
    root.known(*_keys(judge))
    return _prompt(root, blob, document, read, judge=judge is True)


def _keys(judge: bool | None) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """The keys a file may have, and what to say of some that it may not."""
    if judge is None:
        return (*KEYS, *JUDGE_KEYS), _HINTS
    if judge:
        return (*(key for key in KEYS if key != "target"), *JUDGE_KEYS), {**_HINTS, "target": _NO_JUDGE}
    return KEYS, {**_HINTS, **dict.fromkeys(JUDGE_KEYS, _JUDGES_OWN)}


def undefined_names(prompt: Prompt) -> frozenset[str]:
    """The names the prompt's templates use that are not among its inputs."""
    templates = [m.content for m in prompt.messages if m.template and m.content is not None]
    used = frozenset[str]().union(*(undeclared(text, prompt.includes) for text in templates))
    return used - {one.name for one in prompt.inputs}


def _prompt(root: Fields, blob: Blob, document: Document, read: Read, *, judge: bool) -> Prompt:
    name, version = identity_of(blob.path)
    messages = prompt_messages(root)
    includes, used = _templates(root, messages, read)
    target = None if judge else read_target(root, read)
    parameters = root.mapping("parameters")
    check_parameters(parameters, ("parameters",), root.problems)
    output_format, output_schema = _output(root.fields("output"), blob.path, read)
    if output_format == "json" and "response_format" in parameters:
        hint = "leave one of the two out"
        root.problems.add(("parameters", "response_format"), "output and response_format say the same", hint=hint)
    judging, limits = read_judging(root), _limits(root.fields("limits"))
    prompt = Prompt(
        name=_name(root, name),
        version=_version(root) or version,
        model=_model(root, target, judge=judge),
        messages=messages,
        inputs=_inputs(root, used if target is None else used_by_target(root, used)),
        source=Source(blob.path, blob.rev, document.where),
        digest="",
        description=root.text("description"),
        owner=root.text("owner"),
        fallbacks=root.texts("fallbacks"),
        parameters=parameters,
        tools=_tools(root),
        output_format=output_format,
        output_schema=output_schema,
        retrieval=root.mapping("retrieval"),
        golden=root.path("golden"),
        limits=limits,
        includes=includes,
        tags=root.texts("tags"),
        metadata=root.mapping("metadata"),
        scale=judging.scale,
        rubric=judging.rubric,
        threshold=judging.threshold,
        target=None if target is None else with_limit(target, limits),
        document=root.values,
    )
    root.number("eval_score", None)
    root.problems.finish()
    document.release()
    return replace(prompt, digest=prompt_digest(prompt))


def _name(root: Fields, default: str) -> str:
    name = root.text("name")
    if name is None:
        return default
    if not _NAME.match(name):
        root.problem("name", f"{name!r} is not a name", hint="letters, digits, '.', '_' and '-', as in support-bot")
    return name


def _version(root: Fields) -> str | None:
    raw = root.raw("version")
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        root.problem("version", f"{raw} is not a semantic version", hint=f"version: {_three_parts(str(raw))}")
        return None
    version = root.text("version")
    if version is not None and not is_version(version):
        hint = f"version: {_three_parts(version.lstrip('vV'))}"
        root.problem("version", f"{version!r} is not a semantic version", hint=hint)
    return version


def _three_parts(text: str) -> str:
    parts = [part for part in text.split(".") if part.isdigit()][:3]
    return ".".join([*(str(int(part)) for part in parts), "0", "0", "0"][:3]) if parts else "1.0.0"


def _model(root: Fields, target: Target | None, *, judge: bool) -> str:
    if target is not None or root.raw("target") is not None:
        return "" if target is None else target.model
    model = root.text("model")
    if not model and root.raw("model") in (None, ""):
        hint = "model: provider/snapshot, as in openai/gpt-4o-2024-08-06"
        hint, message = (
            (hint, "the judge names no model")
            if judge
            else (f"{hint}, or target: app/bot.py:answer", "the prompt names no model and no target")
        )
        root.problems.add(("model",) if "model" in root else (), message, hint=hint)
    return model or ""


def _templates(root: Fields, messages: tuple[Message, ...], read: Read) -> tuple[dict[str, str], frozenset[str]]:
    """The files the templates include, and the names they use."""
    includes: dict[str, str] = {}
    used: frozenset[str] = frozenset()
    for message, place in zip(messages, _places(root, messages), strict=True):
        if not message.template or message.content is None:
            continue
        try:
            found = gather([message.content], read)
            used |= undeclared(message.content, found)
            includes |= found
        except InputError as error:
            _note_template(root.problems, error, place)
    return includes, used


def _places(root: Fields, messages: tuple[Message, ...]) -> list[NodePath]:
    if "messages" in root:
        return [("messages", index, "content") for index in range(len(messages))]
    return [("system_prompt",) if message.role == "system" else ("user_prompt",) for message in messages]


def _note_template(problems: Problems, error: InputError, place: NodePath) -> None:
    for problem in error.problems:
        if problem.path is not None:
            problems.found.append(problem)
        else:
            problems.add(place, problem.message, hint=problem.hint, line=problem.line)


def _inputs(root: Fields, used: frozenset[str]) -> tuple[Input, ...]:
    if root.raw("inputs") is None:
        return tuple(Input(name, {}) for name in sorted(used))
    out = []
    for name, schema in root.mapping("inputs").items():
        if not _VARIABLE.match(name):
            root.problems.add(("inputs", name), f"{name!r} cannot be a template's variable", key=True)
        if schema is None:
            schema = {}
        if not isinstance(schema, dict):
            hint = f"{name}: {{type: {schema}}}" if isinstance(schema, str) else f"{name}: {{type: string}}"
            message = f"the input {name!r} needs a JSON Schema, not {described(schema)}"
            root.problems.add(("inputs", name), message, hint=hint)
            continue
        _check(schema, ("inputs", name), root.problems)
        rest = {key: value for key, value in schema.items() if key != "default"}
        out.append(Input(name, rest, required="default" not in schema, default=schema.get("default")))
    return tuple(out)


def _check(schema: Json, at: NodePath, problems: Problems) -> None:
    try:
        check_schema(schema)
    except InputError as error:
        for problem in error.problems:
            problems.add(at, problem.message, hint=problem.hint)


def _tools(root: Fields) -> tuple[Mapping[str, Json], ...]:
    out = []
    for index, item in enumerate(root.items("tools")):
        at = ("tools", index)
        function = item.get("function") if isinstance(item, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            hint = "{type: function, function: {name: ..., description: ..., parameters: {type: object}}}"
            root.problems.add(at, "a tool is an OpenAI function tool", hint=hint)
            continue
        if "parameters" in function:
            _check(function["parameters"], (*at, "function", "parameters"), root.problems)
        out.append(item)
    return tuple(out)


def _output(fields: Fields | None, path: str, read: Read) -> tuple[str | None, Mapping[str, Json] | None]:
    if fields is None:
        return None, None
    fields.known(OUTPUT_KEYS)
    kind = fields.choice("format", None, OUTPUT_FORMATS)
    schema = fields.raw("schema")
    if schema is None:
        return kind, None
    if kind == "text":
        fields.problem("schema", "a schema needs `format: json`", hint="leave `format` out, or write json")
    try:
        if isinstance(schema, str):
            fields.path("schema")
            schema = load_schema(schema, read)
        elif isinstance(schema, dict):
            schema = bundle(schema, path="", read=read)
            check_schema(schema)
    except InputError as error:
        for problem in error.problems:
            elsewhere = "" if problem.path in (None, path) else f"{problem.path}: "
            fields.problem("schema", f"{elsewhere}{problem.message}", hint=problem.hint)
        return kind, None
    if not isinstance(schema, dict):
        fields.problem("schema", f"schema must be a JSON Schema or the path of one, not {described(schema)}")
        return kind, None
    return "json", schema


def _limits(fields: Fields | None) -> Limits:
    if fields is None:
        return Limits()
    fields.known(LIMIT_KEYS)
    return Limits(
        prompt_tokens=fields.whole("prompt_tokens", None, low=1),
        cost_usd_per_call=fields.number("cost_usd_per_call", None, above=0),
        latency_s_p95=fields.number("latency_s_p95", None, above=0),
    )
