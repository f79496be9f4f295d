"""One JSON line for each call, with OpenTelemetry's names for generative AI and promptctl's own beside them.

Names: https://github.com/open-telemetry/semantic-conventions-genai (spans of inference clients).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from promptctl.adapters.access import provider_of
from promptctl.adapters.leaks import Leaks
from promptctl.model.errors import CallFailed
from promptctl.model.prompt import Json
from promptctl.model.run import Completion, Request, Source

# The well-known values of gen_ai.provider.name that differ from litellm's provider names.
PROVIDERS = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
PARAMETERS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_tokens",
    "max_completion_tokens": "max_tokens",
    "seed": "seed",
    "stop": "stop_sequences",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "n": "choice.count",
}


@dataclass(frozen=True, slots=True)
class About:
    """What a call is for: prompt and case, and the models that may answer in the prompt's place."""

    prompt: str
    version: str | None
    prompt_digest: str
    case: str
    fallbacks: tuple[str, ...] = ()


class TraceWriter:
    """Appends to a file; None gives one that writes nowhere. A disk that refuses is a warning, once."""

    def __init__(self, path: Path | None, leaks: Leaks, warn: Callable[[str], None]) -> None:
        self._path = path
        self._leaks = leaks
        self._warn = warn
        self._descriptor: int | None = None

    def write(self, attributes: Mapping[str, Json]) -> None:
        """Append one line, whole, in one write; what is None is left out and keys are taken out."""
        if self._path is None:
            return
        text = json.dumps({name: value for name, value in attributes.items() if value is not None}, default=str)
        try:
            self._append(self._leaks.redact(text).encode() + b"\n")
        except OSError as error:
            self._warn(f"{self._path} cannot be written ({error.strerror or error}): later calls are not traced")
            self.close()
            self._path = None

    def close(self) -> None:
        """Close the file."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def _append(self, line: bytes) -> None:
        assert self._path is not None
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        written = os.write(self._descriptor, line)
        if written < len(line):  # the disk is full: rather no line than half of one
            with suppress(OSError):
                os.ftruncate(self._descriptor, end)
            raise OSError(None, "the disk is full")


def read_traces(path: Path) -> tuple[Mapping[str, Json], ...]:
    """The lines of a trace file; a last line cut off by a crash is left out. Empty where there is no file."""
    found: list[Mapping[str, Json]] = []
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return ()
    for line in lines:
        with suppress(ValueError):
            found.append(json.loads(line))
    return tuple(found)


def trace(
    request: Request,
    sample: int,
    outcome: Completion | CallFailed,
    *,
    about: About | None,
    started_at: str,
    stream: bool,
) -> dict[str, Json]:
    """The attributes of one call. started_at: ISO 8601.

    The messages themselves are kept for calls that were made: of a cached or recorded answer the request digest
    already says which.
    """
    line: dict[str, Json] = {"time": started_at} | _asked(request, stream) | _for(about, request, sample)
    if isinstance(outcome, CallFailed):
        line |= {
            "error.type": outcome.kind,
            "promptctl.error.message": outcome.message,
            "http.response.status_code": outcome.status,
            "promptctl.attempts": outcome.attempts,
        }
        return line | _contents(request, None)
    return line | _answered(outcome) | (_contents(request, outcome) if outcome.source is Source.LIVE else {})


def _asked(request: Request, stream: bool) -> dict[str, Json]:
    operations = {"embedding": "embeddings", "moderation": "moderation", "target": "invoke_agent"}
    operation = operations.get(request.kind, "chat")
    provider, name = provider_of(request.model), request.model.partition("/")[2] or request.model
    line: dict[str, Json] = {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": PROVIDERS.get(provider, provider),
        "gen_ai.request.model": name,
        "promptctl.model": request.model,
    }
    for parameter, attribute in PARAMETERS.items():
        if parameter in request.parameters:
            line[f"gen_ai.request.{attribute}"] = request.parameters[parameter]
    if operation == "chat":
        line["gen_ai.request.stream"] = stream or None
        line["gen_ai.output.type"] = "json" if request.parameters.get("response_format") else "text"
    if request.endpoint and "://" in request.endpoint:
        with suppress(ValueError):
            address = urlsplit(request.endpoint)
            line |= {"server.address": address.hostname, "server.port": address.port}
    return line


def _for(about: About | None, request: Request, sample: int) -> dict[str, Json]:
    line: dict[str, Json] = {"promptctl.request.digest": request.digest, "promptctl.sample": sample}
    if about is not None:
        line |= {
            "gen_ai.prompt.name": about.prompt,
            "promptctl.prompt.name": about.prompt,
            "promptctl.prompt.version": about.version,
            "promptctl.prompt.digest": about.prompt_digest,
            "promptctl.case": about.case,
        }
    return line


def _answered(completion: Completion) -> dict[str, Json]:
    return {
        "gen_ai.response.model": completion.model,
        "gen_ai.response.finish_reasons": [completion.finish_reason] if completion.finish_reason else None,
        "gen_ai.response.time_to_first_chunk": completion.first_token_s,
        "gen_ai.usage.input_tokens": completion.input_tokens,
        "gen_ai.usage.output_tokens": completion.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": completion.cached_tokens,
        "promptctl.cost_usd": completion.cost_usd,
        "promptctl.latency_s": completion.latency_s,
        "promptctl.attempts": completion.attempts,
        "promptctl.source": str(completion.source),
        "promptctl.fallback": completion.fallback or None,
    }


def _contents(request: Request, completion: Completion | None) -> dict[str, Json]:
    if request.kind == "embedding":
        return {}
    asked = request.messages if request.target is None else request.payload.get("messages", ())
    line: dict[str, Json] = {"gen_ai.input.messages": [_message(message) for message in asked]}
    if request.target is not None:
        line["promptctl.target.payload"] = dict(request.payload)
        line["promptctl.target.context"] = completion and completion.context
    if completion is not None:
        parts: list[Json] = [{"type": "text", "content": completion.output}] if completion.output else []
        parts += [
            {"type": "tool_call", "id": call.id, "name": call.name, "arguments": call.arguments}
            for call in completion.tool_calls
        ]
        line["gen_ai.output.messages"] = [
            {"role": "assistant", "parts": parts, "finish_reason": completion.finish_reason}
        ]
    return line


def _message(message: Mapping[str, Json]) -> dict[str, Json]:
    content = message.get("content")
    parts = [{"type": "text", "content": content}] if isinstance(content, str) else content or []
    rest = {name: value for name, value in message.items() if name not in ("role", "content")}
    return {"role": message.get("role"), "parts": parts, **rest}
