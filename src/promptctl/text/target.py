"""`target:` of a prompt file, and the JSON that a system under test is handed. The contract is told in docs/targets.md."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from promptctl.model.errors import InputError
from promptctl.model.golden import Case
from promptctl.model.prompt import Json, Limits, Prompt
from promptctl.model.run import Request
from promptctl.model.source import Blob
from promptctl.model.target import Target
from promptctl.text.checked import Fields, described, outside
from promptctl.text.target_code import own_files
from promptctl.text.wire import parameters_of

PAYLOAD_VERSION = 1
"""Counts up when what a target is handed begins to mean something else; a key that is added is no new version."""

KINDS = ("python", "command", "http")
_EVERY = (*KINDS, "timeout_s", "watch")
_MORE = {"python": ("env",), "command": ("env",), "http": ("headers", "headers_env")}
_KEYS = (*_EVERY, "env", "headers", "headers_env")
_HINTS = {
    "url": "did you mean 'http'?",
    "https": "write http: https://host/path",
    "exec": "did you mean 'command'?",
    "timeout": "did you mean 'timeout_s'?",
    "api_key": "headers_env: {Authorization: NAME} sends the variable NAME, where the operator allows it",
    "model": "the system under test knows its models itself; it may report one with its answer",
}
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")  # a token, RFC 9110, 5.6.2
_OURS = frozenset(
    {"host", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "accept-encoding"}
)
_BARE = re.compile(
    r"(?=.*[A-Za-z])(?!(?:null|true|false|yes|no|on|off|y|n)\Z)[A-Za-z./_-][A-Za-z0-9./_=-]*\Z", re.IGNORECASE
)
_EXAMPLE = "target: {python: app/bot.py:answer}, {command: [bin/bot]} or {http: http://localhost:8000/answer}"


def read_target(root: Fields, read: Callable[[str], Blob]) -> Target | None:
    """The target of a prompt file, None where it has none; what is wrong is noted. A text is short for python or http.

    read: a root-relative path to its blob, or InputError: the code that is named has to be there.
    """
    given = root.raw("target")
    if given is None:
        return None
    for key, message, hint in (
        ("model", "model and target: either a model answers or a system does", "leave one of the two out"),
        ("fallbacks", "a target has no fallbacks", "let the system under test fall back itself"),
    ):
        if root.raw(key):
            root.problem(key, message, hint=hint)
    if isinstance(given, str):
        kind = "http" if given.startswith(("http://", "https://")) else "python"
        given = {kind: given}
    fields = Fields(given, (*root.at, "target"), root.problems, what="target")
    if not fields.values:
        if isinstance(given, dict):
            root.problem("target", "target is empty", hint=_EXAMPLE)
        return None
    target = _target(fields)
    for path in () if target is None else own_files(target):
        try:
            read(path)
        except InputError as error:
            for problem in error.problems:
                root.problem("target", f"{path}: {problem.message}", hint=problem.hint)
    return target


def _target(fields: Fields) -> Target | None:
    fields.known(_KEYS, _HINTS)
    kinds = [kind for kind in KINDS if fields.raw(kind) is not None]
    if not kinds and any(key not in _KEYS for key in fields.values):
        return None  # the misspelt key is told
    if len(kinds) != 1:
        told = f"target has {' and '.join(kinds)}: it is one of them" if kinds else "target names no system"
        fields.problems.add(fields.at, told, hint=_EXAMPLE)
        return None
    kind = kinds[0]
    for key in fields.values:
        if key in _KEYS and key not in (*_EVERY, *_MORE[kind]):
            fields.problem(key, f"a {kind} target has no {key}", hint=f"it may have {', '.join(_MORE[kind])}")
    address = _ADDRESS[kind](fields)
    if address is None:
        return None
    return Target(
        kind=kind,
        address=address,
        timeout_s=fields.number("timeout_s", None, above=0),
        watch=_watch(fields),
        env=_variables(fields),
        headers=_headers(fields, "headers"),
        headers_env=_headers(fields, "headers_env"),
    )


def _python(fields: Fields) -> str | None:
    value = fields.text("python")
    if value is None:
        return None
    path, colon, function = value.rpartition(":")
    if not colon or not path.endswith(".py") or not function.isidentifier():
        fields.problem("python", f"{value!r} does not name a function", hint="python: path/file.py:function")
        return None
    return value if _is_inside(fields, "python", path) else None


def _command(fields: Fields) -> tuple[str, ...] | None:
    value = fields.raw("command")
    if isinstance(value, str):
        fields.problem("command", "command must be a list: no shell is involved", hint=f"command: {_argv(value)}")
        return None
    argv = fields.texts("command")
    if not argv or not argv[0]:
        fields.problem("command", "command names no program", hint="command: [bin/bot, --json]")
        return None
    local = "/" in argv[0] and not argv[0].startswith("/")
    return argv if not local or _is_inside(fields, "command", argv[0].removeprefix("./")) else None


def _argv(line: str) -> str:
    """A command line as the list it stands for, in YAML; the example where it has no words, or an open quote."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = []
    bare = (one if _BARE.match(one) else json.dumps(one, ensure_ascii=False) for one in words)
    return f"[{', '.join(bare)}]" if words else "[bin/bot, --json]"


