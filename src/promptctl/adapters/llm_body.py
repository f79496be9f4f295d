"""The short road's requests: which ones may take it, and their bytes, which are those litellm would send.

For a few OpenAI-compatible providers litellm hands most requests on unchanged. Those are written here without
it, which saves its import and most of the time a call costs. A request that holds anything litellm might
rewrite, refuse or drop is not on the list and takes the long road. tests/adapters/test_llm_wire.py compares
the bytes and the answers of both roads.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from promptctl.adapters.prices import model_info
from promptctl.model.run import Request

PROVIDERS = frozenset({"openai", "hosted_vllm"})
OPENAI_BASE = "https://api.openai.com/v1"

_ROLES = frozenset({"system", "user", "assistant"})
_NUMBERS = (
    "temperature",
    "top_p",
    "max_tokens",
    "max_completion_tokens",
    "seed",
    "presence_penalty",
    "frequency_penalty",
)
_PARAMETERS = frozenset(
    {*_NUMBERS, "stop", "response_format", "tools", "tool_choice", "parallel_tool_calls", "extra_body"}
)
_OPENAI_CHAT = re.compile(
    r"(?:gpt-3\.5-turbo|gpt-4|gpt-4-turbo|gpt-4o|gpt-4o-mini|gpt-4\.1|gpt-4\.1-mini|gpt-4\.1-nano)(?:-[\d-]+)?"
)
_WITHOUT_FORMAT = frozenset({"gpt-4", "gpt-3.5-turbo-16k"})
_ELSEWHERE = re.compile(
    r"gpt-[5-9]|gpt-\d\d|(?:^|/)o\d|responses/|ft:|audio|codex|davinci|babbage|search|replicate|instruct"
)
"""Names litellm treats in a way of its own, at OpenAI or behind an endpoint that borrows OpenAI's names."""
_REWRITTEN = re.compile(r'"(?:pattern|cache_control|oneOf|anyOf|allOf|enum|const|not|custom)"')
"""Words in tools that litellm may rewrite before it sends them."""
# litellm's order of arguments, which is the order of keys in the bodies it builds itself.
_VLLM_ORDER = ("temperature", "top_p", "stream", "stream_options", "stop", "max_tokens", "max_completion_tokens",
               "presence_penalty", "frequency_penalty", "seed", "tool_choice", "tools", "parallel_tool_calls",
               "response_format")  # fmt: skip


def fits(request: Request) -> bool:
    """Whether a request may take the short road. When in doubt it may not."""
    provider, _, name = request.model.partition("/")
    if request.kind != "chat" or provider not in PROVIDERS or not name:
        return False
    parameters = request.parameters
    return (
        (_openai_name_fits(name, request.endpoint) if provider == "openai" else request.endpoint is not None)
        and all(_message_fits(message) for message in request.messages)
        and parameters.keys() <= _PARAMETERS
        and all(value is not None for value in parameters.values())
        and all(_number(parameters[key]) for key in _NUMBERS if key in parameters)
        and ("tool_choice" not in parameters or bool(parameters.get("tools")))
        and ("tools" not in parameters or (provider == "openai" and _tools_fit(parameters["tools"])))
        and ("response_format" not in parameters or _format_fits(name, parameters["response_format"]))
        and _extra_fits(parameters)
    )


def body(request: Request, *, stream: bool) -> bytes:
    """The bytes to send. Raises ValueError for a value JSON does not have (infinity, not-a-number)."""
    provider, _, name = request.model.partition("/")
    parameters = {key: value for key, value in request.parameters.items() if key != "extra_body"}
    if stream:
        parameters |= {"stream": True, "stream_options": {"include_usage": True}}
    extra = request.parameters.get("extra_body") or {}
    messages = [dict(message) for message in request.messages]
    if provider == "openai":
        wire = {"messages": messages, "model": name, **{key: parameters[key] for key in sorted(parameters)}, **extra}
        return json.dumps(wire, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    ordered = {key: parameters[key] for key in _VLLM_ORDER if key in parameters}
    return json.dumps({"model": name, "messages": messages, **ordered, **extra}, allow_nan=False).encode()


def url(request: Request) -> str:
    """Where a request goes."""
    return f"{(request.endpoint or OPENAI_BASE).rstrip('/')}/chat/completions"


def _openai_name_fits(name: str, endpoint: str | None) -> bool:
    if _OPENAI_CHAT.fullmatch(name):
        return (model_info(f"openai/{name}") or {"mode": "chat"}).get("mode") == "chat"
    return endpoint is not None and not _ELSEWHERE.search(name) and model_info(f"openai/{name}") is None


def _message_fits(message: Mapping[str, Any]) -> bool:
    return message.keys() == {"role", "content"} and message["role"] in _ROLES and isinstance(message["content"], str)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _tools_fit(tools: object) -> bool:
    return isinstance(tools, Sequence) and bool(tools) and _REWRITTEN.search(json.dumps(tools)) is None


def _format_fits(name: str, wanted: object) -> bool:
    return (
        name not in _WITHOUT_FORMAT
        and isinstance(wanted, Mapping)
        and wanted.get("type") in ("json_object", "json_schema")
    )


def _extra_fits(parameters: Mapping[str, Any]) -> bool:
    extra = parameters.get("extra_body", {})
    taken = {*_PARAMETERS, "model", "messages", "stream", "stream_options"}
    return isinstance(extra, Mapping) and not (extra.keys() & taken)
