"""What litellm's objects and exceptions say, put into our words. litellm itself is not imported here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from promptctl.adapters import llm_errors
from promptctl.adapters.llm_answers import (
    NotAnAnswer,
    Said,
    Stream,
    finish_reason,
    read_embeddings,
    read_usage,
    visible_text,
)
from promptctl.adapters.scripted import ScriptedFailure
from promptctl.model.errors import CallFailed
from promptctl.model.run import ToolCall

_TRANSPORTS = ("httpx", "httpcore", "aiohttp", "ssl")


def read_response(response: Any) -> Said:  # noqa: ANN401 - litellm's ModelResponse
    """A whole answer. Raises NotAnAnswer."""
    if not response.choices:
        raise NotAnAnswer("there are no choices in it")
    choice = response.choices[0]
    message = choice.message
    calls = tuple(ToolCall(c.function.name or "", c.function.arguments or "", c.id) for c in message.tool_calls or ())
    extra = getattr(message, "provider_specific_fields", None) or {}
    # litellm has already taken thoughts out of the content, so none are looked for again
    said = {"content": message.content, "refusal": extra.get("refusal"), "reasoning_content": None}
    return Said(
        output=visible_text(said),
        tool_calls=calls,
        model=_served(response),
        finish_reason=finish_reason(choice.finish_reason, calls),
        usage=read_usage(getattr(response, "usage", None)),
    )


async def read_stream(chunks: Any, on_first: Callable[[], None]) -> Said:  # noqa: ANN401 - litellm's stream
    """A streamed answer; on_first is called at its first token. Raises NotAnAnswer.

    The name in a chunk is the one that was asked for; the one that answers is among its hidden parameters.
    """
    whole, served = Stream(), None
    async for chunk in chunks:
        served = served or (getattr(chunk, "_hidden_params", None) or {}).get("provider_response_model")
        begun = whole.begun
        whole.add(chunk)
        if whole.begun and not begun:
            on_first()
    return replace(whole.said(), model=served or whole.model)


def read_embedding(response: Any) -> Said:  # noqa: ANN401 - litellm's EmbeddingResponse
    """The vectors. Raises NotAnAnswer."""
    if not response.data:
        raise NotAnAnswer("there are no embeddings in it")
    usage = read_usage(getattr(response, "usage", None))
    return Said(output="", model=_served(response), usage=usage, embeddings=read_embeddings(response.data))


def failure(model: str, error: Exception, timeout_s: float) -> CallFailed:
    """An exception out of litellm, classified. timeout_s: the seconds the call had."""
    text = str(error)
    links = tuple(llm_errors.chain(error))
    scripted = next((link for link in links if isinstance(link, ScriptedFailure)), None)
    if scripted is not None:
        return llm_errors.classify(llm_errors.Refusal(model, scripted.status, scripted.text, headers=scripted.headers))
    if type(error).__name__ == "UnsupportedParamsError":
        return llm_errors.refused_parameter(model, text)
    if "LLM Provider NOT provided" in text:
        return CallFailed(f"{model}: litellm knows no such provider", kind="not_found", aborts=True)
    if "Unable to get json response" in text or _stumbled(links):
        return llm_errors.malformed(model, llm_errors.readable(text, None))
    return _by_status(model, error, text, timeout_s)


def _stumbled(links: tuple[BaseException, ...]) -> bool:
    """Whether reading the answer failed, rather than getting it: litellm calls both a connection error."""
    if any(isinstance(link, OSError) or type(link).__module__.startswith(_TRANSPORTS) for link in links):
        return False
    return any(isinstance(link, (ValueError, AttributeError, TypeError, LookupError)) for link in links)


def _by_status(model: str, error: Exception, text: str, timeout_s: float) -> CallFailed:
    """Only an answer of the provider has headers: without them nothing, or nothing whole, came back."""
    status, headers = getattr(error, "status_code", None), getattr(error, "litellm_response_headers", None)
    if headers is None and type(error).__module__.partition(".")[0] == "openai":  # moderation's come out unwrapped
        headers = getattr(getattr(error, "response", None), "headers", None)
    if headers is None and type(error).__name__ == "Timeout":
        return llm_errors.timed_out(model, timeout_s)
    if headers is None and (not isinstance(status, int) or status >= 500):
        return llm_errors.connection_failed(model, error)
    body = getattr(error, "body", None)
    return llm_errors.classify(llm_errors.Refusal(model, status, text, body, dict(headers or {})))


def _served(response: Any) -> str | None:  # noqa: ANN401
    hidden = getattr(response, "_hidden_params", None) or {}
    found = hidden.get("provider_response_model") or getattr(response, "model", None)
    return str(found) if found else None