def _is_inside(fields: Fields, key: str, path: str) -> bool:
    complaint = outside(path)
    if complaint:
        fields.problem(key, f"{key}: {complaint}", hint="paths are relative to the project root")
    return not complaint


def _http(fields: Fields) -> str | None:
    value = fields.text("http")
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
        parts = urlsplit("")
    if not fits or re.search(r"[\s\\\x00-\x20\x7f]", value):
        fields.problem("http", f"{value!r} is not an address", hint="http: http://host[:port]/path")
        return None
    if parts.username is not None or parts.password is not None:
        hint = "headers_env: {Authorization: NAME} sends the variable NAME, where the operator allows it"
        fields.problem("http", "an address holds no user name and no password", hint=hint)
        return None
    if parts.fragment:
        fields.problem("http", "an address has no fragment: it would not be sent", hint=f"leave out #{parts.fragment}")
        return None
    return value


_ADDRESS = {"python": _python, "command": _command, "http": _http}


def _watch(fields: Fields) -> tuple[str, ...]:
    entries = fields.texts("watch")
    for index, entry in enumerate(entries):
        complaint = outside(entry)
        if complaint:
            hint = "a file, a folder or a glob, relative to the project root"
            fields.problems.add((*fields.at, "watch", index), f"watch: {complaint}", hint=hint)
    return entries


def _variables(fields: Fields) -> tuple[str, ...]:
    names = fields.texts("env")
    for index, name in enumerate(names):
        if not _VARIABLE.match(name):
            hint = "env has names alone: the operator sets the values"
            fields.problems.add((*fields.at, "env", index), f"{name!r} is not the name of a variable", hint=hint)
    return names


def _headers(fields: Fields, key: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in fields.mapping(key).items():
        at = (*fields.at, key, name)
        if not _HEADER.match(name) or name.lower() in _OURS or name.lower().startswith("proxy-"):
            fields.problems.add(at, f"{name!r} is not a header that may be set", key=True)
        elif not isinstance(value, str):
            fields.problems.add(at, f"{key}: {name} must be text, not {described(value)}", hint=f'quote it: "{value}"')
        elif key == "headers_env" and not _VARIABLE.match(value):
            fields.problems.add(at, f"{value!r} is not the name of a variable", hint=f"{name}: NAME, without $")
        elif not value.isprintable() or not value.isascii():
            fields.problems.add(at, f"{key}: {name} has characters that a header cannot have")
        elif key == "headers" and name.lower() in ("authorization", "cookie", "x-api-key", "api-key"):
            hint = f"headers_env: {{{name}: NAME}} sends the variable NAME, where the operator allows it"
            fields.problems.add(at, f"{name} is a secret, and this file is read by many", key=True, hint=hint)
        else:
            found[name] = value
    return found


def with_limit(target: Target, limits: Limits) -> Target:
    """The target with what its prompt lets an answer cost."""
    return replace(target, most_usd=limits.cost_usd_per_call)


def used_by_target(root: Fields, used: frozenset[str]) -> frozenset[str]:
    """The inputs of a prompt with a target that declares none: what its templates use, `input` where they ask nothing."""
    asks = root.raw("user_prompt") is not None or "messages" in root
    return used if asks else used | {"input"}


def payload_of(
    prompt: Prompt, case: Case, values: Mapping[str, Json], messages: Sequence[Mapping[str, Json]] | None
) -> dict[str, Json]:
    """What of a case a target is handed, sample and id apart. values: the inputs, defaults filled in.

    messages: the rendered ones, None where the prompt has none.
    """
    payload: dict[str, Json] = {
        "version": PAYLOAD_VERSION,
        "prompt": prompt.name,
        "input": dict(values),
        "history": [{"role": one.role, "content": one.content, **one.extra} for one in case.history],
        "parameters": parameters_of(prompt),
    }
    if messages is not None:
        payload["messages"] = [dict(message) for message in messages]
    if prompt.retrieval:
        payload["retrieval"] = dict(prompt.retrieval)
    if case.context:
        payload["context"] = list(case.context)
    return payload


def request_id(request: Request, sample: int) -> str:
    """The id of one question: the same in every run, so that a replay is the same to the byte."""
    return f"{request.digest[:24]}-{sample}"


def handed(request: Request, sample: int) -> dict[str, Json]:
    """The whole JSON object that a target is handed for a sample of a request."""
    rest = {key: value for key, value in request.payload.items() if key != "version"}
    known = {"version": request.payload.get("version", PAYLOAD_VERSION), "request_id": request_id(request, sample)}
    return {**known, "sample": sample, **rest}
