"""Moderation through litellm: a text in, the categories it was flagged for out. litellm itself is not imported here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from promptctl.adapters.access import provider_of
from promptctl.adapters.llm_answers import NotAnAnswer, Said
from promptctl.adapters.llm_long import read_response
from promptctl.model.errors import CallFailed
from promptctl.model.run import Request

# litellm hands on the names of OpenAI's client library, in which nothing but letters and underscores can be.
_SPELLED: Mapping[str, str] = {
    "harassment_threatening": "harassment/threatening",
    "hate_threatening": "hate/threatening",
    "illicit_violent": "illicit/violent",
    "self_harm": "self-harm",
    "self_harm_instructions": "self-harm/instructions",
    "self_harm_intent": "self-harm/intent",
    "sexual_minors": "sexual/minors",
    "violence_graphic": "violence/graphic",
}


def refuse_elsewhere(request: Request) -> None:
    """Raises CallFailed for a provider litellm would not ask: without an address it takes the text, and the key, to OpenAI."""
    provider = provider_of(request.model)
    if request.kind == "moderation" and request.endpoint is None and provider not in ("openai", "scripted"):
        message = (
            f"{request.model}: litellm asks OpenAI's moderation format, and {provider} has no address for it: "
            f"set providers.{provider}.api_base"
        )
        raise CallFailed(message, kind="bad_request", aborts=True)


async def moderate(litellm: Any, call: Mapping[str, Any], *, scripted: bool) -> Said:  # noqa: ANN401 - the module
    """The moderation of `call["input"]`; output is the JSON of `{"flagged", "categories", "scores"}`. Raises NotAnAnswer.

    scripted: a scripted model answers the text as a chat model would, with that JSON.
    """
    if scripted:
        text = {"messages": [{"role": "user", "content": call["input"]}]}
        said = read_response(await litellm.acompletion(**{name: call[name] for name in call if name != "input"} | text))
        return Said(output=_read_text(said.output), model=said.model, usage=said.usage)
    client = litellm.main.openai_chat_completions._get_openai_client(  # the name all supported releases have
        is_async=True,
        api_key=call.get("api_key"),
        api_base=call.get("api_base"),
        timeout=call["timeout"],
        max_retries=0,  # litellm's own client would ask three times
    )
    found = await litellm.amoderation(
        model=call["model"],
        input=call["input"],
        api_key=call.get("api_key"),
        api_base=call.get("api_base"),
        client=client,
    )
    return Said(output=_read(found.model_dump()), model=getattr(found, "model", None) or None)


def _read_text(text: str) -> str:
    try:
        wire = json.loads(text)
    except ValueError as error:
        raise NotAnAnswer(f"it is no JSON: {error}") from error
    return _read(wire if isinstance(wire, Mapping) and "results" in wire else {"results": [wire]})


def _read(wire: Any) -> str:  # noqa: ANN401 - decoded JSON of anybody's
    """OpenAI's moderation object in our words. Raises NotAnAnswer."""
    results = wire.get("results") if isinstance(wire, Mapping) else None
    if not isinstance(results, list) or len(results) != 1 or not isinstance(results[0], Mapping):
        raise NotAnAnswer("there is no moderation result in it")
    flagged, categories = results[0].get("flagged"), results[0].get("categories")
    if not isinstance(flagged, bool) or not isinstance(categories, Mapping):
        raise NotAnAnswer("its moderation result does not say whether the text is flagged, and for what")
    scores = results[0].get("category_scores") or results[0].get("scores") or {}
    said = {
        "flagged": flagged,
        "categories": {_spelled(name): value for name, value in categories.items() if isinstance(value, bool)},
        "scores": {_spelled(name): float(value) for name, value in scores.items() if _is_number(value)},
    }
    return json.dumps(said, sort_keys=True, allow_nan=False)


def _spelled(name: str) -> str:
    return _SPELLED.get(name, name)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
