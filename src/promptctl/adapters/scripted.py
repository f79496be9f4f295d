"""The embedded model: `scripted/NAME.yaml` answers from a file, through litellm, as any other provider would.

It exists so that the first minute, the examples and the tests need no key. The file is described in docs/scripted.md.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from promptctl.adapters.access import script_path
from promptctl.adapters.plain_tokens import plain_count
from promptctl.adapters.prices import ModelPrice
from promptctl.adapters.scripted_file import Matcher, Reply, Rule, parse_script
from promptctl.model.run import Request
from promptctl.model.source import Blob

DIMENSIONS = 64
SHOWN_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Script:
    """A script file, read. sha256: hex digest of its bytes."""

    path: str
    sha256: str
    rules: tuple[Rule, ...]
    default: tuple[Reply, ...]
    price: ModelPrice | None

    @property
    def endpoint(self) -> str:
        """What Request.endpoint holds for this script: it makes the request digest follow the file."""
        return f"sha256:{self.sha256}"


class Scripts:
    """The scripts of a project, each read once. read: a root-relative path to its bytes; raises InputError."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self._scripts: dict[str, Script] = {}

    def of(self, model: str) -> Script:
        """The script of `scripted/NAME.yaml`. Raises InputError with every position."""
        if model not in self._scripts:
            path = script_path(model, self._read)
            data = self._read(path)
            parsed = parse_script(Blob(path, data))
            digest = hashlib.sha256(data).hexdigest()
            self._scripts[model] = Script(path, digest, parsed.rules, parsed.default, parsed.price)
        return self._scripts[model]


class ScriptedFailure(Exception):  # noqa: N818 - a failure on purpose
    """What a rule's `error:` raises in a provider's place: a status, a text and the headers of the answer."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str]) -> None:
        super().__init__(text)
        self.status = status
        self.status_code = status
        self.text = text
        self.message = text
        self.headers = headers


def scripted_snapshot(read: Callable[[str], bytes], model: str) -> str:
    """The snapshot of a scripted model: `scripted/NAME.yaml@sha256:` and twelve digits, as it reports itself."""
    return served_name(model, hashlib.sha256(read(script_path(model, read))).hexdigest())


def served_name(model: str, sha256: str) -> str:
    """The name under which a scripted model answers."""
    return f"{model}@sha256:{sha256[:SHOWN_DIGITS]}"


def answer(script: Script, messages: Sequence[Mapping[str, Any]], digest: str = "", sample: int = 0) -> Reply:
    """The reply of the first rule that fits, `<<name>>` filled in; of the default where none does.

    Of several replies the one for this request and sample: consecutive samples take consecutive replies,
    beginning where the request's digest says. Raises ScriptedFailure (400) where nothing fits.
    """
    for rule in script.rules:
        groups = _groups(rule.when, messages)
        if groups is not None:
            return _filled(_pick(rule.replies, digest, sample), groups)
    if not script.default:
        raise ScriptedFailure(400, f"no rule of {script.path} fits, and it has no default", {})
    return _pick(script.default, digest, sample)


def embedding(text: str) -> tuple[float, ...]:
    """A unit vector of DIMENSIONS numbers that depends on the words alone: texts with common words are close."""
    numbers = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.casefold()):
        hashed = hashlib.sha256(word.encode()).digest()
        numbers[hashed[0] % DIMENSIONS] += 1.0 if hashed[1] % 2 else -1.0
    length = math.sqrt(sum(number * number for number in numbers))
    return tuple(number / length for number in numbers) if length else tuple(numbers)


@dataclass(frozen=True, slots=True)
class Asked:
    """The call being made, for the handler that litellm calls: it hands through neither digest nor sample."""

    script: Script
    model: str
    digest: str
    sample: int

    @staticmethod
    @contextmanager
    def about(script: Script | None, request: Request, sample: int) -> Iterator[None]:
        """Within it, the handler answers this request. Nothing for a model that is not scripted."""
        if script is None:
            yield
            return
        token = _asked.set(Asked(script, request.model, request.digest, sample))
        try:
            yield
        finally:
            _asked.reset(token)


_asked: ContextVar[Asked] = ContextVar("asked")


def scripted_handler(litellm: Any) -> type:  # noqa: ANN401 - the module, handed in by its door
    """The methods litellm calls on a custom provider (https://docs.litellm.ai/docs/providers/custom_llm_server)."""

    class Handler:
        async def acompletion(self, **call: Any) -> Any:  # noqa: ANN401 - litellm's own shapes
            reply, asked = await _reply(call["messages"])
            response = call["model_response"]
            choice = response.choices[0]
            choice.finish_reason = _finish(reply)
            choice.message = litellm.Message(
                content=reply.text, role="assistant", tool_calls=_wire_calls(reply) or None
            )
            response.model = served_name(asked.model, asked.script.sha256)
            response.usage = litellm.Usage(**_usage(call["messages"], reply))
            return response

        async def astreaming(self, **call: Any) -> AsyncIterator[Mapping[str, Any]]:  # noqa: ANN401
            reply, _ = await _reply(call["messages"])
            for piece in re.findall(r"\S*\s*", reply.text)[:-1]:
                yield _chunk(piece)
            for at, made in enumerate(_wire_calls(reply)):
                yield _chunk("", tool_use={**made, "index": at})
            yield _chunk("", ended=_finish(reply), usage=_usage(call["messages"], reply))

        async def aembedding(self, **call: Any) -> Any:  # noqa: ANN401
            asked = _asked.get()
            response = call["model_response"]
            texts = [call["input"]] if isinstance(call["input"], str) else call["input"]
            response.model = served_name(asked.model, asked.script.sha256)
            response.data = [
                {"object": "embedding", "index": at, "embedding": list(embedding(text))}
                for at, text in enumerate(texts)
            ]
            used = sum(plain_count(text) for text in texts)
            response.usage = litellm.Usage(prompt_tokens=used, completion_tokens=0, total_tokens=used)
            return response

    return Handler


async def _reply(messages: Sequence[Mapping[str, Any]]) -> tuple[Reply, Asked]:
    asked = _asked.get()
    reply = answer(asked.script, messages, asked.digest, asked.sample)
    if reply.latency_s:
        await asyncio.sleep(reply.latency_s)
    if reply.error is not None:
        raise ScriptedFailure(reply.error.status, reply.error.message, reply.error.headers)
    return reply, asked


def _groups(matcher: Matcher, messages: Sequence[Mapping[str, Any]]) -> dict[str, str] | None:
    """The named groups of a matcher that fits; None where it does not."""
    groups: dict[str, str] = {}
    for test in matcher.tests:
        found = test.pattern.search(_subject(test.part, messages))
        if (found is None) != test.negated:
            return None
        if found is not None:
            groups |= {name: text for name, text in found.groupdict().items() if text is not None}
    return groups


def _subject(part: str, messages: Sequence[Mapping[str, Any]]) -> str:
    """The text a test looks at: all system messages, all messages, or the last one of a role."""
    if part in ("system", "any"):
        return "\n".join(_text(message) for message in messages if part == "any" or message.get("role") == "system")
    return next((_text(message) for message in reversed(messages) if part in ("last", message.get("role"))), "")


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content)


