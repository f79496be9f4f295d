"""What goes on the wire, and its digests.

A request's digest is that of what is handed to the adapter: model, messages, parameters, the configured endpoint, and
the version of this format. Keys, the version of the library that sends it and the operator's environment are not in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from promptctl.model.prompt import Json, Message, Prompt
from promptctl.model.run import Request
from promptctl.model.source import NodePath
from promptctl.model.target import Target
from promptctl.text.canonical import digest

# Counts up when the same prompt and case begin to mean another request, so that no stored answer is taken for it.
FORMAT_VERSION = 1

# What a template's live parts begin with; a text without them is literal whatever it is called.
MARKS = ("{{", "{%", "{#")


def wire_messages(
    prompt: Prompt, contents: Sequence[str | None], history: Sequence[Message]
) -> tuple[Mapping[str, Json], ...]:
    """The prompt's messages with their rendered `contents`, and `history` before the last user message.

    Where the prompt has no user message, the history comes last.
    """
    own = [_wire(message, content) for message, content in zip(prompt.messages, contents, strict=True)]
    earlier = [_wire(message, message.content) for message in history]
    at = next((i for i in range(len(own) - 1, -1, -1) if own[i]["role"] == "user"), len(own))
    return (*own[:at], *earlier, *own[at:])


def _wire(message: Message, content: str | None) -> dict[str, Json]:
    return {"role": message.role, "content": content, **message.extra}


def wire_request(
    prompt: Prompt, messages: tuple[Mapping[str, Json], ...], *, model: str, endpoint: str | None
) -> Request:
    """The request for rendered messages: the prompt's parameters, tools and output format in it."""
    return chat_request(model=model, messages=messages, parameters=parameters_of(prompt), endpoint=endpoint)


def parameters_of(prompt: Prompt) -> dict[str, Json]:
    """The arguments of a call beside model and messages: the prompt's parameters, its tools and its output format."""
    parameters: dict[str, Json] = dict(prompt.parameters)
    if prompt.tools:
        parameters["tools"] = [dict(tool) for tool in prompt.tools]
    response_format = response_format_of(prompt.output_format, prompt.output_schema)
    if response_format is not None:
        parameters["response_format"] = response_format
    return parameters


def response_format_of(output_format: str | None, schema: Mapping[str, Json] | None) -> dict[str, Json] | None:
    """OpenAI's `response_format` for a prompt's `output`; None for text."""
    if schema is not None:
        return {"type": "json_schema", "json_schema": {"name": "output", "schema": dict(schema)}}
    return {"type": "json_object"} if output_format == "json" else None


def chat_request(
    *, model: str, messages: tuple[Mapping[str, Json], ...], parameters: Mapping[str, Json], endpoint: str | None = None
) -> Request:
    """A chat request with its digest."""
    identity = {"messages": [dict(message) for message in messages], "parameters": dict(parameters)}
    key = _identity("chat", model, endpoint, identity)
    return Request(model=model, messages=messages, parameters=parameters, endpoint=endpoint, digest=key)


def embedding_request(*, model: str, texts: tuple[str, ...], endpoint: str | None = None) -> Request:
    """A request for the embeddings of `texts`, with its digest."""
    return _texts_request("embedding", model, texts, endpoint)


def moderation_request(*, model: str, text: str, endpoint: str | None = None) -> Request:
    """A request for the moderation of `text`, with its digest."""
    return _texts_request("moderation", model, (text,), endpoint)


def _texts_request(kind: str, model: str, texts: tuple[str, ...], endpoint: str | None) -> Request:
    key = _identity(kind, model, endpoint, {"texts": list(texts)})
    return Request(model=model, messages=(), kind=kind, texts=texts, endpoint=endpoint, digest=key)


def target_request(target: Target, *, payload: Mapping[str, Json], endpoint: str | None = None) -> Request:
    """A request to the system under test, with its digest. endpoint: its address, or the digest of its code."""
    key = _identity("target", target.model, endpoint, {"payload": dict(payload), "target": target_identity(target)})
    return Request(
        model=target.model, messages=(), kind="target", payload=payload, endpoint=endpoint, digest=key, target=target
    )


def target_identity(target: Target) -> dict[str, Json]:
    """What of a target can change its answer, as its file has it: where it is, what it may see and is sent; not how long
    it may take. Keys that say nothing are left out."""
    address = target.address if isinstance(target.address, str) else list(target.address)
    more: dict[str, Json] = {
        "env": sorted(target.env),
        "headers": dict(target.headers),
        "headers_env": dict(target.headers_env),
        "watch": list(target.watch),
    }
    return {target.kind: address, **{key: value for key, value in more.items() if value}}


def _identity(kind: str, model: str, endpoint: str | None, content: Mapping[str, Json]) -> str:
    return digest({"format": FORMAT_VERSION, "kind": kind, "model": model, "endpoint": endpoint, **content})


def prompt_digest(prompt: Prompt) -> str:
    """The digest of everything of a prompt that can reach the wire; both spellings of messages have the same."""
    return digest(
        {
            **_judging(prompt),
            **({} if prompt.target is None else {"target": target_identity(prompt.target)}),
            "format": FORMAT_VERSION,
            "messages": [_identified(message) for message in prompt.messages],
            "model": prompt.model,
            "fallbacks": list(prompt.fallbacks),
            "parameters": dict(prompt.parameters),
            "defaults": {one.name: one.default for one in prompt.inputs if not one.required},
            "tools": [dict(tool) for tool in prompt.tools],
            "response_format": response_format_of(prompt.output_format, prompt.output_schema),
            "retrieval": dict(prompt.retrieval),
            "includes": dict(prompt.includes),
        }
    )


def _judging(prompt: Prompt) -> dict[str, Json]:
    """What only a judge has; a prompt's digest stays what it was before judges had these keys."""
    said: dict[str, Json] = {"rubric": prompt.rubric, "threshold": prompt.threshold}
    if prompt.scale is not None:
        said["scale"] = [prompt.scale.kind, prompt.scale.low, prompt.scale.high, dict(prompt.scale.words)]
    return {key: value for key, value in said.items() if value is not None}


def _identified(message: Message) -> dict[str, Json]:
    """A message as far as it matters: a text without template marks is the same literal or as a template."""
    content = message.content
    live = message.template and content is not None and any(mark in content for mark in MARKS)
    if message.template and content is not None:
        content = content.removesuffix("\n")
    return {"role": message.role, "content": content, "template": live, "extra": dict(message.extra)}


def template_place(prompt: Prompt, index: int) -> NodePath:
    """Where in the prompt's file message `index` is written."""
    if "messages" in prompt.document:
        return ("messages", index, "content")
    return ("system_prompt",) if prompt.messages[index].role == "system" else ("user_prompt",)
