"""What a model takes: from the price map where it says so, and from what providers are known to refuse.

A flag that the map does not hold means "not known", and nothing is concluded from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from promptctl.model.prompt import Json

SAMPLING = (
    "temperature",
    "top_p",
    "top_k",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "logit_bias",
)
_DEFAULTS = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}
# platform.openai.com, "Reasoning": the o series and the GPT-5 family sample at their own settings while they reason.
_REASONING = re.compile(r"(?:^|/)(?:o\d|gpt-[5-9])(?!.*(?:-chat|-search))")
_NEVER_TAKEN = {
    # docs.claude.com, Messages API: no such fields; litellm refuses them before the request.
    "anthropic": ("seed", "n", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs"),
    "vertex_ai-anthropic_models": ("seed", "n", "frequency_penalty", "presence_penalty", "logit_bias", "logprobs"),
}


def refused_parameters(
    model: str, entry: Mapping[str, Json], parameters: Mapping[str, Json]
) -> Iterator[tuple[str, str]]:
    """The parameters among those given that the model refuses, each with the reason."""
    provider = str(entry.get("litellm_provider", ""))
    for name in _NEVER_TAKEN.get(provider, ()):
        if parameters.get(name) is not None:
            yield name, "its provider knows no such parameter"
    if entry.get("supports_sampling_params") is False:
        yield from _sampling(parameters, "it samples at its own settings")
    elif provider in {"openai", "azure"} and _REASONING.search(model) and _reasons(entry, parameters):
        yield from _sampling(parameters, "a model that reasons samples at its own settings")
    if parameters.get("reasoning_effort") not in (None, "none") and entry.get("supports_reasoning") is False:
        yield "reasoning_effort", "it does not reason"


def refuses_tools(entry: Mapping[str, Json]) -> bool:
    """Whether the map says that the model takes no tools."""
    return entry.get("supports_function_calling") is False


def refuses_schema(entry: Mapping[str, Json]) -> bool:
    """Whether the map says that the model takes no schema for its output."""
    return entry.get("supports_response_schema") is False


def _reasons(entry: Mapping[str, Json], parameters: Mapping[str, Json]) -> bool:
    effort = parameters.get("reasoning_effort")
    return (effort if effort is not None else entry.get("default_reasoning_effort")) != "none"


def _sampling(parameters: Mapping[str, Json], why: str) -> Iterator[tuple[str, str]]:
    for name in SAMPLING:
        value = parameters.get(name)
        if value is not None and value is not False and value != _DEFAULTS.get(name):
            yield name, why