def _pick(replies: tuple[Reply, ...], digest: str, sample: int) -> Reply:
    start = int.from_bytes(hashlib.sha256(digest.encode()).digest()[:4])
    return replies[(start + sample) % len(replies)]


def _filled(reply: Reply, groups: Mapping[str, str]) -> Reply:
    text = re.sub(r"<<(\w+)>>", lambda found: groups.get(found.group(1), ""), reply.text)
    return Reply(text, reply.tool_calls, reply.finish_reason, reply.latency_s, reply.error)


def _finish(reply: Reply) -> str:
    return reply.finish_reason or ("tool_calls" if reply.tool_calls else "stop")


def _wire_calls(reply: Reply) -> list[dict[str, Any]]:
    return [
        {"id": f"call_{at + 1}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for at, (name, arguments) in enumerate(reply.tool_calls)
    ]


def _usage(messages: Sequence[Mapping[str, Any]], reply: Reply) -> dict[str, int]:
    asked = sum(plain_count(_text(message)) for message in messages)
    given = plain_count(reply.text) + sum(plain_count(json.dumps(call)) for call in reply.tool_calls)
    return {"prompt_tokens": asked, "completion_tokens": given, "total_tokens": asked + given}


def _chunk(
    text: str,
    *,
    tool_use: Mapping[str, Any] | None = None,
    ended: str = "",
    usage: Mapping[str, int] | None = None,
) -> Mapping[str, Any]:
    return {
        "text": text,
        "tool_use": tool_use,
        "is_finished": bool(ended),
        "finish_reason": ended,
        "usage": usage,
        "index": 0,
    }
