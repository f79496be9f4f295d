"""The ids of models, taken apart: who serves it, what it is called there, and what else the price map lists beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from promptctl.model.prompt import Json

Lookup = Callable[[str], Mapping[str, Json] | None]
Names = Callable[[str], Sequence[str]]

# Providers whose models are not in the price map because only their operator knows them.
PRIVATE = frozenset(
    {
        "azure", "azure_ai", "bedrock", "custom", "custom_openai", "hosted_vllm", "huggingface", "litellm_proxy",
        "llamafile", "lm_studio", "ollama", "ollama_chat", "openai_like", "openrouter", "replicate", "sagemaker",
        "sagemaker_chat", "scripted", "target", "vllm", "watsonx", "xinference",
    }
)  # fmt: skip

_BEDROCK = re.compile(
    r"(?:(?:us|eu|apac|ap|au|jp|ca|sa|global|us-gov)\.)?"
    r"(?:ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshot|moonshotai|nvidia|openai|qwen|"
    r"stability|twelvelabs|writer|zai)\.[a-z0-9]"
)
_BARE = (
    (re.compile(r"(?:gpt-|chatgpt-|o\d|ft:|text-embedding-|davinci|babbage)"), "openai"),
    (re.compile(r"claude-"), "anthropic"),
    (re.compile(r"(?:open-)?(?:mistral|mixtral|codestral|ministral|magistral|devstral|pixtral)"), "mistral"),
    (re.compile(r"gemini-"), "vertex_ai"),
    (re.compile(r"command-"), "cohere"),
    (re.compile(r"grok-"), "xai"),
)


@dataclass(frozen=True, slots=True)
class ModelId:
    """`provider/name` as it is written. provider: litellm's name, "" where nothing says; name: without the provider.

    family: the price map's name of the provider's shelf ("vertex_ai-anthropic_models"), else the provider.
    """

    written: str
    provider: str
    name: str
    family: str


def parse(written: str, lookup: Lookup) -> ModelId:
    """A model as litellm spells it, taken apart with the help of the price map."""
    entry = lookup(written)
    listed = str(entry.get("litellm_provider", "")) if entry else ""
    first, slash, rest = written.partition("/")
    bare = first if not slash else ""
    if bare or (listed and first not in {listed, listed.split("-", maxsplit=1)[0]} and not _known_prefix(first)):
        provider = listed.split("-", maxsplit=1)[0] if listed.startswith("vertex_ai") else listed
        name = written
        if not provider:
            provider = "bedrock" if _BEDROCK.match(written) else _guess(written)
    else:
        provider, name = first, rest
    if provider.startswith("bedrock"):
        provider = "bedrock"
    return ModelId(written, provider, name, listed or provider)


def siblings(model: ModelId, names: Names) -> Sequence[str]:
    """The names of all models on the same shelf of the price map, without their provider."""
    prefix = f"{model.provider}/"
    return [name.removeprefix(prefix) for name in names(model.family)]


def respelled(model: ModelId, name: str) -> str:
    """Another model of the same provider, spelled with or without the provider as this one is."""
    return model.written[: len(model.written) - len(model.name)] + name


def _known_prefix(first: str) -> bool:
    return first in PRIVATE


def _guess(written: str) -> str:
    return next((provider for pattern, provider in _BARE if pattern.match(written)), "")
