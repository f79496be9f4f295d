"""What the loopback server says when it is healthy: a function of the messages alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Wire = dict[str, Any]
# The categories of OpenAI's moderation (https://platform.openai.com/docs/guides/moderation).
MODERATED = (
    "harassment", "harassment/threatening", "hate", "hate/threatening", "illicit", "illicit/violent", "self-harm",
    "self-harm/instructions", "self-harm/intent", "sexual", "sexual/minors", "violence", "violence/graphic",
)  # fmt: skip


def text_of(message: Wire) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else " ".join(str(part.get("text", "")) for part in content)


def echo(body: Wire) -> str:
    """The default answer: what the last user message said, as JSON where JSON is asked for."""
    said = next((text_of(m) for m in reversed(body.get("messages", [])) if m.get("role") == "user"), "")
    return json.dumps({"answer": said}) if body.get("response_format") else f"You said: {said}"


def judging(verdict: str) -> Callable[[Wire], str]:
    """Echoes, but gives `verdict` where a system message asks for one."""

    def reply(body: Wire) -> str:
        asked = any("to be judged" in text_of(m) for m in body.get("messages", []) if m.get("role") == "system")
        return verdict if asked else echo(body)

    return reply


def tokens(text: str) -> int:
    return len(text) // 4 + 1


def called_tool(body: Wire) -> Wire | None:
    """A tool is called when the last message names it."""
    last = text_of((body.get("messages") or [{}])[-1])
    for tool in body.get("tools") or []:
        name = tool.get("function", {}).get("name", "")
        if name and name in last:
            return {
                "id": "call_1",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps({"text": last})},
            }
    return None


def embed(text: str, size: int = 8) -> list[float]:
    digest = hashlib.sha256(text.encode()).digest()
    return [byte / 255 for byte in digest[:size]]


@dataclass
class Answers:
    """The wire answers: what a healthy provider says."""

    reply: Callable[[Wire], str] = echo
    cached_tokens: int = 0

    def chat(self, body: Wire, served: str) -> Wire:
        call = called_tool(body)
        text = "" if call else self.reply(body)
        message: Wire = {"role": "assistant", "content": None if call else text}
        if call:
            message["tool_calls"] = [call]
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1700000000,
            "model": served,
            "system_fingerprint": "fp_loopback",
            "service_tier": "default",
            "choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if call else "stop"}],
            "usage": self.usage(body, text),
        }

    def usage(self, body: Wire, text: str) -> Wire:
        prompt = sum(tokens(text_of(message)) for message in body.get("messages", []))
        return {
            "prompt_tokens": prompt,
            "completion_tokens": tokens(text),
            "total_tokens": prompt + tokens(text),
            "prompt_tokens_details": {"cached_tokens": min(self.cached_tokens, prompt)},
        }

    def chunks(self, body: Wire, served: str) -> list[Wire]:
        whole = self.chat(body, served)
        head = {"id": whole["id"], "object": "chat.completion.chunk", "created": whole["created"], "model": served}
        message = whole["choices"][0]["message"]
        deltas: list[Wire] = [{"role": "assistant", "content": ""}]
        if message["content"]:
            words = message["content"].split(" ")
            deltas += [{"content": word if n == 0 else f" {word}"} for n, word in enumerate(words)]
        for call in message.get("tool_calls", []):
            function = call["function"]
            deltas.append(
                {"tool_calls": [{**call, "index": 0, "function": {"name": function["name"], "arguments": ""}}]}
            )
            deltas += [
                {"tool_calls": [{"index": 0, "function": {"arguments": part}}]}
                for part in (function["arguments"][:7], function["arguments"][7:])
            ]
        made = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        made.append(
            {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": whole["choices"][0]["finish_reason"]}]}
        )
        if (body.get("stream_options") or {}).get("include_usage"):
            made.append({**head, "choices": [], "usage": whole["usage"]})
        return made

    def embeddings(self, body: Wire, served: str) -> Wire:
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        used = sum(tokens(text) for text in texts)
        return {
            "object": "list",
            "model": served,
            "usage": {"prompt_tokens": used, "total_tokens": used},
            "data": [{"object": "embedding", "index": n, "embedding": embed(text)} for n, text in enumerate(texts)],
        }

    def moderations(self, body: Wire, served: str) -> Wire:
        """Every category whose name stands in the text is flagged."""
        scores = {name: 0.9 if name in body["input"] else 0.01 for name in MODERATED}
        flags = {name: score > 0.5 for name, score in scores.items()}
        result = {"flagged": any(flags.values()), "categories": flags, "category_scores": scores}
        return {"id": "modr-1", "model": served, "results": [result]}

    def messages(self, body: Wire, served: str) -> Wire:
        text = self.reply(body)
        prompt = sum(tokens(text_of(message)) for message in body.get("messages", []))
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": served,
            "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}],
            "usage": {
                "input_tokens": prompt,
                "output_tokens": tokens(text),
                "cache_read_input_tokens": self.cached_tokens,
                "cache_creation_input_tokens": 0,
            },
        }
